"""Enough of an input is looked at before it is judged, in whatever pieces it comes, and cut-off packing is noticed."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from data.parse import ParseError, parse, parse_file, parse_stream
from data.sniff import HEAD, is_html, opened

PAGE = (Path(__file__).parent / "pages" / "wordpress.html").read_bytes()
STORY = {"by": "ada", "descendants": 1, "id": 1, "kids": list(range(10**7, 10**7 + 800)), "time": 1, "title": "Locks"}
ITEMS = [STORY | {"type": "story"}, {"by": "bo", "id": 2, "parent": 1, "text": "Late.", "time": 2, "type": "comment"}]
PACKERS = [gzip.compress, zstandard.compress]


class Drip(io.RawIOBase):
    """A pipe that hands out a few bytes at a time."""

    def __init__(self, raw: bytes, size: int) -> None:
        self.raw, self.size = io.BytesIO(raw), size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self.raw.read(min(self.size, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize("before", [b"\n" * 6_000, b"<script>" + b"let a = 1;" * 600 + b"</script>"])
def test_a_page_that_begins_late_is_read_from_a_file(tmp_path: Path, before: bytes) -> None:
    (tmp_path / "x").write_bytes(before + PAGE)
    [found] = parse_file(tmp_path / "x", with_article=False)
    assert (found.format, len(found.comments)) == ("html", 3)


def test_an_export_is_told_by_what_stands_behind_the_first_block(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, ITEMS)), encoding="utf-8")
    [found] = parse_file(tmp_path / "items.jsonl")
    assert (found.format, found.article.title, [comment.text for comment in found.comments]) == (
        "hackernews",
        "Locks",
        ["Late."],
    )


@pytest.mark.parametrize("buffered", [True, False])
def test_a_pipe_is_waited_for_and_nothing_of_it_is_lost(buffered: bool) -> None:
    raw = Drip(b"<!-- " + b"x" * 9_000 + b" -->" + PAGE, 10)
    [found] = parse_stream(io.BufferedReader(raw) if buffered else raw, with_article=False)  # type: ignore[arg-type]
    assert (found.format, len(found.comments)) == ("html", 3)


def test_what_was_looked_at_is_there_for_the_reader() -> None:
    raw = bytes(range(32, 127)) * 2_000
    reader = opened(Drip(raw, 7))  # type: ignore[arg-type]
    assert reader.peek(HEAD)[:HEAD] == raw[:HEAD]
    assert reader.read() == raw


def test_what_is_blank_as_far_as_one_looks_is_not_called_empty() -> None:
    with pytest.raises(ParseError, match="the first 64 KiB are blank"):
        parse(b"\n" * HEAD + PAGE)


@pytest.mark.parametrize("pack", PACKERS)
def test_a_cut_off_export_gives_what_came_before_and_a_sentence(pack: Callable[[bytes], bytes]) -> None:
    lines = [json.dumps({"body": f"{n} {n * n}", "id": f"c{n}", "link_id": "t3_x"}) for n in range(5_000)]
    packed = pack("\n".join(lines).encode())
    reading = parse_stream(io.BytesIO(packed[: len(packed) * 2 // 3]), source="x")
    assert 500 < len(next(reading).comments) < 5_000
    with pytest.raises(ParseError, match=r"x: ends in the middle of its packed data; .*\.$"):
        next(reading)


@pytest.mark.parametrize("pack", PACKERS)
def test_a_cut_off_page_is_damaged_and_not_empty(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ParseError, match="the compressed data is damaged"):
        parse(pack(PAGE)[:300])


def test_readers_who_talk_about_tags_have_written_no_page() -> None:
    talk = (
        3 * "3 thoughts\n\nAnn says:\nMarch 4, 2021\nPut it in a <div> and </div>, or <p> and </p>, never in a <br>.\n"
    )
    talk += "And that is all that there is to say about it, as far as any of us can tell from here.\n" * 12
    assert not is_html(talk.encode())
    assert is_html(b"Hello there\n<div><p>One</p>\n<p>Two</p></div>\n<p>Three</p>")
