"""Word lists and link rules of a newsroom: what they find in a comment sends it to review, nothing more.

Words are matched on the normalised text, so that look-alikes, masks and zero-width characters do not slip through;
the place found is mapped back to the text as published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

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
            if _counts(match, text[start:end]):
                yield Found(rule, start, end)


_TRIPLED = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
_LETTER_RUN = re.compile(r"(?:([^\W\d_])\1*)|\s+|.", re.DOTALL)
_SIGNS = {"a": "4@", "b": "8", "e": "3€", "g": "9", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+"}
_SHORTEST_DISGUISED = 4  # letters; shorter words are met by chance among signs and numbers


def _compile_word(rule: WordRule) -> re.Pattern[str]:
    """Four spellings: exact, letters held longer, letters apart (`w a l r u s`), and signs for letters (`w@l*us`)."""
    word = normalise(rule.pattern.strip("* ")).text.strip()
    # Attempted at the beginnings of words only: a search from every letter would take the square of a long word.
    before = r"(?<!\w)\w*" if rule.pattern.startswith("*") else r"(?<!\w)"
    after = r"\w*" if rule.pattern.endswith("*") else r"(?!\w)"
    runs = [run[0] for run in _LETTER_RUN.finditer(word)]
    spellings = {"exact": "".join(map(_exact, runs)), "held": "".join(map(_held, runs))}
    if len(word) >= _SHORTEST_DISGUISED and word.isalpha():
        spellings["apart"] = r"[\W_]{1,2}".join(map(re.escape, word))
        spellings["masked"] = "".join(map(_masked, word))
    return re.compile("|".join(f"(?P<{name}>{before}{one}{after})" for name, one in spellings.items()), re.IGNORECASE)


def _counts(match: re.Match[str], published: str) -> bool:
    """Whether a spelling is the word: held letters must have been held for three (the normaliser cuts them to two,

    which alone would confuse `lose` with `loose`), and at least half of a masked word must be letters.
    """
    if match.lastgroup == "held":
        return _TRIPLED.search(published) is not None
    if match.lastgroup == "masked":
        return sum(letter.isalpha() for letter in match[0]) * 2 >= len(match[0])
    return True


def _exact(run: str) -> str:
    return r"\s+" if run.isspace() else re.escape(run)


def _held(run: str) -> str:
    if run.isspace():
        return r"\s+"
    return re.escape(run) + "+" if run[0].isalpha() else re.escape(run)


def _masked(letter: str) -> str:
    return f"[{re.escape(letter + _SIGNS.get(letter.lower(), ''))}*#]"


def _compile_link(rule: WordRule) -> re.Pattern[str]:
    """A link to the host or to a host below it, with or without `https://`; `*` needs `http` or `www.`."""
    if rule.pattern.strip() == "*":
        return re.compile(r"(?:https?://|\bwww\.)\S+", re.IGNORECASE)
    host = re.escape(rule.pattern.strip().lower().removeprefix("*."))
    return re.compile(rf"(?<![\w.-])(?:https?://)?(?:[\w-]+\.)*{host}(?![\w-]|\.\w)(?:[:/?#]\S*)?", re.IGNORECASE)


@lru_cache(maxsize=16)
def compiled(rules: tuple[WordRule, ...]) -> WordRules:
    """The rules ready for use; the same lists are asked for with every discussion, and compiling takes its time."""
    return WordRules(rules)


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def reasons(found: Sequence[Found]) -> list[Reason]:
    """One reason per rule that was met, in order of the text."""
    met = dict.fromkeys(place.rule for place in found)
    return [Reason(rule.list.value, SCORE[rule.list], 0.0, rule.pattern) for rule in met]


def spans(found: Sequence[Found]) -> list[Span]:
    """Where to highlight what was found."""
    return [Span(place.start, place.end, place.rule.list.value, SCORE[place.rule.list]) for place in found]
