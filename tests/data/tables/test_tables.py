"""Tables: every kind, packed or not, with rows that cannot be read and files that are none."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from data.tables import lines
from data.tables.columns import Columns
from data.tables.lines import Reject
from data.tables.opening import InputError, open_input
from data.tables.rows import TableRow, ending_of, is_header, read_table, table_kind

Items = list[TableRow | Reject]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Items]:
    """Write bytes under a name and read them as the table that they are."""

    def read_(name: str, raw: bytes, columns: Columns = Columns(), kind: str | None = None) -> Items:  # noqa: B008
        (tmp_path / name).write_bytes(raw)
        with open_input(str(tmp_path / name)) as opened:
            found = kind or table_kind(name, opened.head)
            assert found is not None
            return list(read_table(opened, found, columns))

    return read_


def rows(items: Items) -> list[TableRow]:
    """The readable rows."""
    return [item for item in items if isinstance(item, TableRow)]


def rejects(items: Items) -> list[tuple[int, str]]:
    """Line and reason of the others."""
    return [(item.line, item.reason) for item in items if isinstance(item, Reject)]


def test_quoted_newlines_commas_and_quotes_stay_in_their_cell(read: Callable[..., Items]) -> None:
    found = read("t.csv", b'id,text\r\n007,"one\r\ntwo, ""three"""\r\n8,four\r\n')
    assert rows(found) == [TableRow("007", 'one\r\ntwo, "three"'), TableRow("8", "four")]


def test_without_an_id_column_the_row_number_counts_from_zero(read: Callable[..., Items]) -> None:
    assert [row.id for row in rows(read("t.csv", b"text\na\nb,c\nd\n"))] == ["0", "2"]


def test_rows_of_another_length_are_rejected_with_their_line(read: Callable[..., Items]) -> None:
    found = read("t.csv", b"id,text\n1,a\n2,b,c\n3\n4,d,\n")
    assert [row.id for row in rows(found)] == ["1", "4"]
    assert [line for line, _ in rejects(found)] == [3, 4]


def test_a_quote_that_never_closes_costs_one_row(read: Callable[..., Items]) -> None:
    found = read("t.csv", b'id,text\n1,a\n2,"b\n3,c\n4,d\n')
    assert [row.id for row in rows(found)] == ["1", "3", "4"]
    assert rejects(found) == [(3, "a quote that opens here is never closed")]


def test_a_tsv_with_bare_quotes_is_read_without_quoting(read: Callable[..., Items]) -> None:
    found = read("t.tsv", b'id\ttext\n1\t"tis early\n2\t5" nails\n3\tok\n')
    assert [row.text for row in rows(found)] == ['"tis early', '5" nails', "ok"]


def test_backslash_escapes_are_noticed(read: Callable[..., Items]) -> None:
    found = read("t.csv", b'id,text\n1,"he said \\"no, thanks\\" twice"\n2,fine\n')
    assert [row.text for row in rows(found)] == ['he said "no, thanks" twice', "fine"]


