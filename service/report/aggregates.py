"""The numbers behind a report as one long table, for people with their own tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from service.archive.writing import replaced
from service.report.totals import BINS, GRID, Group, Totals

SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("key", pa.string()),
        ("attribute", pa.string()),
        ("measure", pa.string()),
        ("value", pa.float64()),
    ]
)
Line = tuple[str, str, str | None, str, float]


def aggregate_lines(totals: Totals) -> Iterator[Line]:
    """Yield table, key, attribute, measure and value for every number; what nothing was scored for is left out."""
    shown = totals.attributes
    yield from _group_lines("archive", "all", totals.whole, shown)
    tables = {
        "period": totals.periods(),
        "article": totals.articles,
        "section": totals.sections,
        "source": totals.sources,
    }
    for name, groups in tables.items():
        for key, group in groups.items():
            yield from _group_lines(name, key, group, shown)
    for language, count in totals.languages.most_common():
        yield "language", language, None, "comments", count
    for attribute in shown:
        for number in range(BINS):
            yield "distribution", f"{number / BINS:.2f}", attribute, "comments", int(totals.bins[attribute][number])
        for number, share in enumerate(totals.review_shares(attribute)):
            yield "threshold", f"{number / BINS:.2f}", attribute, "review_share", float(share)
    for toxic in range(GRID if totals.grid.any() else 0):
        for sarcastic in range(GRID):
            key = f"{toxic / GRID:.2f}/{sarcastic / GRID:.2f}"
            yield "toxicity_sarcasm", key, None, "comments", int(totals.grid[toxic, sarcastic])


def _group_lines(table: str, key: str, group: Group, shown: Sequence[str]) -> Iterator[Line]:
    yield table, key, None, "comments", group.comments
    yield table, key, None, "review_share", group.review_share
    for attribute in shown:
        yield table, key, attribute, "crossed_share", group.share(attribute)


def write_aggregates(totals: Totals, target: Path) -> None:
    """Write the long table as CSV or Parquet by its ending."""
    columns: list[list[Any]] = [list(column) for column in zip(*aggregate_lines(totals), strict=True)]
    table = pa.table(columns, schema=SCHEMA)
    with replaced(target) as stream:
        if target.suffix == ".parquet":
            pq.write_table(table, stream, compression="zstd")
        else:
            pyarrow.csv.write_csv(table, stream)
