"""Score a million comments end to end and note how much memory that takes and how fast it is.

    python tests/service/archive/million.py [--rows N] [--folder FOLDER] [--record FILE.json] [--plain] [--so-far]

Every few minutes the run is halted and the bare scorer works on the next comments of the same file for a while, so that
both rates are measured on the machine as it is at that time, however busy. Time in which everything was suspended is
not counted. With `--folder` a proof that was itself interrupted goes on where it was. `--plain` takes a scorer without
weights, for what does not depend on them: memory and order. `--so-far` tells what a proof that is still running, or was
interrupted, has shown in its folder.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from model.scores import Scorer  # noqa: E402
from service.archive.models import open_scorer  # noqa: E402
from service.archive.reading import Row, read_items  # noqa: E402
from service.archive.scoring import ManyScorer  # noqa: E402
from service.settings import read_settings  # noqa: E402
from tests.conftest import FakeScorer  # noqa: E402
from tests.service.archive.proofs import start  # noqa: E402
from tests.service.archive.recombined import recombined, write_table  # noqa: E402

LIMIT_MB = 700
TICK = 1.0  # seconds between looks at the memory
SUSPENDED = 5.0  # a tick that took longer was a machine or a group of processes at rest
BARE_EVERY = 180.0  # seconds of the run between two measurements of the bare scorer
BARE_ROWS = 3_000  # of each
CURVE = 200  # points of the curve that are kept


@dataclass(slots=True)
class Record:
    """What was seen so far; written to a file at every step, so that an interrupted proof goes on from it."""

    seconds: float = 0.0  # of the run, halts not counted
    processor: float = 0.0  # seconds of processor time of the run
    bare: list[tuple[float, float, float]] = field(
        default_factory=list
    )  # at, comments per second, per processor second
    memory: list[tuple[float, float]] = field(default_factory=list)  # at, MB
    starts: int = 0


def resident(process: int) -> float:
    """The memory of a process in MB."""
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


class Bare:
    """The scorer alone on comments of the same file, each under its article; articles have been read before."""

    def __init__(self, scorer: Scorer, table: Path) -> None:
        self.scorer = scorer
        self.rows = (item for item in read_items([str(table)]) if isinstance(item, Row))
        articles = {item.article for item in islice(read_items([str(table)]), 10_000) if isinstance(item, Row)}
        for article in articles:
            scorer.score([next(self.rows).comment], article)

    def rate(self) -> tuple[float, float]:
        """Comments per second, and per second of processor time."""
        pairs = [(row.comment, row.article) for row in islice(self.rows, BARE_ROWS)]
        started, worked = time.perf_counter(), time.process_time()
        if isinstance(self.scorer, ManyScorer):
            self.scorer.score_many(pairs)
        else:
            self.scorer.score([comment for comment, _ in pairs], pairs[0][1])
        return len(pairs) / (time.perf_counter() - started), len(pairs) / (time.process_time() - worked)


def follow(process: subprocess.Popen[str], record: Record, bare: Bare, keep: Path) -> None:
    """Watch the run to its end: its memory, its time, and in between the bare scorer's rate."""
    before, due = time.perf_counter(), record.seconds + BARE_EVERY / 3
    while process.poll() is None:
        time.sleep(TICK)
        now = time.perf_counter()
        record.seconds += now - before if now - before < SUSPENDED else 0.0
        before = now
        try:
            record.memory.append((round(record.seconds, 1), round(resident(process.pid), 1)))
        except (OSError, StopIteration):
            continue
        if record.seconds >= due:
            process.send_signal(signal.SIGSTOP)
            record.bare.append((round(record.seconds, 1), *bare.rate()))
            process.send_signal(signal.SIGCONT)
            before, due = time.perf_counter(), record.seconds + BARE_EVERY
            keep.write_text(json.dumps(asdict(record)))


