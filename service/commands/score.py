"""`belowline score`: pages, exports and tables of any size to one scored row per comment."""

from __future__ import annotations

import signal
import sys
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
from model.scores import ATTRIBUTES, Scorer, ScorerError
from service.archive.identity import run_identity
from service.archive.models import cores, open_scorer
from service.archive.parts import Output, Parts, check_same, finished, unfinished
from service.archive.progress import Display, Meter, summary_line
from service.archive.reading import expanded, read_items
from service.archive.run import Hooks, Summary, finish, finish_partitioned, score_into, scored_parts
from service.archive.scoring import RowScorer
from service.archive.terminal import print_legend, print_rows
from service.archive.writing import OutputError, output_format
from service.policy import Policy
from service.settings import SettingsError, read_settings

PRINTED_AT_ONCE = 200  # comments in one table on the terminal


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    inputs: Sequence[str]
    columns: Columns
    attributes: Sequence[str]
    resume: bool
    partitioned: bool
    quiet: bool


def _attributes(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",")) if value else ATTRIBUTES
    if unknown := [name for name in names if name not in ATTRIBUTES]:
        raise click.BadParameter(f'there is no attribute "{unknown[0]}"; there are {", ".join(ATTRIBUTES)}.')
    return names


def _output(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Output | None:
    if value is None:
        return None
    if not ctx.params.get("partitioned") and output_format(value) is None:
        raise click.BadParameter(f"{value} must end in .jsonl, .csv or .parquet (and .gz or .zst, if you like).")
    return Output(Path(value))


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--partitioned", is_flag=True, is_eager=True, help="OUT is a folder of Parquet files.")
@click.option(
    "-o", "--output", callback=_output, metavar="OUT", help="A .jsonl, .csv or .parquet file (.gz, .zst too)."
)
@click.option("--model", metavar="NAME", help="Weights to score with, if not the default.")
@click.option("--text-column", metavar="C", help="Column of a table that holds the comment.")
@click.option("--id-column", metavar="C", help="Column that holds its id; the row number otherwise.")
@click.option("--article-column", metavar="C", help="Column that holds the article's title, its text, or both.")
@click.option("--parent-column", metavar="C", help="Column that holds the id of the comment answered to.")
@click.option(
    "--attributes", callback=_attributes, metavar="A,B", help="Score only these: " + ", ".join(ATTRIBUTES) + "."
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@click.option("--quiet", is_flag=True, help="No progress, for logs; only what went wrong.")
def score(
    inputs: tuple[str, ...],
    output: Output | None,
    model: str | None,
    text_column: str | None,
    id_column: str | None,
    article_column: str | None,
    parent_column: str | None,
    attributes: tuple[str, ...],
    resume: bool,
    partitioned: bool,
    quiet: bool,
) -> None:
    """Score every comment of pages, exports and tables.

    INPUT is what `belowline parse` takes, or a CSV, TSV, JSON Lines or Parquet table, plain, .gz or .zst; - reads
    standard input. Without -o the scores are printed as a table.
    """
    columns = Columns(text_column, id_column, article_column, parent_column)
    request = Request(expanded(inputs), columns, attributes, resume, partitioned, quiet)
    try:
        settings = read_settings()
        if output is None:
            bad = _print_scores(request, open_scorer(model, settings))
        else:
            _check_output(output, request)
            bad = _write_scores(request, output, open_scorer(model, settings))
    except (OutputError, ScorerError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    if bad:
        raise click.exceptions.Exit(1)


def _check_output(output: Output, request: Request) -> None:
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


def _print_scores(request: Request, scorer: Scorer) -> int:
    """Print tables as the scores come; return the number of inputs that could not be read."""
    console = Console(highlight=False)
    meter = Meter(request.inputs)
    rows = reviewed = bad = rejected = 0
    with Display(meter, quiet=request.quiet) as display:
        hooks = Hooks(done=display.done, tell=display.tell)
        items = meter.counting(read_items(request.inputs, request.columns, meter.watch))
        for part, scored in scored_parts(items, _row_scorer(request, scorer), Policy(), hooks, PRINTED_AT_ONCE):
            display.pause()
            print_rows(console, scored)
            for entry in part.bad_inputs:
                display.tell(entry.sentence)
            rows, bad, rejected = rows + len(scored), bad + len(part.bad_inputs), rejected + len(part.rejects)
            reviewed += sum(row["recommendation"] == "review" for row in scored)
    if rows:
        print_legend(console, rows, reviewed, scorer.version)
    if rejected:
        display.tell(f"{rejected:,} rows could not be read; with -o they are written beside the output.")
    return bad


def _write_scores(request: Request, output: Output, scorer: Scorer) -> int:
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


def _end(request: Request, output: Output, parts: Parts, summary: Summary, identity: dict[str, Any]) -> int:
    """Put the output together, unless the run was stopped or had nothing to read."""
    if summary.stopped:
        click.echo(f"Stopped after {summary.rows:,} comments; go on with the same command and --resume.", err=True)
        raise click.exceptions.Exit(130)
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
