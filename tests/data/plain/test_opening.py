"""Where the first post of a forum dump begins."""

from __future__ import annotations

import pytest

from data.plain.dump import parse_dump
from data.plain.lines import read_lines
from data.plain.opening import opening
from data.records import Kind

CARD = "\n\nnora_q\n\nalways at the pier\nJoined\nFeb 8, 2017\nMessages\n5,421\nReaction score\n29,758\n"
FIRST = "The ferry was late again, and nobody at the pier could say why.\n\nForty minutes in the rain."
REST = (
    "\n\u00a0\nLast edited:\nI take the bus over the bridge now.\n\u00a0\nSame here, with two tired children.\n\u00a0\n"
)
HEAD = "  • Welcome to the forum of the island\n\nWhat became of the ferry?"


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        "\n\nnora_q\n\nUltra Member\n",
        "\n\nnora_q\n\nislander 6502a\nOriginal poster\nApr 13, 2009\n887\n114\n",
        "\n\nnora_q\n#1 · (Edited)\n",
    ],
)
def test_the_words_of_the_first_post_begin_below_its_authors_card(card: str) -> None:
    lines = read_lines(HEAD + card + FIRST)
    found = opening(lines)
    assert found is not None
    assert "\n".join(line.text for line in lines[found.start :]) == FIRST
    assert found.author == "nora_q"
    assert found.title is not None
    assert found.title.text == "What became of the ferry?"


def test_without_a_card_nothing_is_said() -> None:
    assert opening(read_lines(f"{HEAD}\n{FIRST}")) is None
    assert opening(read_lines(f"{HEAD}{CARD}")) is None
    assert opening(read_lines(f"{HEAD}\n{FIRST}\nLocation:\nthe northern pier\n{FIRST}")) is None


def test_a_short_line_is_not_taken_for_the_title() -> None:
    found = opening(read_lines(f"nora_q\nSenior Member\n{FIRST}"))
    assert found is not None
    assert (found.title, found.author) == (None, None)


def test_a_forum_dump_has_its_first_post_without_the_pages_head_and_later_ones_without_what_is_left_over() -> None:
    discussion = parse_dump(HEAD + CARD + FIRST + REST)
    assert discussion.kind is Kind.THREAD
    assert discussion.article.title == "What became of the ferry?"
    assert discussion.article.paragraphs == tuple(FIRST.split("\n\n"))
    assert [comment.text for comment in discussion.comments] == [
        "I take the bus over the bridge now.",
        "Same here, with two tired children.",
    ]
