"""The jobs behind `belowline score` on this machine: into an output, or onto the terminal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import click

from data.tables.columns import Columns
from model.scores import Scorer
from service.archive.identity import run_identity
from service.archive.models import cores
from service.archive.parts import Output, Parts, check_finished, finished, unfinished
from service.archive.progress import Display, Meter, counted, summary_line
from service.archive.reading import read_items
from service.archive.run import Hooks, Summary, finish, finish_partitioned, finish_rejects, score_into, scored_parts
from service.archive.scoring import RowScorer
from service.archive.swapping import UNFINISHED, check_folder, settle
from service.archive.terminal import Printer, print_legend, print_rows
from service.archive.writing import OutputError, refused_by_disk
from service.policy import Policy

PRINTED_AT_ONCE = 200  # comments in one table on the terminal
STOPPED = 130  # the exit code of a run that Ctrl-C ended
ONLY_ONCE = "Standard input cannot be read again, so a run over it cannot be resumed"


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
    """Refuse early what would fail after hours, or would take away what no run wrote."""
    with refused_by_disk(output.path):
        settle(output)
        _check_unfinished(output, request)
        _check_place(output, request)


def _check_unfinished(output: Output, request: Request) -> None:
    if unfinished(output) and not request.resume:
        way = "it read standard input, so" if "-" in request.inputs else "go on with it by --resume, or"
        raise OutputError(f"An unfinished run left {output.parts}: {way} delete that folder to start anew.")
    if request.resume and "-" in request.inputs:
        raise OutputError(f"{ONLY_ONCE}; use a file.")


def _check_place(output: Output, request: Request) -> None:
    if not output.path.parent.is_dir():
        raise OutputError(f"{output.path}: the folder {output.path.parent} does not exist.")
    if output.path.exists() and output.path.is_dir() != request.partitioned:
        raise OutputError(f"{output.path} is there already and is not what would be written in its place.")
    if taken := [name for name in request.inputs if Path(name).exists() and output.owns(name)]:
        raise OutputError(f"{taken[0]} is an input of this run, so {output.path} cannot be its output.")
    if request.partitioned:
        check_folder(output.path)
        check_folder(output.aside)
    if not unfinished(output):
        check_folder(output.parts, UNFINISHED)


def _row_scorer(request: Request, scorer: Scorer) -> RowScorer:
    return RowScorer(scorer, request.attributes, callers=cores())


def print_scores(request: Request, scorer: Scorer) -> int:
    """Print tables as the scores come; return the number of inputs that could not be read."""
    console = Printer(highlight=False)
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
        display.tell(f"{counted(rejected, 'row')} could not be read; with -o they go to a file of rejects.")
    return bad


def write_scores(request: Request, output: Output, scorer: Scorer) -> int:
    """Score into an output on this machine; return the number of inputs that could not be read."""
    identity = run_identity(request.inputs, options_of(request), scorer.version)
    if done_before(request, output, identity):
        return 0
    meter = Meter(request.inputs)
    with closing(taken_up(request, output, identity)) as parts:
        with Display(meter, quiet=request.quiet) as display, interruptible() as stop:
            items = meter.counting(read_items(request.inputs, request.columns, meter.watch))
            hooks = Hooks(done=display.done, tell=display.tell, stop=stop)
            summary = score_into(parts, items, _row_scorer(request, scorer), Policy(), hooks)
        return end(request, output, parts, summary, identity)


def done_before(request: Request, output: Output, identity: dict[str, Any]) -> bool:
    """Whether a run that is to be resumed was finished; raise `OutputError` when it was another one."""
    if not request.resume or unfinished(output) or (before := finished(output)) is None:
        return False
    check_finished(before, identity, output.path)
    return True


def taken_up(request: Request, output: Output, identity: dict[str, Any]) -> Parts:
    """Return the folder of parts to go on with, or a new one."""
    take_up = Parts.resume if request.resume and unfinished(output) else Parts.start
    return take_up(output.parts, identity)


def end(request: Request, output: Output, parts: Parts, summary: Summary, identity: dict[str, Any]) -> int:
    """Put the output together, unless the run was stopped or had nothing to read."""
    if summary.stopped:
        again = f"delete {output.parts} to start anew. {ONLY_ONCE}."
        how = again if "-" in request.inputs else "go on with the same command and --resume."
        click.echo(f"Stopped after {summary.rows:,} comments; {how}", err=True)
        raise click.exceptions.Exit(STOPPED)
    if summary.bad_inputs and not summary.rows and summary.bad_inputs >= len(request.inputs):
        finish_rejects(output.rejects, parts.rejects(summary.parts))
        parts.remove()
        return summary.bad_inputs
    (finish_partitioned if request.partitioned else finish)(output, parts, summary, identity)
    if not request.quiet:
        click.echo(summary_line(summary.rows, summary.seconds, summary.rejected, str(output.path)), err=True)
    return summary.bad_inputs


def options_of(request: Request, engine: str = "local") -> dict[str, Any]:
    """What the result depends on besides inputs and model."""
    columns = request.columns
    return {
        "columns": [columns.text, columns.id, columns.article, columns.parent],
        "attributes": list(request.attributes),
        "thresholds": dict(Policy().thresholds),
        "partitioned": request.partitioned,
        "engine": engine,
    }


@contextmanager
def interruptible() -> Iterator[Event]:
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
