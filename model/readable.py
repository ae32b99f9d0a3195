"""Which comments the model reads, and what of them: the reader's own words, in a language that it knows."""

from __future__ import annotations

from data.language import detect
from data.records import Comment
from model.scores import ATTRIBUTES, LANGUAGE, CommentScores

MISSING = dict.fromkeys(ATTRIBUTES)
EMPTY = CommentScores(MISSING, None, "empty")


def own_words(comment: Comment) -> str:
    """The comment's text with marked quotes of others blanked and offsets kept; all of it when it is all quotes."""
    text = comment.text
    for quote in comment.extra.get("quotes", ()):
        if "start" in quote:
            start, end = quote["start"], quote["end"]
            text = text[:start] + " " * (end - start) + text[end:]
    return text if text.strip() else comment.text


def before_reading(text: str, any_language: bool = False) -> CommentScores:
    """What is known of own words before they are read; `reason` is None when they are to be scored."""
    return of_language(detect(text), any_language) if text.strip() else EMPTY


def of_language(language: str | None, any_language: bool = False) -> CommentScores:
    """The same of a text in this language, None where that is not known."""
    foreign = language not in (None, LANGUAGE) and not any_language
    return CommentScores(MISSING, language, "language" if foreign else None)
