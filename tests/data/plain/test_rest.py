"""What is neither article nor comment: it is listed, and while there is any the comments may not be complete."""

from __future__ import annotations

from data.plain.dump import parse_dump
from data.plain.lines import read_lines
from data.plain.rest import left_over
from data.records import Comment

STORY = "The weir at Tarnbrook reopened on Monday after a winter of repairs."
FIRST = "They said the same of the bridge."
LOST = "Nobody found this comment, for its header was unlike the others."
TEXT = (
    f"{STORY}\n\nOtto\n{FIRST}\nReply\n\nPia, two days later, from her phone\n{LOST}\n\nLeave a reply\n\n"
    "Your address will not be published by us."
)


def _comment(words: str) -> Comment:
    start = TEXT.index(words)
    return Comment("1", words, extra={"start": start, "end": start + len(words)})


def test_lines_between_the_article_and_the_foot_are_left_over() -> None:
    lines = read_lines(TEXT)
    rest = left_over(lines, lines[:1], [_comment(FIRST)])
    assert [(block.role, block.text) for block in rest] == [
        ("other", "Pia, two days later, from her phone"),
        ("other", LOST),
    ]
    assert all(TEXT[block.start : block.end] == block.text for block in rest)


def test_nothing_is_left_over_where_all_is_article_or_comments() -> None:
    lines = read_lines(TEXT)
    assert left_over(lines, lines, []) == []
    assert len(left_over(lines, lines[:1], [])) == 3  # what stands below the only post of a thread
    assert left_over(lines, lines[:1], [_comment(TEXT[TEXT.index(FIRST) : TEXT.index(LOST) + len(LOST)])]) == []


def test_left_over_lines_leave_it_open_whether_all_is_there() -> None:
    story = f"{STORY} It cost the parish twice what had been put aside for that, said the mayor, who came late. " * 4
    said = "\n\n".join(
        f"{name} says:\nMay {day}, 2022 at 8:15 am\n\nThe ladder looked steep to {name} again.\n\nReply"
        for day, name in enumerate(("Ines", "Otto", "Pia"), 4)
    )
    whole, more = f"{story}\n\nComments\n\n{said}", "Ten people wrote to the parish about it, and none had an answer."
    assert parse_dump(whole).coverage.complete is True
    found = parse_dump(f"{whole}\n\n{'.' * 3}\n\n{more}\n\n{more}")
    assert len(found.comments) == 3
    assert found.coverage.complete is None
    assert more in [block.text for block in found.blocks if block.role == "other"]
    assert parse_dump(f"{whole.replace('Comments', '3 comments')}\n\n...\n\n{more}").coverage.complete is True
