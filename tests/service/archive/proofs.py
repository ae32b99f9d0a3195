"""Long proofs of the archive engine, each a target of the Makefile; they print what they measured as a line of JSON.

    python tests/service/archive/proofs.py million [--rows N] [--plain]
    python tests/service/archive/proofs.py kills [--rows N] [--kills K] [--plain]
    python tests/service/archive/proofs.py hostile

`--plain` takes a scorer without weights, for what does not depend on them: memory, order, resuming.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
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

from data.records import Comment  # noqa: E402
from model.scores import Scorer  # noqa: E402
from service.archive.models import open_scorer  # noqa: E402
from service.archive.reading import article_of  # noqa: E402
from service.settings import read_settings  # noqa: E402
from tests.conftest import FakeScorer  # noqa: E402

PLAIN = """
import sys
sys.path.insert(0, {root!r})
from service.commands import score as command
from service.cli import main
from tests.conftest import FakeScorer
if {plain}:
    command.open_scorer = lambda name, settings: FakeScorer()
main()
"""
LIMIT_MB = 700
BARE_ROWS = 2_000  # twice, before and after


def recombined(rows: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Yield comments made of sentences of the project's own discussions, fifty under each article in turn."""
    numbers = random.Random(seed)
    lines = (ROOT / "data/demo/discussions.jsonl").read_text(encoding="utf-8").splitlines()
    discussions = [json.loads(line) for line in lines]
    sentences = [
        piece for found in discussions for comment in found["comments"] for piece in comment["text"].split(". ")
    ]
    for number in range(rows):
        about = discussions[number // 50 % len(discussions)]
        year, month, day = 2020 + 5 * number // rows, numbers.randint(1, 12), numbers.randint(1, 28)
        yield {
            "id": f"g{number}",
            "published": f"{year}-{month:02d}-{day:02d}T12:00:00Z",
            "text": ". ".join(numbers.choices(sentences, k=numbers.randint(1, 3))),
            "article_title": "\n".join([about["title"], *about["paragraphs"]]),
        }


def write_table(path: Path, rows: int) -> None:
    """Write recombined comments as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        for row in recombined(rows):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


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


def bare_rate(scorer: Scorer) -> tuple[float, float]:
    """Comments per second, and per second of processor time, of the scorer alone on comments grouped as on a page."""
    rows = list(recombined(BARE_ROWS))
    started, worked = time.perf_counter(), time.process_time()
    for first in range(0, BARE_ROWS, 50):
        some = rows[first : first + 50]
        scorer.score([Comment(row["id"], row["text"]) for row in some], article_of(some[0]["article_title"]))
    return BARE_ROWS / (time.perf_counter() - started), BARE_ROWS / (time.process_time() - worked)


def million(folder: Path, rows: int, plain: bool) -> dict[str, Any]:
    """Score so many comments end to end: memory, rate against the bare scorer, number and order of rows."""
    write_table(folder / "in.jsonl", rows)
    scorer: Scorer = FakeScorer() if plain else open_scorer(None, read_settings())
    before, per_work = bare_rate(scorer)
    memory: list[float] = []
    started = time.perf_counter()
    process = start(plain, "in.jsonl", "-o", "out.jsonl", "--quiet", cwd=folder)
    watch_memory(process, memory)
    _, errors = process.communicate()
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    bare = (before + bare_rate(scorer)[0]) / 2
    with (folder / "out.jsonl").open(encoding="utf-8") as file:
        in_order = all(json.loads(line)["id"] == f"g{number}" for number, line in enumerate(file))
    count = sum(1 for _ in (folder / "out.jsonl").open("rb"))
    early = memory[len(memory) // 10 : len(memory) // 5] or memory
    return {
        "rows": count,
        "right": count == rows and in_order and not errors,
        "seconds": round(seconds, 1),
        "rate": round(rows / seconds),
        "bare_rate": round(bare),
        "share_of_bare": round(rows / seconds / bare, 3),
        "share_of_processor_time": round(rows / (used.ru_utime + used.ru_stime) / per_work, 3),
        "memory_mb_early": round(max(early)),
        "memory_mb_most": round(max(memory)),
        "memory_within_limit": max(memory) < LIMIT_MB,
    }


def kills(folder: Path, rows: int, times: int, plain: bool) -> dict[str, Any]:
    """Kill a run at random moments, go on each time, and compare the output byte for byte."""
    write_table(folder / "in.jsonl", rows)
    started = time.perf_counter()
    whole = start(plain, "in.jsonl", "-o", "whole.csv", "--quiet", cwd=folder)
    whole.communicate()
    seconds = time.perf_counter() - started
    numbers = random.Random(11)
    done = 0
    while done < times:
        process = start(plain, "in.jsonl", "-o", "out.csv", "--quiet", "--resume", cwd=folder)
        try:
            process.communicate(timeout=numbers.uniform(0.5, max(2.0, 2 * seconds / times)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            done += 1
            continue
        (folder / "out.csv").unlink()  # it was through before it could be killed: begin anew
    start(plain, "in.jsonl", "-o", "out.csv", "--quiet", "--resume", cwd=folder).communicate()
    same = (folder / "out.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    return {"rows": rows, "kills": done, "bytes_equal": same, "leftovers": [p.name for p in folder.glob("*.parts")]}


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
    found = [measured(folder, name) for name in (*files, "line.csv", "sparse.json")]
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
    parser.add_argument("proof", choices=["million", "kills", "hostile"])
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.proof == "million":
            results = [million(folder, options.rows or 1_000_000, options.plain)]
        elif options.proof == "kills":
            results = [kills(folder, options.rows or 50_000, options.kills, options.plain)]
        else:
            results = hostile(folder)
    for result in results:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
