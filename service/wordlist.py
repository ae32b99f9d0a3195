"""Word lists and link rules of a newsroom: what they find in a comment sends it to review, nothing more.

Words are matched on the normalised text, so that look-alikes, masks and zero-width characters do not slip through;
the place found is mapped back to the text as published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from model.scores import Span
from model.text import Normalised, normalise
from service.policy import Reason

LONGEST_PATTERN = 100  # characters of one rule
MOST_FOUND = 20  # places shown per comment; the rest says nothing new


class WordList(StrEnum):
    """What a match means: banned words are the most urgent, allowed ones are never matched by the other two."""

    BANNED = "banned"
    SUSPECT = "suspect"
    ALLOWED = "allowed"


SCORE = {WordList.BANNED: 1.0, WordList.SUSPECT: 0.5}  # the urgency of a comment that nothing else sent to review


class RuleKind(StrEnum):
    """A word or phrase, or a link to a host."""

    WORD = "word"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class WordRule:
    """One line of a list. A word may begin or end with `*`; a link is a host name, `*` for any link."""

    list: WordList
    kind: RuleKind
    pattern: str


@dataclass(frozen=True, slots=True)
class Found:
    """One place in the text as published where a rule applies: code points, end exclusive."""

    rule: WordRule
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WordRules:
    """The rules of one site, compiled once."""

    rules: tuple[WordRule, ...] = ()
    _compiled: dict[WordRule, re.Pattern[str]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._compiled[rule] = _compile_link(rule) if rule.kind is RuleKind.LINK else _compile_word(rule)

    def find(self, text: str) -> list[Found]:
        """Every place where a banned or suspect rule applies and no allowed one does, in order of the text."""
        if not self.rules:
            return []
        normalised = normalise(text)
        found = [place for rule in self.rules for place in self._places(rule, text, normalised)]
        allowed = [place for place in found if place.rule.list is WordList.ALLOWED]
        kept = [p for p in found if p.rule.list is not WordList.ALLOWED and not any(_overlap(p, a) for a in allowed)]
        return sorted(kept, key=lambda place: (place.start, place.end))[:MOST_FOUND]

    def _places(self, rule: WordRule, text: str, normalised: Normalised) -> Iterator[Found]:
        pattern = self._compiled[rule]
        if rule.kind is RuleKind.LINK:
            yield from (Found(rule, match.start(), match.end()) for match in pattern.finditer(text))
            return
        for match in pattern.finditer(normalised.text):
            start, end = normalised.original_span(match.start(), match.end())
            if match["exact"] is not None or _TRIPLED.search(text, start, end):
                yield Found(rule, start, end)


_TRIPLED = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
_LETTER_RUN = re.compile(r"(?:([^\W\d_])\1*)|[^\w]+|.", re.DOTALL)


def _compile_word(rule: WordRule) -> re.Pattern[str]:
    """Two spellings: the exact one, and one with letters held longer, which counts only when one was held for three.

    The normaliser cuts held letters to two, which alone would confuse `lose` with `loose`.
    """
    word = normalise(rule.pattern.strip("* ")).text.strip()
    before = r"\w*" if rule.pattern.startswith("*") else r"(?<!\w)"
    after = r"\w*" if rule.pattern.endswith("*") else r"(?!\w)"
    exact = "".join(r"\W+" if _is_gap(run[0]) else re.escape(run[0]) for run in _LETTER_RUN.finditer(word))
    held = "".join(_held(run) for run in _LETTER_RUN.finditer(word))
    return re.compile(f"(?P<exact>{before}{exact}{after})|{before}{held}{after}", re.IGNORECASE)


def _is_gap(run: str) -> bool:
    return run.isspace()


def _held(run: re.Match[str]) -> str:
    if _is_gap(run[0]):
        return r"\W+"
    return re.escape(run[0]) + "+" if run[1] else re.escape(run[0])


def _compile_link(rule: WordRule) -> re.Pattern[str]:
    """A link to the host or to a host below it, with or without `https://`; `*` needs `http` or `www.`."""
    if rule.pattern.strip() == "*":
        return re.compile(r"(?:https?://|\bwww\.)\S+", re.IGNORECASE)
    host = re.escape(rule.pattern.strip().lower().removeprefix("*."))
    return re.compile(rf"(?<![\w.-])(?:https?://)?(?:[\w-]+\.)*{host}(?![\w-])(?:[:/?#]\S*)?", re.IGNORECASE)


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def reasons(found: Sequence[Found]) -> list[Reason]:
    """One reason per rule that was met, in order of the text."""
    met = dict.fromkeys(place.rule for place in found)
    return [Reason(rule.list.value, SCORE[rule.list], 0.0, rule.pattern) for rule in met]


def spans(found: Sequence[Found]) -> list[Span]:
    """Where to highlight what was found."""
    return [Span(place.start, place.end, place.rule.list.value, SCORE[place.rule.list]) for place in found]
