"""Languages: others are named when sure, English comments are never taken for another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.language import detect

DEMO = Path(__file__).parent.parent.parent / "data" / "demo" / "discussions.jsonl"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Das ist doch kompletter Unsinn, was Sie da schreiben.", "de"),
        ("Je ne suis pas d'accord avec cet article.", "fr"),
        ("Esto es una vergüenza para todo el país.", "es"),
        ("Это полный бред", "ru"),
        ("The ferry was late again and nobody knew why.", "en"),
        ("lol u r soooo dumb", None),
        ("f*ck off u m0ron", None),
        ("😂😂😂", None),
        ("", None),
        ("ok", None),
    ],
)
def test_language_is_told_or_left_open(text: str, language: str | None) -> None:
    assert detect(text) == language


def test_no_english_comment_is_taken_for_another_language() -> None:
    discussions = [json.loads(line) for line in DEMO.read_text("utf-8").splitlines()]
    found = {detect(comment["text"]) for discussion in discussions for comment in discussion["comments"]}
    assert found <= {"en", None}
