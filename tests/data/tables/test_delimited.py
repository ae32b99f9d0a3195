"""Ways of quoting: cells that end in a backslash, escaped quotes, and rows that are longer than the header."""

from __future__ import annotations

import io

import pytest

from data.exports.row_files import csv_records
from data.tables.delimited import Record, dialect_of, misfit, records_of
from data.tables.lines import Decoder, lines_of


def fields(raw: str, delimiter: str = ",") -> list[list[str]]:
    dialect = dialect_of(raw.encode(), delimiter)
    found = records_of(lines_of(io.BytesIO(raw.encode())), dialect, Decoder())
    return [record.fields for record in found if isinstance(record, Record)]


@pytest.mark.parametrize("others", [0, 1, 30])
def test_a_cell_that_ends_in_a_backslash_merges_no_rows(others: int) -> None:
    rows = [["id", "text"], ["1", "in C:\\"], ["2", 'so "he" said'], *([str(n), "plain"] for n in range(others))]
    raw = "".join(f'{number},"{text.replace(chr(34), chr(34) * 2)}"\n' for number, text in rows[1:])
    assert fields("id,text\n" + raw) == rows


def test_a_backslash_before_doubled_quotes_stays() -> None:
    assert fields('id,text\n1,"{""a"": ""b \\""c\\"" d""}"\n2,"x"\n')[1:] == [["1", '{"a": "b \\"c\\" d"}'], ["2", "x"]]


@pytest.mark.parametrize("text", [r"so \"no\" he said", r"\"no, never\" he said", r"he said \"no\""])
def test_quotes_escaped_by_a_backslash_are_read(text: str) -> None:
    raw = f'id,text\n1,"{text}"\n2,""\n3,"it was \\"odd\\" then"\n'
    assert fields(raw)[1:] == [["1", text.replace("\\", "")], ["2", ""], ["3", 'it was "odd" then']]


def test_backslashes_in_cells_without_quotes_stay() -> None:
    assert fields('id\ttext\n1\the said \\"no\\"\n2\tok\n', "\t")[1:] == [["1", 'he said \\"no\\"'], ["2", "ok"]]


def test_a_row_of_another_length_is_told_but_not_one_with_empty_cells_more() -> None:
    assert misfit(["1", "a", "b"], ["id", "text"]) == "has 3 fields where the header has 2"
    assert misfit(["1"], ["id", "text"]) == "has 1 fields where the header has 2"
    assert misfit(["1", "a", "", ""], ["id", "text"]) is None


def test_an_export_rejects_a_row_that_is_too_long_with_a_sentence() -> None:
    told: list[str] = []
    raw = b"id,body,status\n1,Fine.,new\n2,First, then more,new\n3,Also fine.,new,\n4,x\n"
    found = list(csv_records(io.BytesIO(raw), told.append))
    assert [record["id"] for record in found] == ["1", "3"]
    assert told == ["Line 3 has 4 fields where the header has 3.", "Line 5 has 2 fields where the header has 3."]
