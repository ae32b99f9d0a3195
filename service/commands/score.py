"""`belowline score`: pages, exports and tables of any size to one scored row per comment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from data.tables.columns import Columns
from model.scores import ATTRIBUTES, Scorer, ScorerError
from service.archive.cluster import Cluster
from service.archive.cluster_jobs import write_on_ray, write_to_storage
from service.archive.gpu import open_on_device
from service.archive.jobs import Request, check_output, print_scores, write_scores
from service.archive.parts import Output
from service.archive.reading import expanded
from service.archive.writing import OutputError, output_format
from service.settings import Settings, SettingsError, read_settings


def _attributes(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",")) if value else ATTRIBUTES
    if unknown := [name for name in names if name not in ATTRIBUTES]:
        raise click.BadParameter(f'there is no attribute "{unknown[0]}"; there are {", ".join(ATTRIBUTES)}.')
    return names


def _output(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if not ctx.params.get("partitioned") and output_format(value) is None:
        raise click.BadParameter(f"{value} must end in .jsonl, .csv or .parquet (and .gz or .zst, if you like).")
    if Path(value).name in ("", ".."):
        raise click.BadParameter(f'"{value}" is no name that a new folder could have.')
    return value


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
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", help="Threads here, or a Ray cluster.")
@click.option("--address", metavar="A", help="The Ray cluster; without it one on this machine.")
@click.option("--workers", type=click.IntRange(0, 10_000), default=0, help="Actors that score with --engine ray.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="Score on the processor (default) or a GPU.")
@click.option("--quiet", is_flag=True, help="No progress, for logs; only what went wrong.")
def score(
    inputs: tuple[str, ...],
    output: str | None,
    model: str | None,
    text_column: str | None,
    id_column: str | None,
    article_column: str | None,
    parent_column: str | None,
    attributes: tuple[str, ...],
    resume: bool,
    partitioned: bool,
    engine: str,
    address: str | None,
    workers: int,
    device: str | None,
    quiet: bool,
) -> None:
    """Score every comment of pages, exports and tables.

    INPUT is what `belowline parse` takes, or a CSV, TSV, JSON Lines or Parquet table, plain, .gz or .zst; - reads
    standard input. Without -o the scores are printed as a table.
    """
    columns = Columns(text_column, id_column, article_column, parent_column)
    names = expanded(inputs, Output(Path(output)).owns) if output else expanded(inputs)
    request = Request(names, columns, attributes, resume, partitioned, quiet)
    try:
        settings = read_settings()
        settings = settings.model_copy(update={"device": device or settings.device})
        cluster = Cluster(address, workers, gpus=int(settings.device == "cuda")) if engine == "ray" else None
        bad = _run(request, output, cluster, settings, partial(open_on_device, model))
    except (OutputError, ScorerError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    if bad:
        raise click.exceptions.Exit(1)


def _run(
    request: Request,
    output: str | None,
    cluster: Cluster | None,
    settings: Settings,
    load: Callable[[Settings], Scorer],
) -> int:
    """Start the job that fits; return the number of inputs that could not be read."""
    if output is None:
        return print_scores(request, load(settings))
    alone = partial(load, settings.model_copy(update={"threads": 1}))  # for one actor of many
    if "://" in output:
        if cluster is None or not request.partitioned:
            raise OutputError(f"{output}: object storage is written by --engine ray with --partitioned only.")
        return write_to_storage(request, output, alone, cluster)
    target = Output(Path(output))
    check_output(target, request)
    if cluster is None:
        return write_scores(request, target, load(settings))
    return write_on_ray(request, target, alone, cluster)