def prove(folder: Path, rows: int, plain: bool) -> dict[str, Any]:
    """Run once, or go on with a run that was interrupted, and say what came of it."""
    table, out, keep = folder / "in.jsonl", folder / "out.jsonl", folder / "record.json"
    if not table.exists():
        write_table(table, rows)
    record = Record(**json.loads(keep.read_text())) if keep.exists() else Record()
    record.starts += 1
    scorer: Scorer = FakeScorer() if plain else open_scorer(None, read_settings())
    bare = Bare(scorer, table)
    record.bare.append((record.seconds, *bare.rate()))
    process = start(plain, "in.jsonl", "-o", "out.jsonl", "--quiet", "--resume", cwd=folder)
    follow(process, record, bare, keep)
    _, errors = process.communicate()
    if process.returncode:
        raise SystemExit(errors.strip())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    record.processor += used.ru_utime + used.ru_stime
    return {"rows": rows, **results(record, rows), **checked(out, rows)}


def so_far(folder: Path) -> dict[str, Any]:
    """What an unfinished proof has shown: its memory and rates until they were last noted, and its rows in order."""
    record = Record(**json.loads((folder / "record.json").read_text()))
    parts = sorted((folder / "out.jsonl.parts").glob("part-*.parquet"))
    wanted, rows, right = recombined(1_000_000), 0, True
    for part in parts:
        for found in pq.read_table(part, columns=["id", "text", "toxicity"]).to_pylist():
            row = next(wanted)
            right &= (found["id"], found["text"]) == (row["id"], row["text"])
            rows += 1
    noted = sum(part.stat().st_mtime <= (folder / "record.json").stat().st_mtime for part in parts)
    return {"rows": rows, "right_and_in_order": right, **results(record, rows * noted // len(parts))}


def checked(out: Path, rows: int) -> dict[str, Any]:
    """Whether every row is there, in order, with its text and scores."""
    wanted, count, right = recombined(rows), 0, True
    with out.open(encoding="utf-8") as file:
        for line, row in zip(file, wanted, strict=False):
            found = json.loads(line)
            right &= (found["id"], found["text"]) == (row["id"], row["text"]) and found["recommendation"] is not None
            count += 1
        right &= next(file, None) is None
    return {"rows_out": count, "right_and_in_order": right and count == rows}


def results(record: Record, rows: int) -> dict[str, Any]:
    """The figures that are published."""
    bare = sum(rate for _, rate, _ in record.bare) / len(record.bare)
    bare_work = sum(work for _, _, work in record.bare) / len(record.bare)
    memory = [used for _, used in record.memory]
    tenths = [memory[len(memory) * tenth // 10 : len(memory) * (tenth + 1) // 10] or memory for tenth in range(10)]
    return {
        "starts": record.starts,
        "distinct_share": round(distinct(rows) / rows, 3),
        "seconds": round(record.seconds),
        "rate": round(rows / record.seconds),
        "bare_rate": round(bare),
        "bare_rates": [round(rate) for _, rate, _ in record.bare],
        "share_of_bare": round(rows / record.seconds / bare, 3),
        "share_of_processor_time": round(rows / record.processor / bare_work, 3) if record.processor else None,
        "memory_mb_first_minute": round(max(used for at, used in record.memory if at <= 60)),
        "memory_mb_most": round(max(memory)),
        "memory_mb_most_per_tenth": [round(max(tenth)) for tenth in tenths],
        "memory_within_limit": max(memory) < LIMIT_MB,
        "load": os.getloadavg()[2],
        "curve": list(thinned(record.memory)),
    }


def distinct(rows: int) -> int:
    """How many different texts under different articles there are, which is what must really be scored."""
    return len({hash((row["article_title"], row["text"])) for row in recombined(rows)})


def thinned(curve: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The highest point of each stretch of the curve."""
    step = max(1, len(curve) // CURVE)
    for first in range(0, len(curve), step):
        yield max(curve[first : first + step], key=lambda point: point[1])


def main() -> None:
    """Prove it in a folder of its own, or in one that stays."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep everything here and go on from it")
    parser.add_argument("--record", type=Path, help="write the result here as well")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--so-far", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        result = so_far(folder) if options.so_far else prove(folder, options.rows, options.plain)
    if options.record:
        options.record.write_text(json.dumps(result) + "\n")
    sys.stdout.write(json.dumps({name: value for name, value in result.items() if name != "curve"}) + "\n")


if __name__ == "__main__":
    main()
