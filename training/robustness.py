"""Disguises that commenters use, for measuring how many toxic comments still score as toxic behind them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from model.lexicon import LOOK_ALIKES

_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5"})
_TWINS: dict[str, str] = {}
for _sign, _letter in LOOK_ALIKES.items():
    _TWINS.setdefault(_letter, _sign)
_EMOJI = {
    "kill": "🔪",
    "shoot": "🔫",
    "pig": "🐷",
    "pigs": "🐷",
    "clown": "🤡",
    "clowns": "🤡",
    "rat": "🐀",
    "trash": "🗑️",
    "shit": "💩",
}


def leetspeak(text: str, chance: random.Random) -> str:
    """Replace vowels and s by the digits that look like them in a third of the words."""
    return _some_words(text, chance, lambda word: word.translate(_LEET))


def spacing(text: str, chance: random.Random) -> str:
    """Space out a third of the words letter by letter."""
    return _some_words(text, chance, " ".join)


def look_alikes(text: str, chance: random.Random) -> str:
    """Replace letters by the same-looking ones of other alphabets in a third of the words."""
    return _some_words(text, chance, lambda word: "".join(_TWINS.get(letter, letter) for letter in word))


def emoji_swaps(text: str, chance: random.Random) -> str:
    """Replace words by the emoji that stands for them."""
    return " ".join(_EMOJI.get(word.lower().strip(".,!?"), word) for word in text.split(" "))


def upper_case(text: str, chance: random.Random) -> str:
    """Shout."""
    return text.upper()


DISGUISES: Mapping[str, Callable[[str, random.Random], str]] = {
    "leetspeak": leetspeak,
    "spacing": spacing,
    "look_alikes": look_alikes,
    "emoji_swaps": emoji_swaps,
    "upper_case": upper_case,
}


def _some_words(text: str, chance: random.Random, change: Callable[[str], str]) -> str:
    return " ".join(change(word) if len(word) > 3 and chance.random() < 1 / 3 else word for word in text.split(" "))
