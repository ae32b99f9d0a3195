"""Lines end as Unix, Windows and old Macs end them, and every line says where in the source it stands."""

from __future__ import annotations

import pytest

from data.plain.lines import read_lines

WORDS = ["The weir reopens", "", "Anglers may return in April.", "Otto says:", ""]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r"])
def test_lines_of_every_system(end: str) -> None:
    text = end.join(WORDS)
    lines = read_lines(text)
    assert [line.text for line in lines] == WORDS
    assert [text[line.start : line.end] for line in lines] == WORDS


def test_ends_may_be_mixed() -> None:
    assert [line.text for line in read_lines("a\rb\r\rc\r\nd\n")] == ["a", "b", "", "c", "d", ""]
