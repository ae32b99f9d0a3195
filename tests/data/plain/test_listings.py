"""Lists that are dated like discussions and are none."""

from __future__ import annotations

import pytest

from data.plain.dump import parse_dump
from data.plain.lines import read_lines
from data.plain.listings import is_listing

CHANGES = (
    "1.7.{n} (Aug {n}, 2021)",
    "## [2.0.{n}] - 2021-06-{n}",
    "Version 0.{n}",
    "v1.{n}, 2021-06-{n}",
    "curl (7.88.{n}-1) unstable; urgency=medium",
    "commit 18b845e69752c975dfeda418ec00eda226{n}2ee",
    "Author: Ada Reed <ada@a.test>",
    "2021-06-{n}  Ada Reed  <ada@a.test>",
    " -- Ada Reed <ada@a.test>  Mon, {n} May 2021 10:00:00 +0000",
)
TALK = (
    "12.05.{n}",
    "Ada Reed 12.05.20{n} 14:33",
    "4.{n} stars",
    "Rated 4.{n} out of 5",
    "Ada Reed {n} May 2021",
    "10.{n} am",
    "82.3.4.{n} (talk)",
    "I went back to 7.88.{n} and it works again, thanks to all of you here",
)


def _dump(head: str) -> str:
    told = (f"{head.format(n=n)}\nI mended what had been broken for {n} weeks, and it works." for n in range(10, 18))
    return "\n\n".join(told)


@pytest.mark.parametrize("head", CHANGES)
def test_changes_of_a_program_are_no_discussion(head: str) -> None:
    text = _dump(head)
    assert is_listing(list(read_lines(text)), 8)
    assert parse_dump(text).comments == ()


@pytest.mark.parametrize("head", TALK)
def test_days_ratings_and_versions_that_commenters_name_end_no_discussion(head: str) -> None:
    assert not is_listing(list(read_lines(_dump(head))), 8)


@pytest.mark.parametrize("head", ["46m - Dec {n}, 2025", "{n} December 2025 · 1h 6m", "Dec {n}, 2025 | 32 min"])
def test_episodes_are_no_discussion_however_chatty(head: str) -> None:
    assert is_listing(list(read_lines(_dump(head))), 8)


@pytest.mark.parametrize("head", ["Waited 40 min on Dec {n}, 2025", "Dec {n}, 2025 at 10:46", "46m ago"])
def test_minutes_that_commenters_speak_of_end_no_discussion(head: str) -> None:
    assert not is_listing(list(read_lines(_dump(head))), 8)


def test_few_entries_among_many_comments_end_no_discussion() -> None:
    lines = list(read_lines(_dump("Version 0.{n}")))
    assert is_listing(lines, 16)
    assert not is_listing(lines, 17)
