"""XML exports with characters that XML forbids, and with other damage: nothing is lost without a word."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from data.exports import read_export, sniff_export
from data.exports.readable import ReadableXml
from data.records import Discussion
from data.tables.opening import InputError
from service.archive.reading import BadInput, Row, read_items


def export(*messages: str, encoding: str = "utf-8") -> bytes:
    """A Disqus export of one thread."""
    posts = "\n".join(
        f'<post dsq:id="{number}"><message>{message}</message><author><name>Reader {number}</name></author>'
        '<thread dsq:id="7"/></post>'
        for number, message in enumerate(messages, 1)
    )
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<disqus xmlns="http://disqus.com" '
        'xmlns:dsq="http://disqus.com/disqus-internals"><thread dsq:id="7"><title>Weir</title></thread>'
        f"\n{posts}</disqus>"
    )
    return text.encode(encoding)


def read(raw: bytes) -> tuple[list[Discussion], str]:
    """What could be read, and the sentence about the rest."""
    found: list[Discussion] = []
    try:
        for discussion in read_export(io.BytesIO(raw), "disqus", "-"):
            found.append(discussion)
    except InputError as error:
        return found, str(error)
    return found, ""


def texts(raw: bytes) -> list[str]:
    [discussion] = read(raw)[0]
    return [comment.text for comment in discussion.comments]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "iso2022_jp"])
def test_a_control_character_costs_no_comment(encoding: str) -> None:
    letter = "か" if encoding == "iso2022_jp" else "é"
    messages = [f"<![CDATA[<p>post {number} {letter}</p>]]>" for number in range(60)]
    messages[30] = "<![CDATA[<p>a\x0bb</p>]]>"
    raw = export(*messages, encoding=encoding)
    assert sniff_export(raw) == "disqus"
    assert texts(raw) == [f"post {number} {letter}" if number != 30 else "a b" for number in range(60)]


@pytest.mark.parametrize(
    ("declared", "written"), [("iso-8859-1", "cp1252"), ("us-ascii", "cp1252"), ("gb2312", "gb18030")]
)
def test_a_charset_is_read_as_a_browser_reads_it(declared: str, written: str) -> None:
    message = "“so” – 鎔" if written == "gb18030" else "“so” – €"
    raw = export("x", "MESSAGE").replace(b"utf-8", declared.encode()).replace(b"MESSAGE", message.encode(written))
    assert texts(raw) == ["x", message]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        *(("a&#11;b", "a b"), ("a&#x0B;b", "a b"), ("a&#0;b", "a b"), ("a&#xFFFE;b", "a b"), ("a&#x110000;b", "a b")),
        *(("a\ufffeb", "a b"), ("a&#128591;b", "a\U0001f64fb"), ("a&#xD83D;&#xDE4F;b", "a\U0001f64fb")),
        *(("a&#xD83D;b", "a\ufffdb"), ("a&#9;b", "a\tb")),
    ],
)
def test_references_to_forbidden_characters_are_read_like_them(written: str, read_as: str) -> None:
    assert texts(export(written)) == [read_as]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_pieces_may_end_anywhere(size: int) -> None:
    raw = b"\n\xef\xbb" + export("a&#11;b &amp; \u00e9 &#xD83D;&#xDE4F;\x08", "AT&amp;T &#8364; 5", encoding="utf-8")
    stream, whole = ReadableXml(io.BytesIO(raw)), ReadableXml(io.BytesIO(raw)).read(100_000)
    pieces = list(iter(lambda: stream.read(size), b""))
    assert b"".join(pieces) == whole
    assert max(map(len, pieces)) < size + 100
    assert whole.startswith(b"<?xml")


def test_an_unknown_charset_is_read_as_utf_8() -> None:
    raw = export("caf\u00e9").replace(b'encoding="utf-8"', b'encoding="punycode"')
    assert texts(raw) == ["caf\u00e9"]


def test_damage_that_costs_a_few_words_is_a_warning() -> None:
    found, sentence = read(export("first", "bread & butter", "last"))
    assert [comment.text for comment in found[0].comments][::2] == ["first", "last"]
    assert found[0].warnings == (
        "The XML is damaged in line 4 (xmlParseEntityRef: no name): words there may be missing.",
    )
    assert sentence == ""


@pytest.mark.parametrize("message", ["I <3 secret weirs", "one</b> secret", "<![CDATA[secret"])
def test_damage_that_costs_comments_is_an_error_that_quotes_nobody(message: str) -> None:
    found, sentence = read(export("first", message, "last"))
    assert found[0].comments[0].text == "first"
    assert sentence.startswith("is damaged or cut off in line ")
    assert "secret" not in sentence


def test_errors_beyond_those_that_the_parser_tells_are_not_taken_for_none() -> None:
    raw = export(*["bread & butter"] * 200)
    assert "damaged or cut off" in read(raw[: raw.index(b"Reader 150")])[1]


def test_an_entity_that_nobody_declared_costs_no_words() -> None:
    assert texts(export("the &eacute;lite &nbsp;rows")) == ["the \u00e9lite \u00a0rows"]


def test_scoring_an_archive_tells_of_the_damage_too(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(export("a\x08b", "two"))
    (tmp_path / "b.xml").write_bytes(export("one", "I <3 weirs", "last"))
    items = list(read_items([str(tmp_path / "a.xml"), str(tmp_path / "b.xml")]))
    assert [item.comment.text for item in items if isinstance(item, Row)] == ["a b", "two", "one", "I"]
    [bad] = [item for item in items if isinstance(item, BadInput)]
    assert "b.xml: is damaged or cut off in line 4" in bad.sentence
