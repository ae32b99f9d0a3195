"""Long proofs of the archive engine, each a target of the Makefile; they print what they measured as a line of JSON.

    python tests/service/archive/proofs.py kills [--rows N] [--kills K] [--folder FOLDER] [--plain]
    python tests/service/archive/proofs.py hostile

`--plain` takes a scorer without weights, for what does not depend on them: memory, order, resuming.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zstandard

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from tests.service.archive.recombined import write_table  # noqa: E402

PLAIN = """
import sys
sys.path.insert(0, {root!r})
from service.commands import score as command
from service.cli import main
from tests.conftest import FakeScorer
if {plain}:
    command.open_on_device = lambda name, settings: FakeScorer()
main()
"""


def start(plain: bool, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Run `belowline score` in a process of its own."""
    code = PLAIN.format(root=str(ROOT), plain=plain)
    command = [sys.executable, "-c", code, "score", *arguments]
    return subprocess.Popen(command, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, **options)


def watch_memory(process: subprocess.Popen[str], seen: list[float]) -> threading.Thread:
    """Note the resident memory of a process in MB, twice a second, while it lives."""

    def watch() -> None:
        while process.poll() is None:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                return
            seen.extend(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))
            time.sleep(0.5)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def kills(folder: Path, rows: int, times: int, plain: bool, longest: float = 0.0) -> dict[str, Any]:
    """Kill a run at random moments, go on each time, and compare the output byte for byte."""
    if not (folder / "whole.csv.manifest.json").exists():
        write_table(folder / "in.jsonl", rows)
        start(plain, "in.jsonl", "-o", "whole.csv", "--quiet", "--resume", cwd=folder).communicate()
    seconds = json.loads((folder / "whole.csv.manifest.json").read_text())["summary"]["seconds"]
    numbers = random.Random(11)
    done, parts_there = 0, list[int]()
    while done < times:
        process = start(plain, "in.jsonl", "-o", "out.csv", "--quiet", "--resume", cwd=folder)
        try:
            process.communicate(timeout=numbers.uniform(0.5, longest or max(2.0, seconds / 3)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            done += 1
            parts_there.append(len(list((folder / "out.csv.parts").glob("part-*.parquet"))))
            continue
        (folder / "out.csv").unlink()  # it was through before it could be killed: begin anew
    start(plain, "in.jsonl", "-o", "out.csv", "--quiet", "--resume", cwd=folder).communicate()
    with (folder / "whole.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    return {
        "rows": rows,
        "kills": done,
        "parts_there_at_each_kill": parts_there,
        "kills_in_the_middle": sum(count > 0 for count in parts_there),  # the others came before a part was written
        "ids_right_and_in_order": ids == [f"g{number}" for number in range(rows)],
        "bytes_equal": (folder / "out.csv").read_bytes() == (folder / "whole.csv").read_bytes(),
        "leftovers": [path.name for path in folder.glob("*.parts")],
    }


def measured(folder: Path, name: str, feed: Callable[[], Iterator[bytes]] | None = None) -> dict[str, Any]:
    """Score one hostile input; return what the user sees and what it cost."""
    memory: list[float] = []
    started = time.perf_counter()
    stdin = subprocess.PIPE if feed else None
    process = start(True, "-" if feed else name, "-o", "out.csv", "--quiet", cwd=folder, stdin=stdin)
    watch_memory(process, memory)
    if feed and process.stdin:
        pump(process.stdin.buffer, feed())  # type: ignore[attr-defined]
        process.stdin = None
    _, errors = process.communicate()
    return {
        "input": name,
        "exit": process.returncode,
        "seconds": round(time.perf_counter() - started, 1),
        "memory_mb": round(max(memory)),
        "says": errors.strip()[:300],
    }


def pump(pipe: Any, pieces: Iterator[bytes]) -> None:
    """Feed a process that may hang up."""
    try:
        for piece in pieces:
            pipe.write(piece)
        pipe.close()
    except BrokenPipeError:
        pass


def one_text() -> Iterator[bytes]:
    """5 GB of JSON in one line, nearly all of it a single text."""
    yield b'{"comments": [{"commentHex": "a", "parentHex": "root", "commenterHex": "x", "markdown": "'
    yield from (b"words " * 170_000 for _ in range(5_000))
    yield b'"}]}'


def many_values() -> Iterator[bytes]:
    """5 GB of JSON in one line: three comments, and everything else in lists that no comment needs."""
    comment = (
        b'{"commentHex": "%d", "parentHex": "root", "commenterHex": "x", "domain": "d", "url": "/u", "markdown": "hi"}'
    )
    yield b'{"comments": [' + b",".join(comment % number for number in range(3)) + b'], "log": ['
    filler = b",".join(b'{"at": %d, "what": "%s"}' % (number, b"x" * 4_000) for number in range(256))
    yield filler
    yield from (b"," + filler for _ in range(4_800))
    yield b"]}"


def hostile(folder: Path) -> list[dict[str, Any]]:
    """Bombs, endless lines, cut-off archives, mixed encodings: handled, or refused in one sentence."""
    table = b"id,text\n" + b"".join(b'%d,"a line\nand another"\n' % number for number in range(20_000))
    cut = zstandard.ZstdCompressor().compress(table)
    files = {
        "bomb.csv.gz": gzip.compress(b"text\n" + b"a\n" * 300_000_000, 1),
        "bomb.csv.zst": zstandard.ZstdCompressor().compress(b"text\n" + b"a\n" * 300_000_000),
        "cut.csv.zst": cut[: len(cut) // 2],
        "cut.csv.gz": gzip.compress(table)[:20_000],
        "quoted.csv": table,
        "mixed.csv": b"text\n" + "Käse\n".encode() + "Käse\n".encode("latin-1") + b"plain\n",
        "bomb.zip": b"PK\x03\x04" + bytes(100),
    }
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    with (folder / "line.csv").open("wb") as file:
        file.write(b"text\ngood\n" + b"x" * 200_000_000 + b"\ngood\n")
    with (folder / "sparse.json").open("wb") as file:
        file.write(b'{"comments": [{"commentHex": "a", "markdown": "')
        file.truncate(5_000_000_000)
    with (folder / "heavy.jsonl").open("w", encoding="utf-8") as heavy:
        for number in range(300):
            row = {"text": "🙂" * 100_000, "article_title": f"Title {number}\n" + "🏛" * 200_000}
            heavy.write(json.dumps(row, ensure_ascii=False) + "\n")
    found = [measured(folder, name) for name in (*files, "line.csv", "sparse.json", "heavy.jsonl")]
    found.append(measured(folder, "5 GB, one text", one_text))
    found.append(measured(folder, "5 GB, one line", many_values))
    return [*found, full_disk(folder)]


def full_disk(folder: Path) -> dict[str, Any]:
    """Fill a small disk, make room, go on."""
    small = folder / "small"
    small.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], check=False).returncode
    ):
        return {"input": "full disk", "says": "skipped: may not mount"}
    try:
        write_table(folder / "in.jsonl", 60_000)
        first = start(True, "in.jsonl", "-o", "small/out.csv", "--quiet", cwd=folder)
        says = first.communicate()[1].strip()
        subprocess.run(["mount", "-o", "remount,size=200m", str(small)], check=True)
        again = start(True, "in.jsonl", "-o", "small/out.csv", "--quiet", "--resume", cwd=folder)
        again.communicate()
        start(True, "in.jsonl", "-o", "whole.csv", "--quiet", cwd=folder).communicate()
        same = (small / "out.csv").read_bytes() == (folder / "whole.csv").read_bytes()
        return {"input": "full disk", "exit": first.returncode, "says": says, "resumed_equal": same}
    finally:
        subprocess.run(["umount", str(small)], check=True)


def main() -> None:
    """Run one proof in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proof", choices=["kills", "hostile"])
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--longest", type=float, default=0.0, help="seconds before a kill; default: spread over a run")
    parser.add_argument("--folder", type=Path, help="keep everything here; an uninterrupted run that is there is used")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if options.proof == "kills":
            results = [kills(folder, options.rows or 50_000, options.kills, options.plain, options.longest)]
        else:
            results = hostile(folder)
    for result in results:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
