"""The jobs behind `belowline score`: into an output, on this machine or on a cluster, or onto the terminal."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import click
from rich.console import Console

from data.tables.rows import Columns
from model.scores import Scorer
from service.archive.cluster import Cluster, Load, scored_items, version_there, write_partitioned
from service.archive.identity import run_identity
from service.archive.models import cores
from service.archive.parts import Output, Parts, check_same, finished, unfinished
from service.archive.pipeline import Part
from service.archive.progress import Display, Meter, summary_line
from service.archive.reading import read_items
from service.archive.run import Hooks, Summary, count_part, finish, finish_partitioned, score_into, scored_parts
from service.archive.scoring import RowScorer
from service.archive.terminal import print_legend, print_rows
from service.archive.writing import OutputError
from service.policy import Policy

PRINTED_AT_ONCE = 200  # comments in one table on the terminal
SHOWN_REJECTS = 20  # of an output that has no file for them
STOPPED = 130  # the exit code of a run that Ctrl-C ended


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    inputs: Sequence[str]
    columns: Columns
    attributes: Sequence[str]
    resume: bool
    partitioned: bool
    quiet: bool


def check_output(output: Output, request: Request) -> None:
    """Refuse early what would fail after hours."""
    if unfinished(output) and not request.resume:
        raise OutputError(
            f"An unfinished run left {output.parts}: go on with it by --resume, or delete that folder to start anew."
        )
    if not output.path.parent.is_dir():
        raise OutputError(f"{output.path}: the folder {output.path.parent} does not exist.")
    if output.path.exists() and output.path.is_dir() != request.partitioned:
        raise OutputError(f"{output.path} is there already and is not what would be written in its place.")
    if any(Path(name).exists() and Path(name).resolve() == output.path.resolve() for name in request.inputs):
        raise OutputError(f"{output.path} is an input of this run and cannot be its output as well.")
    if request.resume and "-" in request.inputs:
        raise OutputError("Standard input cannot be read again, so a run over it cannot be resumed; use a file.")


def _row_scorer(request: Request, scorer: Scorer) -> RowScorer:
    return RowScorer(scorer, request.attributes, callers=cores())


def print_scores(request: Request, scorer: Scorer) -> int:
    """Print tables as the scores come; return the number of inputs that could not be read."""
    console = Console(highlight=False)
    meter = Meter(request.inputs)
    rows = reviewed = bad = rejected = told = 0
    with Display(meter, quiet=request.quiet) as display:
        hooks = Hooks(done=display.done, tell=display.tell)
        items = meter.counting(read_items(request.inputs, request.columns, meter.watch))
        for part, scored in scored_parts(items, _row_scorer(request, scorer), Policy(), hooks, PRINTED_AT_ONCE):
            display.pause()
            print_rows(console, scored)
            for sentence in part.sentences:
                display.tell(sentence)
            told += len(part.sentences)
            rows, bad, rejected = rows + len(scored), bad + len(part.bad_inputs), rejected + len(part.rejects)
            reviewed += sum(row["recommendation"] == "review" for row in scored)
    if not rows and not told:
        display.tell("No comments were found.")
    if rows:
        print_legend(console, rows, reviewed, scorer.version)
    if rejected:
        display.tell(f"{rejected:,} rows could not be read; with -o they are written beside the output.")
    return bad


def write_scores(request: Request, output: Output, scorer: Scorer) -> int:
    """Score into an output on this machine; return the number of inputs that could not be read."""
    identity = run_identity(request.inputs, _options(request), scorer.version)
    if request.resume and not unfinished(output) and (before := finished(output)) is not None:
        check_same(before, identity, output.path)
        return 0
    take_up = Parts.resume if request.resume and unfinished(output) else Parts.start
    parts = take_up(output.parts, identity)
    meter = Meter(request.inputs)
    with Display(meter, quiet=request.quiet) as display, _interruptible() as stop:
        items = meter.counting(read_items(request.inputs, request.columns, meter.watch))
        hooks = Hooks(done=display.done, tell=display.tell, stop=stop)
        summary = score_into(parts, items, _row_scorer(request, scorer), Policy(), hooks)
    return _end(request, output, parts, summary, identity)


def write_on_ray(request: Request, output: Output, load: Load, cluster: Cluster) -> int:
    """The same on a cluster; a run that was interrupted there starts anew."""
    if request.resume:
        raise OutputError("The engine ray does not resume: Ray itself repeats what a lost worker was doing.")
    identity = run_identity(request.inputs, _options(request), version_there(load, cluster))
    parts = Parts.start(output.parts, identity)
    meter, summary, started = Meter(request.inputs), Summary(), time.monotonic()
    with Display(meter, quiet=request.quiet) as display:
        hooks = Hooks(done=display.done, tell=display.tell)
        for part, rows in scored_items(request.inputs, request.columns, load, request.attributes, cluster):
            count_part(summary, part, hooks, rows=len(rows))
            hooks.done(len(rows))
            parts.write(part.number, rows, part.rejects, (len(part.items), ""))
    summary.seconds = time.monotonic() - started
    return _end(request, output, parts, summary, identity)


def write_to_storage(request: Request, target: str, load: Load, cluster: Cluster) -> int:
    """Score on a cluster into object storage; return the number of inputs that could not be read."""
    others = write_partitioned(request.inputs, request.columns, load, request.attributes, cluster, target)
    part = Part(0, others)
    for sentence in part.sentences:
        click.echo(sentence, err=True)
    for rejected in part.rejects[:SHOWN_REJECTS]:
        click.echo(f"{rejected.source}: line {rejected.reject.line} {rejected.reject.reason}.", err=True)
    if not request.quiet:
        click.echo(f"{target}: done, {len(part.rejects):,} rows could not be read.", err=True)
    return len(part.bad_inputs)


def _end(request: Request, output: Output, parts: Parts, summary: Summary, identity: dict[str, Any]) -> int:
    """Put the output together, unless the run was stopped or had nothing to read."""
    if summary.stopped:
        click.echo(f"Stopped after {summary.rows:,} comments; go on with the same command and --resume.", err=True)
        raise click.exceptions.Exit(STOPPED)
    if summary.bad_inputs and not summary.rows and summary.bad_inputs >= len(request.inputs):
        parts.remove()
        return summary.bad_inputs
    (finish_partitioned if request.partitioned else finish)(output, parts, summary, identity)
    if not request.quiet:
        click.echo(summary_line(summary.rows, summary.seconds, summary.rejected, str(output.path)), err=True)
    return summary.bad_inputs


def _options(request: Request) -> dict[str, Any]:
    """What the result depends on besides inputs and model."""
    columns = request.columns
    return {
        "columns": [columns.text, columns.id, columns.article, columns.parent],
        "attributes": list(request.attributes),
        "thresholds": dict(Policy().thresholds),
        "partitioned": request.partitioned,
    }


@contextmanager
def _interruptible() -> Iterator[Event]:
    """The first Ctrl-C asks to stop after the part in work, the second stops at once."""
    stop = Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.stderr.write("\nStopping after the part in work (some seconds); press Ctrl-C again to stop at once.\n")

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
