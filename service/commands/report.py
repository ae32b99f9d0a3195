"""`belowline report`: a scored archive as one HTML page with charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import click

from data.tables.opening import InputError
from model.scores import Scorer, ScorerError
from service.archive.models import open_scorer
from service.archive.writing import OutputError, replaced
from service.report.reading import scored_batches
from service.report.sections import read_sections
from service.report.totals import Totals, totals_of
from service.settings import SettingsError, read_settings


def _data(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    if value is not None and not value.endswith((".csv", ".parquet")):
        raise click.BadParameter(f"{value} must end in .csv or .parquet.")
    return Path(value) if value else None


@click.command()
@click.argument("scored", metavar="SCORED")
@click.option(
    "-o", "--output", default="report.html", show_default=True, metavar="OUT.html", help="Where the page goes."
)
@click.option("--title", help="The page's heading; the file's name otherwise.")
@click.option("--data", callback=_data, metavar="FILE", help="The numbers behind the page too, as .csv or .parquet.")
@click.option("--sections", metavar="FILE", help="A table that names the section of each article.")
@click.option("--article-column", default="article_title", show_default=True, help="Its column of articles' titles.")
@click.option("--section-column", default="section", show_default=True, help="Its column of sections.")
@click.option("--no-spans", is_flag=True, help="Do not load the model to mark the words in the examples.")
def report(
    scored: str,
    output: str,
    title: str | None,
    data: Path | None,
    sections: str | None,
    article_column: str,
    section_column: str,
    no_spans: bool,
) -> None:
    """Draw what is in an archive that `belowline score` has scored.

    SCORED is its output: .jsonl, .csv or .parquet, packed or not, or a folder of Parquet parts.
    """
    section_of = _sections(sections, article_column, section_column)
    try:
        written = (Path(output), *([data] if data else []))
        _have_folders(written)
        _spare((scored, *([sections] if sections else [])), written)
        totals = totals_of(scored_batches(scored), section_of)
        _write(totals, Path(output), title or Path(scored).name, None if no_spans else _scorer())
        if data is not None:
            from service.report.aggregates import write_aggregates

            write_aggregates(totals, data)
    except InputError as error:
        raise click.ClickException(f"{scored}: {error}.") from None
    except (OutputError, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{output}: {totals.whole.comments:,} comments, {Path(output).stat().st_size / 1e6:.1f} MB.", err=True)


def _have_folders(written: Iterable[Path]) -> None:
    """Refuse before the archive is read what could not be written after it."""
    for target in written:
        if not target.parent.is_dir():
            raise OutputError(f"{target}: the folder {target.parent} does not exist.")


def _spare(read: Iterable[str], written: Iterable[Path]) -> None:
    """Refuse to write over what the report is drawn from, or a Parquet file into a scored folder."""
    for target, source in product(written, map(Path, read)):
        same = target.exists() and source.exists() and target.samefile(source)
        part = target.suffix == ".parquet" and target.resolve().parent == source.resolve()
        if same or part:
            raise OutputError(f"{target} is what the report is drawn from; give the output another name.")


def _sections(path: str | None, article_column: str, section_column: str) -> Mapping[str, str]:
    try:
        return read_sections(path, article_column, section_column) if path else {}
    except InputError as error:
        raise click.ClickException(f"{path}: {error}.") from None


def _write(totals: Totals, output: Path, title: str, scorer: Scorer | None) -> None:
    from service.report.page import render_report

    page = render_report(totals, title, datetime.now(UTC), scorer)
    with replaced(output) as stream:
        stream.write(page.encode("utf-8", "replace"))


def _scorer() -> Scorer | None:
    """The default model, to mark words; a report is drawn without it as well."""
    try:
        return open_scorer(None, read_settings())
    except ScorerError:
        return None
