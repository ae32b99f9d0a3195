"""One run over an archive: reading, scoring and writing overlap; what is done stays done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from model.scores import CommentScores
from service.archive.columns import scored_row
from service.archive.identity import items_digest
from service.archive.parts import Output, Parts
from service.archive.pipeline import PART_ITEMS, Part, ahead, cut
from service.archive.reading import Item
from service.archive.scoring import Pending, RowScorer
from service.archive.swapping import swap_in, tidy
from service.archive.writing import OutputError, json_line, output_format, refused_by_disk, replaced, row_writer
from service.policy import Policy


@dataclass(slots=True)
class Summary:
    """What a run did; `stopped` when it was asked to end early."""

    rows: int = 0
    rejected: int = 0
    bad_inputs: int = 0
    parts: int = 0
    seconds: float = 0.0
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a run tells what (comments done, sentences for the user), and who may stop it."""

    done: Callable[[int], None] = lambda rows: None
    tell: Callable[[str], None] = lambda sentence: None
    stop: threading.Event = field(default_factory=threading.Event)


def scored_parts(
    items: Iterable[Item], scorer: RowScorer, policy: Policy, hooks: Hooks, size: int = PART_ITEMS
) -> Iterator[tuple[Part, list[dict[str, Any]]]]:
    """Yield each part with its output rows; nothing is stored."""
    for part in ahead(cut(items, size)):
        yield part, scored_rows(part, scorer.score(part.rows, hooks.done), policy, scorer.version)
        if hooks.stop.is_set():
            return


def scored_rows(part: Part, scores: Sequence[CommentScores], policy: Policy, version: str) -> list[dict[str, Any]]:
    """Return the output rows of one part."""
    return [scored_row(row, found, policy, version) for row, found in zip(part.rows, scores, strict=True)]


def score_into(
    parts: Parts, items: Iterable[Item], scorer: RowScorer, policy: Policy, hooks: Hooks, size: int = PART_ITEMS
) -> Summary:
    """Score and store every part that is not stored yet; end early, after a whole part, when asked to.

    While a part is scored the next one is read and queued, and the last one is written.
    """
    summary, started = Summary(), time.monotonic()
    with ThreadPoolExecutor(1, "writer") as pool, closing(scorer):
        work = _Work(parts, scorer, policy, hooks, summary, pool)
        begun: _Begun | None = None
        for part in ahead(_marked(cut(items, size), parts)):
            following = part, None if part.stored else scorer.begin(part.rows)
            work.end(begun)
            if begun is not None and hooks.stop.is_set():
                summary.stopped, begun = True, None
                break
            begun = following
        work.end(begun)
        work.wait()
    summary.seconds = time.monotonic() - started
    return summary


_Begun = tuple[Part, Pending | None]  # a part, and its scores to come unless it is stored already


@dataclass(slots=True)
class _Work:
    """What a run does with each part when its scores are there."""

    parts: Parts
    scorer: RowScorer
    policy: Policy
    hooks: Hooks
    summary: Summary
    pool: ThreadPoolExecutor
    writing: Future[None] | None = None

    def end(self, begun: _Begun | None) -> None:
        """Wait for the scores of a part and let it be written."""
        if begun is None:
            return
        part, pending = begun
        count_part(self.summary, part, self.hooks, rows=len(part.rows))
        if pending is not None:
            scores = pending.scores(self.hooks.done)
            self.wait()
            self.writing = self.pool.submit(self._store, part, scores)

    def wait(self) -> None:
        """Wait for the part that is being written."""
        if self.writing is not None:
            self.writing.result()

    def _store(self, part: Part, scores: Sequence[CommentScores]) -> None:
        rows = scored_rows(part, scores, self.policy, self.scorer.version)
        self.parts.write(part.number, rows, part.rejects, (len(part.items), items_digest(part.items)))


def _marked(cuts: Iterator[Part], parts: Parts) -> Iterator[Part]:
    """Mark the parts that an earlier run stored, after checking that they were made from the same items."""
    for part in cuts:
        if not parts.has(part.number):
            yield part
            continue
        count, digest = parts.facts(part.number)
        if (count, digest) != (len(part.items), items_digest(part.items)):
            raise OutputError(
                f"The input has changed since the run that left {parts.folder}; "
                f"delete {parts.folder} and run again without --resume."
            )
        yield replace(part, stored=True)


def count_part(summary: Summary, part: Part, hooks: Hooks, *, rows: int) -> None:
    """Count a part and tell the user of the inputs in it that could not be read."""
    summary.parts = part.number + 1
    summary.rows += rows
    summary.rejected += len(part.rejects)
    summary.bad_inputs += len(part.bad_inputs)
    for sentence in part.sentences:
        hooks.tell(sentence)
    if part.stored:
        hooks.done(rows)


def finish(output: Output, parts: Parts, summary: Summary, identity: Mapping[str, Any]) -> None:
    """Put the parts together as the output, beside it the rejects and the manifest, and remove them."""
    with replaced(output.path) as stream:
        writer = row_writer(stream, output_format(output.path.name) or "jsonl")
        for path in parts.tables(summary.parts):
            for batch in pq.ParquetFile(path).iter_batches(batch_size=2048):
                writer.write_batch(batch)
        writer.close()
    finish_rejects(output.rejects, parts.rejects(summary.parts))
    _finish_manifest(output.manifest, summary, identity)
    parts.remove()


def finish_partitioned(output: Output, parts: Parts, summary: Summary, identity: Mapping[str, Any]) -> None:
    """Turn the folder of parts into the output, a folder of Parquet files in order, with rejects and manifest."""
    with refused_by_disk(output.path):
        finish_rejects(output.rejects, parts.rejects(summary.parts))
        swap_in(output)
        _finish_manifest(output.manifest, summary, identity)
        tidy(output)
    parts.close()


def _finish_manifest(target: Path, summary: Summary, identity: Mapping[str, Any]) -> None:
    with replaced(target) as stream:
        stream.write(json_line({"run": dict(identity), "summary": asdict(summary)}))


def finish_rejects(target: Path, found: list[Path]) -> None:
    """Join the rejects of all parts; a file of an earlier run does not stay where there are none."""
    if not found:
        target.unlink(missing_ok=True)
        return
    with replaced(target) as stream:
        for path in found:
            stream.write(path.read_bytes())