def test_a_line_over_the_limit_is_rejected_and_the_next_is_read(
    read: Callable[..., Items], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_LINE_BYTES", 1000)
    for name, raw in (
        ("t.csv", b"text\n" + b"x" * 5000 + b"\nshort\n"),
        ("t.jsonl", b'{"text": "a"}\n{"text": "' + b"x" * 5000 + b'"}\n{"text": "short"}\n'),
    ):
        found = read(name, raw)
        assert rows(found)[-1].text == "short"
        assert len(rejects(found)) == 1


def test_several_encodings_in_one_file_are_all_read(read: Callable[..., Items]) -> None:
    raw = b"text\n" + "café\n".encode() + "naïve façade\n".encode("latin-1") + b"ok\n"
    assert [row.text for row in rows(read("t.csv", raw))] == ["café", "naïve façade", "ok"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_byte_order_marks_and_utf_16_are_read(read: Callable[..., Items], encoding: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    raw = mark + "id,text\nä1,grüße\n".encode(encoding)
    assert rows(read("t.csv", raw)) == [TableRow("ä1", "grüße")]


def test_ids_and_numbers_of_json_are_exactly_as_in_the_file(read: Callable[..., Items]) -> None:
    raw = b'{"id": 12345678901234567890123, "text": "a"}\n{"id": 1.50, "text": 3}\n{"id": "x", "text": null}\n'
    assert rows(read("t.jsonl", raw)) == [
        TableRow("12345678901234567890123", "a"),
        TableRow("1.50", "3"),
        TableRow("x", ""),
    ]


def test_lines_that_are_no_objects_are_rejected(read: Callable[..., Items]) -> None:
    raw = b'{"text": "a"}\nnot json\n[1]\n{"other": 1}\n{"text": {"a": 1}}\n' + b"[" * 100_000 + b'\n{"text": "b"}\n'
    found = read("t.jsonl", raw)
    assert [row.text for row in rows(found)] == ["a", "b"]
    assert [line for line, _ in rejects(found)] == [2, 3, 4, 5, 6]


def test_binary_parquet_columns_are_utf8(read: Callable[..., Items], tmp_path: Path) -> None:
    cells = pa.array(["caf\u00e9".encode(), b"\xff\xfe\x80", None], pa.binary())
    pq.write_table(pa.table({"id": pa.array([b"a", b"b", b"c"]), "text": cells}), tmp_path / "p")
    found = read("t.parquet", (tmp_path / "p").read_bytes())
    assert rows(found) == [TableRow("a", "caf\u00e9"), TableRow("c", "")]
    assert rejects(found) == [(2, "has bytes that are not text in UTF-8")]
    assert found[1].raw == b"\xff\xfe\x80"  # type: ignore[union-attr]


def test_a_cell_that_is_no_number_is_empty(read: Callable[..., Items], tmp_path: Path) -> None:
    columns = {"text": pa.array([float("nan"), 1.5]), "parent_id": pa.array([float("nan"), float("nan")])}
    pq.write_table(pa.table(columns), tmp_path / "p")
    assert rows(read("t.parquet", (tmp_path / "p").read_bytes())) == [TableRow("0", ""), TableRow("1", "1.5")]


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_parquet_is_read_packed_or_not(read: Callable[..., Items], tmp_path: Path, ending: str) -> None:
    pq.write_table(pa.table({"id": [7, 8], "text": ["a", None]}), tmp_path / "p")
    zst = zstandard.ZstdCompressor().compress
    packers: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zst}
    found = read(f"t.parquet{ending}", packers[ending]((tmp_path / "p").read_bytes()), kind="parquet")
    assert rows(found) == [TableRow("7", "a"), TableRow("8", "")]


def test_named_columns_are_taken_and_a_missing_one_is_named(read: Callable[..., Items]) -> None:
    raw = b"a,b,c,d\nhello,5,Title,4\n"
    found = read("t.csv", raw, Columns("a", "b", "c", "d"))
    assert rows(found) == [TableRow("5", "hello", "4", "Title")]
    with pytest.raises(InputError, match='no column "e"; its columns are "a", "b", "c", "d"'):
        read("t.csv", raw, Columns(text="e"))


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_truncated_archive_gives_its_rows_and_then_says_so(tmp_path: Path, ending: str) -> None:
    raw = b"text\n" + b"".join(b"comment number %d\n" % number for number in range(50_000))
    pack = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[ending]
    path = tmp_path / f"t.csv{ending}"
    packed = pack(raw)
    path.write_bytes(packed[: len(packed) * 9 // 10])
    found: Items = []
    sentence = ""
    try:
        with open_input(str(path)) as opened:
            found.extend(read_table(opened, "csv"))
    except InputError as error:
        sentence = str(error)
    assert len(found) > 1_000
    assert "cut off" in sentence


def test_frames_after_each_other_are_one_file(read: Callable[..., Items]) -> None:
    pack = zstandard.ZstdCompressor().compress
    assert [row.text for row in rows(read("t.csv.zst", pack(b"text\na\n") + pack(b"b\n")))] == ["a", "b"]
    assert [row.text for row in rows(read("t.csv.gz", gzip.compress(b"text\na\n") + gzip.compress(b"b\n")))] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_bomb_is_refused(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.tables.opening.FREE_EXPANSION", 2**20)
    path = tmp_path / f"t.csv{ending}"
    pack = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[ending]
    path.write_bytes(pack(b"text\n" + b"a\n" * 20_000_000))
    with pytest.raises(InputError, match="expands more than 200 times"), open_input(str(path)) as opened:
        sum(1 for _ in read_table(opened, "csv"))


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"%PDF-1.4", "PDF"),
        (bytes(range(256)) * 40, "binary"),
        (b"\x1f\x8b\x08\x00garbage that is no gzip", "damaged"),
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(tmp_path: Path, raw: bytes, sentence: str) -> None:
    (tmp_path / "x.csv").write_bytes(raw)
    with pytest.raises(InputError, match=sentence), open_input(str(tmp_path / "x.csv")):
        pass


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"), open_input(str(tmp_path / "none")):
        pass
    with pytest.raises(InputError, match="folder"), open_input(str(tmp_path)):
        pass


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a/b.CSV.gz", "csv"), ("b.jsonl.zst", "jsonl"), ("c.gz", ""), ("noending", ""), ("x.tar.gz", "tar")],
)
def test_the_ending_says_what_is_inside(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def test_names_of_columns_may_be_written_with_spaces(read: Callable[..., Items]) -> None:
    header = b"Comment ID,Parent Comment ID,Created At,Comment Text\n"
    raw = header + b"7,,2024-03-12,The weir reopened.\n8,7,2024-03-13,It did.\n"
    first, second = rows(read("comments.csv", raw))
    assert (first.id, first.text, first.published) == ("7", "The weir reopened.", "2024-03-12")
    assert (second.id, second.parent_id) == ("8", "7")
    assert is_header(raw)


@pytest.mark.parametrize("stated", [b"sep=;\r\n", b'"sep=;"\n', b"\xef\xbb\xbfsep=;\n"])
def test_excels_line_before_the_header_names_the_delimiter(read: Callable[..., Items], stated: bytes) -> None:
    raw = stated + b'id;text, as sent\r\n7;"Late; again, and wet"\r\n8\r\n'
    found = read("comments.csv", raw, Columns(text="text, as sent"))
    assert [(row.id, row.text) for row in rows(found)] == [("7", "Late; again, and wet")]
    assert [line for line, _ in rejects(found)] == [4]
    assert is_header(stated + b"id;text\n")
