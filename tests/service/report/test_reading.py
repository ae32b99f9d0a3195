"""Scored tables read back: what is wrong in them is named, what is empty is an archive too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.tables.opening import InputError
from service.report.reading import scored_batches


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"toxicity": "high"}, 'line 2 has no valid "toxicity" ("high")'),
        ({"insult": 1.5}, 'line 2 has no valid "insult" (1.5)'),
        ({"reasons": "nope"}, 'line 2 has no valid "reasons" ("nope")'),
        ({"text": None}, 'line 2 has no "text"'),
        ({"author": ["Ann"]}, 'line 2 has no valid "author" (["Ann"])'),
        ({"sarcasm": ...}, 'line 2 has no "sarcasm"'),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_column(
    rows: list[dict[str, Any]], tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    second = {name: value for name, value in {**rows[1], **change}.items() if value is not ...}
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, (rows[0], second))))
    with pytest.raises(InputError, match=re.escape(sentence)):
        list(scored_batches(str(tmp_path / "s.jsonl")))


def test_rows_of_csv_and_parquet_are_named_too(
    rows: list[dict[str, Any]], write: Callable[[list[dict[str, Any]], str], Path]
) -> None:
    table = write(rows[1:3], "s.csv")
    table.write_text(table.read_text(encoding="utf-8").replace("0.1", "high"), encoding="utf-8")
    with pytest.raises(InputError, match='the row that ends in line 2 has no valid "toxicity"'):
        list(scored_batches(str(table)))
    pq.write_table(pa.Table.from_pylist([{**rows[1], "toxicity": 7.0}]), table.with_name("s.parquet"))
    with pytest.raises(InputError, match='row 1 has no valid "toxicity"'):
        list(scored_batches(str(table.with_name("s.parquet"))))


def test_outputs_without_a_row_are_empty_archives(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").touch()
    assert list(scored_batches(str(tmp_path / "s.jsonl"))) == []
    (tmp_path / "parts").mkdir()
    with pytest.raises(InputError, match="holds no Parquet files"):
        list(scored_batches(str(tmp_path / "parts")))
    (tmp_path / "parts.manifest.json").touch()
    assert list(scored_batches(str(tmp_path / "parts"))) == []


def test_what_is_no_scored_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text\n1,a\n")
    with pytest.raises(InputError, match="no column"):
        list(scored_batches(str(tmp_path / "t.csv")))
