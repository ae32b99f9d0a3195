"""Score on Ray with one and with two workers of this machine, and once more while a worker is killed.

    python tests/service/archive/ray_proof.py [--rows N]

Prints rates, the efficiency of the second worker, and whether all three outputs are those of the local engine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from tests.service.archive.proofs import start  # noqa: E402
from tests.service.archive.recombined import write_table  # noqa: E402

READY = 10.0  # seconds after which the workers have begun to score


def workers_of(root: int) -> list[int]:
    """The processes below `root` that are Ray's scoring actors."""
    parents = {int(stat.split()[0]): int(stat.rsplit(")", 1)[1].split()[1]) for stat in _stats()}
    return [pid for pid in parents if _below(pid, root, parents) and "ray::MapWorker" in _title(pid)]


def _stats() -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found.append((folder / "stat").read_text())
        except OSError:
            continue
    return found


def _below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid > 1 and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def kill_one(process: subprocess.Popen[str], killed: list[int]) -> None:
    """Kill the first scoring actor that has been at work for a while."""
    while process.poll() is None and not workers_of(process.pid):
        time.sleep(0.5)
    time.sleep(READY)
    if process.poll() is None and (found := workers_of(process.pid)):
        os.kill(found[0], signal.SIGKILL)
        killed.append(found[0])


def scored(folder: Path, name: str, *options: str, kill: bool = False) -> dict[str, Any]:
    """Run once; return the time that scoring took, without the start of program and cluster, and a digest."""
    killed: list[int] = []
    process = start(False, "in.jsonl", "-o", name, "--quiet", *options, cwd=folder)
    if kill:
        threading.Thread(target=kill_one, args=(process, killed), daemon=True).start()
    _, errors = process.communicate()
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest() if (folder / name).exists() else None
    manifest = folder / f"{name}.manifest.json"
    seconds = json.loads(manifest.read_text())["summary"]["seconds"] if manifest.exists() else None
    return {"exit": process.returncode, "seconds": seconds, "digest": digest, "killed": len(killed), "says": errors}


def prove(folder: Path, rows: int) -> dict[str, Any]:
    """All runs over the same comments."""
    write_table(folder / "in.jsonl", rows)
    local = scored(folder, "local.jsonl")
    one = scored(folder, "one.jsonl", "--engine", "ray", "--workers", "1")
    two = scored(folder, "two.jsonl", "--engine", "ray", "--workers", "2")
    killed = scored(folder, "killed.jsonl", "--engine", "ray", "--workers", "2", kill=True)
    return {
        "rows": rows,
        "local_rate": round(rows / local["seconds"]),
        "one_worker_rate": round(rows / one["seconds"]),
        "two_workers_rate": round(rows / two["seconds"]),
        "efficiency": round(one["seconds"] / two["seconds"] / 2, 3),
        "same_rows_one": one["digest"] == local["digest"],
        "same_rows_two": two["digest"] == local["digest"],
        "workers_killed": killed["killed"],
        "same_rows_killed": killed["digest"] == local["digest"],
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Prove it in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=12_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sys.stdout.write(json.dumps(prove(Path(name), options.rows)) + "\n")


if __name__ == "__main__":
    main()
