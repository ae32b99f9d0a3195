"""Pages that a browser saved as one file."""

from __future__ import annotations

import base64
import quopri
from dataclasses import replace
from pathlib import Path

import pytest

from data.mhtml import is_mhtml
from data.parse import parse

PAGE = (Path(__file__).parent / "pages" / "wordpress.html").read_bytes()
URL = "https://paper.example/ferry"
HEAD = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: {url}\r\nSubject: Ferry\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----Boundary--a1----"\r\n\r\n\r\n'
)
PART = "------Boundary--a1----\r\nContent-Type: {type}\r\nContent-Transfer-Encoding: {code}\r\n{more}\r\n"


def _saved(code: str, body: bytes, *, kind: str = "text/html", more: str = f"Content-Location: {URL}\r\n") -> bytes:
    picture = PART.format(type="image/png", code="base64", more="").encode() + base64.encodebytes(b"\x89PNG")
    page = PART.format(type=kind, code=code, more=more).encode() + body.replace(b"\n", b"\r\n") + b"\r\n"
    return HEAD.format(url=URL).encode() + page + picture + b"------Boundary--a1------\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        _saved("quoted-printable", quopri.encodestring(PAGE)),
        _saved("base64", base64.encodebytes(PAGE), more=""),
        _saved("8bit", PAGE),
        b"\r\n" + _saved("quoted-printable", quopri.encodestring(PAGE)),
    ],
)
def test_page_in_one_file_reads_like_the_page(raw: bytes) -> None:
    [saved], [plain] = parse(raw), parse(PAGE, url=URL)
    assert [(c.id, c.author, c.text) for c in saved.comments] == [(c.id, c.author, c.text) for c in plain.comments]
    assert replace(saved.article, language=None) == replace(plain.article, language=None)
    assert "\U0001f643" in saved.comments[1].text


@pytest.mark.parametrize("written", [URL, f"{URL[:20]}\r\n {URL[20:]}", "https://paper.example/f\u00e4hre"])
def test_address_is_one_however_it_is_written(written: str) -> None:
    [saved] = parse(_saved("8bit", PAGE, more=f"Content-Location: {written}\r\n"))
    assert saved.article.url is not None
    assert saved.article.url.startswith("https://paper.example/f")
    assert "\r" not in saved.article.url


def test_charset_is_that_of_the_part() -> None:
    page = "<html><body><p>Паром опоздал, и никто на пристани не знал почему.</p></body></html>"
    raw = _saved("quoted-printable", quopri.encodestring(page.encode("koi8-r")), kind='text/html; charset="koi8-r"')
    assert parse(raw)[0].article.paragraphs == ("Паром опоздал, и никто на пристани не знал почему.",)


def test_mail_and_text_about_such_files_are_none() -> None:
    assert not is_mhtml(
        b"Subject: hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nmultipart/related text/html"
    )
    assert not is_mhtml(b"<html>MIME-Version: multipart/related text/html")
    assert parse(HEAD.format(url=URL), format="html")[0].comments == ()
