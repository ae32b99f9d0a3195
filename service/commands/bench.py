"""`belowline bench`: how fast this machine scores, and how the service bears load."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from data.tables.columns import Columns
from model.manifest import weights_folder
from model.onnx import load_scorer
from model.scores import ScorerError
from service.archive.models import cores
from service.archive.reading import BadInput, Row, read_items
from service.bench import machine
from service.bench.http import load_test
from service.bench.markdown import as_markdown
from service.bench.report import load_json, show, throughput_json
from service.bench.throughput import (
    command_throughput,
    group_throughputs,
    headline_throughput,
    our_throughputs,
    peer_throughputs,
    token_ids,
)
from service.demo import demo_discussions
from service.settings import SettingsError, read_settings

GROUPED = 4_000  # comments of these that are scored in small groups
HEADLINES = 1_000  # and below a headline of their own each


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option("--text-column", metavar="C", help="Column of a table that holds the comment.")
@click.option("--model", metavar="NAME", help="Weights to measure, if not the default.")
@click.option("--comments", default=13_000, show_default=True, type=click.IntRange(100), help="Distinct comments.")
@click.option("--seconds", default=20.0, show_default=True, type=click.FloatRange(1), help="Of each step under load.")
@click.option("--scorer/--no-scorer", default=True, help="Measure the scorer.")
@click.option("--peers/--no-peers", default=True, help="Measure torch beside it; needs the extra `train`.")
@click.option("--peer-comments", default=1_000, show_default=True, type=click.IntRange(1), help="Of these, for torch.")
@click.option("--http/--no-http", default=True, help="Measure the service under load.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Also write a .md page, or JSON otherwise."
)
@click.option("--note", default="", help="What else ran on the machine, for the page.")
def bench(
    inputs: tuple[str, ...],
    text_column: str | None,
    model: str | None,
    comments: int,
    seconds: float,
    scorer: bool,
    peers: bool,
    peer_comments: int,
    http: bool,
    output: Path | None,
    note: str,
) -> None:
    """Measure the scorer beside torch, and the service under load.

    INPUT is what `belowline score` takes; without it the comments of the sample discussions are used.
    """
    if output and not output.parent.is_dir():
        raise click.ClickException(f"{output}: the folder {output.parent} does not exist.")
    texts = _distinct(_texts(inputs, text_column), comments)
    try:
        folder = weights_folder(model or read_settings().model)
        results: dict[str, Any] = {"machine": machine.describe(), "model": folder.name, "comments": len(texts)}
        if scorer:
            results |= _throughput(folder, texts, peer_comments if peers else 0)
        if http:
            results["http"] = load_json(load_test(texts, seconds=seconds, settings={"BELOWLINE_MODEL": str(folder)}))
    except (ScorerError, SettingsError, RuntimeError) as error:
        raise click.ClickException(str(error)) from None
    show(results, Console(width=None if sys.stdout.isatty() else 120))
    if output:
        _write(results, output, note)


def _throughput(folder: Path, texts: list[str], peer_comments: int) -> dict[str, Any]:
    scorer = load_scorer(folder, threads=cores())
    ids = token_ids(folder, texts)
    found = [command_throughput(folder, texts, sum(map(len, ids))), *our_throughputs(scorer, texts, ids)]
    found += group_throughputs(scorer, texts[:GROUPED], ids[:GROUPED])
    found.append(headline_throughput(scorer, texts[:HEADLINES], ids[:HEADLINES]))
    if peer_comments:
        try:
            found += peer_throughputs(ids[:peer_comments])
        except ImportError:
            click.echo("Without the extra `train` there is no torch to compare with.", err=True)
    rates = machine.peaks()
    return {"peaks": rates, "scorer": throughput_json(found, rates, scorer.manifest.precision)}


def _write(results: Mapping[str, Any], output: Path, note: str) -> None:
    page = as_markdown(results, note) if output.suffix == ".md" else json.dumps(results, indent=2) + "\n"
    try:
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from None


def _texts(inputs: tuple[str, ...], text_column: str | None) -> Iterator[str]:
    if not inputs:
        for _, discussion in demo_discussions():
            yield from (comment.text for comment in discussion.comments)
    for item in read_items(inputs, Columns(text=text_column)):
        if isinstance(item, BadInput):
            raise click.ClickException(item.sentence)
        if isinstance(item, Row):
            yield item.comment.text


def _distinct(texts: Iterator[str], limit: int) -> list[str]:
    """The first so many different texts that are not empty."""
    found: dict[str, None] = {}
    for text in texts:
        if text.strip():
            found.setdefault(text)
        if len(found) >= limit:
            break
    if not found:
        raise click.ClickException("There is no comment in these inputs.")
    return list(found)
