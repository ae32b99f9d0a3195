"""Web archives: what cannot be read in them is told, and the HTTP header's charset counts."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from data.parse import MAX_PAGE_BYTES, ParseError, parse_stream
from data.records import Discussion

PAGE = (Path(__file__).parent / "pages" / "wordpress.html").read_bytes()
CYRILLIC = "<html><body><h1>Паром</h1><p>Теперь он ходит и по вечерам, но дороже.</p></body></html>"


def record(body: bytes, kind: str = "response", type_: str = "application/http", name: str = "a") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://news.example/{name}\r\n"
    return f"{head}Content-Type: {type_}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"


def response(body: bytes, *fields: str, type_: str = "text/html", name: str = "a") -> bytes:
    return record(
        "\r\n".join(("HTTP/1.1 200 OK", f"Content-Type: {type_}", *fields, "", "")).encode() + body, name=name
    )


def read(archive: bytes, with_article: bool = False) -> tuple[list[Discussion], str]:
    """Return what came out and the sentence at the end."""
    found: list[Discussion] = []
    try:
        for one in parse_stream(io.BytesIO(archive), source="x.warc", with_article=with_article):
            found.append(one)
    except ParseError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("type_", ["text/html; charset=windows-1251", 'Text/HTML; Charset="CP1251"'])
def test_the_charset_of_the_http_header_goes_before_that_of_the_page(type_: str) -> None:
    page = '<meta charset="koi8-r">' + CYRILLIC
    [found], told = read(response(page.encode("cp1251"), type_=type_), with_article=True)
    assert (found.article.title, told) == ("Паром", "")


def test_a_page_that_is_a_resource_is_read() -> None:
    [found], told = read(record(PAGE, "resource", "text/html"))
    assert (found.article.url, len(found.comments), told) == ("https://news.example/a", 3, "")


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        (response(b"\x0b\x02", "Content-Encoding: br"), "is packed as 'br', which is not read here"),
        (response(gzip.compress(PAGE)[:99], "Content-Encoding: gzip"), "is packed and damaged"),
        (response(b"x" * (MAX_PAGE_BYTES + 1)), "is larger than the 20 MB that a page may have"),
    ],
)
def test_a_page_that_cannot_be_read_is_told_after_the_others(lost: bytes, reason: str) -> None:
    found, told = read(lost + response(PAGE, name="b"))
    assert [one.article.url for one in found] == ["https://news.example/b"]
    assert told == f"x.warc: a page of the archive cannot be read; https://news.example/a {reason}."
    assert read(lost + lost)[1].startswith("x.warc: 2 pages of the archive cannot be read; ")


def test_an_archive_without_any_page_says_so() -> None:
    archive = record(b"software: x", "warcinfo", "application/warc-fields") + response(b"GIF8", type_="image/gif")
    assert read(archive) == ([], "x.warc: is a web archive without a page or a text in it.")


def test_a_record_that_is_cut_off_gives_what_there_is_and_a_sentence() -> None:
    archive = response(PAGE) + response(PAGE, name="b")
    (whole, part), told = read(archive[:-300])
    assert (whole.coverage.complete, whole.warnings) == (True, ())
    assert (part.coverage.complete, part.warnings) == (False, ("The archive ends inside this page.",))
    assert told == "x.warc: ends in the middle of a record; it was probably cut off while being copied."
    assert read(archive[:-4])[1] == ""  # only the blank lines after it are missing
    lost = response(b"\x0b\x02", "Content-Encoding: br", name="c")
    assert read(lost + archive[:-300])[1] == (
        "x.warc: ends in the middle of a record; it was probably cut off while being copied; before that a page cannot"
        " be read; https://news.example/c is packed as 'br', which is not read here."
    )


def test_what_lies_before_a_damaged_member_is_kept() -> None:
    archive = gzip.compress(response(PAGE)) + gzip.compress(response(PAGE, name="b"))[:-200]
    found, told = read(archive)
    assert [one.article.url for one in found] == ["https://news.example/a"]
    assert told == "x.warc: the compressed data is damaged."
