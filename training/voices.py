"""Tells a text again in the voice of somebody who types on a phone: what it says, and its labels, stay.

Networks learn that gushing is mockery, because most of what gushes in collections of sarcasm is. Said in such a voice,
a mocking comment mocks and a sincere one does not: with the voice lent to both alike, it weighs nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

_OPENINGS = (
    "omg", "omg guys", "omg u guys", "ok so", "wow", "lol", "ngl", "guys", "yo", "honestly", "i mean,", "wait", "ugh",
    "haha", "OMG", "ok but", "no but", "literally", "i can't even,", "oh wow", "y'all",
)  # fmt: skip
_SHORT = {
    "you": "u", "your": "ur", "you're": "ur", "are": "r", "because": "bc", "please": "pls", "people": "ppl",
    "though": "tho", "really": "rly", "very": "literally so", "going to": "gonna", "want to": "wanna",
    "got to": "gotta", "to be honest": "tbh", "i don't know": "idk", "for your information": "fyi", "right now": "rn",
    "okay": "ok", "about": "abt", "thanks": "thx", "them": "em", "and": "n", "with": "w", "probably": "prob",
}  # fmt: skip
_DRAWN = ("so", "no", "way", "yes", "really", "please", "love", "much", "all", "cool", "bad", "good", "oh", "very")
_ENDS = (".", ".", "!", "!!", "!!!", " lol", " tho", "...", " fr", " omg")
_SIGNS = ("😭", "🤯", "🙏", "😂", "👏", "💀", "🔥", "😩", "✨", "💯", "🤷‍♀️", "😲", "💪", "😱", "💔", "🥺", "❤️", "👀")
_BREAK = re.compile(r"[.!](?=\s|$)")


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(sorted(words, key=len, reverse=True)) + r")\b", re.IGNORECASE)


_SHORTENED, _DRAWABLE = _any_of(_SHORT), _any_of(_DRAWN)


def voiced(text: str, chance: random.Random) -> str:
    """Return the text with some of a phone's habits: each text has its own few."""
    if chance.random() < 0.5:
        text = text.lower().replace("'", "" if chance.random() < 0.5 else "'")
    text = _SHORTENED.sub(lambda match: _shortened(match[0]) if chance.random() < 0.5 else match[0], text)
    text = _DRAWABLE.sub(lambda match: _drawn_out(match[0], chance) if chance.random() < 0.25 else match[0], text)
    text = _BREAK.sub(lambda _: _ending(chance), text)
    if chance.random() < 0.6:
        text = f"{chance.choice(_OPENINGS)} {text}"
    return text


def _shortened(word: str) -> str:
    return _SHORT.get(word.lower(), word)  # where case is ignored, a Turkish dotless i is one, too


def _drawn_out(word: str, chance: random.Random) -> str:
    return word + word[-1] * chance.randint(1, 4)


def _ending(chance: random.Random) -> str:
    end = chance.choice(_ENDS)
    return f"{end} {chance.choice(_SIGNS)}" if chance.random() < 0.35 else end
