"""The entry point: what an input is, what is refused, and that damaged pages neither crash nor hang."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner

from data.parse import MAX_PAGE_BYTES, ParseError, parse, parse_file
from service.commands.parse import parse as command
from tests.data.mutations import LIMIT_SECONDS, mutated, sources

PAGES = Path(__file__).parent / "pages"
PAGE = (PAGES / "wordpress.html").read_bytes()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "the input is empty"),
        (b" \n\t ", "the input is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "is binary"),
        (b"\x00\x01\x02\x03\x04" * 100, "is binary"),
        (b"<html>" + b"x" * MAX_PAGE_BYTES, "is larger than the 20 MB"),
        (gzip.compress(PAGE)[:200], "the compressed data is damaged"),
    ],
)
def test_bad_input_gets_one_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(ParseError, match=sentence) as raised:
        parse(raw, source="page.html")
    assert str(raised.value).startswith("page.html: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("packed", [gzip.compress(PAGE), zstandard.compress(PAGE)])
def test_compressed_page_reads_like_the_plain_one(packed: bytes) -> None:
    assert parse(packed) == parse(PAGE)


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    for path, sentence in ((tmp_path / "none.html", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(ParseError, match=sentence):
            list(parse_file(path))


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "cp1252"])
def test_charset_is_told_by_the_bytes(charset: str) -> None:
    text = '<html><head><meta charset="windows-1252"></head><body><p>Die Fähre fährt für zwölf Euro.</p></body></html>'
    [discussion] = parse(text.encode(charset))
    assert discussion.article.paragraphs == ("Die Fähre fährt für zwölf Euro.",)


def test_half_of_a_character_changes_no_other_word() -> None:
    [found] = parse("Caf\u00e9 closed\ud83d\n\nThe owner of the caf\u00e9 retires after forty years \ud83d.")
    assert found.article.title == "Caf\u00e9 closed\ufffd"


def test_web_archive_gives_a_discussion_per_page() -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    record = (
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://news.example/%s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    )
    archive = record % (b"response", b"a", len(http), http) + record % (b"request", b"a", 3, b"GET")
    archive += record % (b"conversion", b"b", 11, b"Only words.")
    page, text = parse(archive)
    assert (page.article.url, len(page.comments)) == ("https://news.example/a", 3)
    assert (text.article.url, text.format) == ("https://news.example/b", "text")


def test_same_page_gives_the_same_ids() -> None:
    page = (PAGES / "bespoke-table.html").read_bytes()
    first, second = (parse(page, url="https://news.example/1")[0] for _ in range(2))
    assert first == second
    assert len({comment.id for comment in first.comments}) == len(first.comments)
    assert first.comments[0].id != parse(page, url="https://news.example/2")[0].comments[0].id


def test_command_does_the_good_inputs_and_names_the_bad_one(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    out = tmp_path / "out.jsonl"
    inputs = [str(PAGES / "disqus.html"), str(tmp_path / "empty.html"), str(PAGES / "coral.html")]
    result = CliRunner().invoke(command, [*inputs, "--no-article", "-o", str(out)])
    assert result.exit_code == 1
    assert result.stderr.strip() == f"{tmp_path / 'empty.html'}: the input is empty."
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["source"] for line in lines] == [inputs[0], inputs[2]]
    assert all(len(line["comments"]) == 3 and line["paragraphs"] == [] for line in lines)


def test_damaged_pages_neither_crash_nor_hang() -> None:
    for name, page in mutated(sources(), 200, seed=4):
        started = time.process_time()
        try:
            parse(page, with_article=False)
        except ParseError:
            continue
        assert time.process_time() - started < LIMIT_SECONDS, name


def test_thousands_of_tables_in_tables_are_read() -> None:
    words = b"<p>The bridge over the weir stays closed until the spring, the council says.</p>" * 9
    page = b"<html><body><h1>Bridge</h1>" + words + b"<table><tr><td>" * 3_000 + b"closed</body></html>"
    started = time.process_time()
    assert "until the spring" in parse(page)[0].article.text
    assert time.process_time() - started < LIMIT_SECONDS  # trafilatura alone took 40 s


def test_marks_of_the_renderer_cannot_be_smuggled_in() -> None:
    page = (PAGES / "isso.html").read_text("utf-8").replace("The ferry", "&#2;The&#x3; &#4;ferry\x02")
    assert "\x02" not in parse(page)[0].comments[0].text
