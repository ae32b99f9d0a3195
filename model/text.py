"""The normaliser: what the model reads in place of a published comment. Training and serving share it.

Each step rewrites what hides the words and keeps what carries meaning: emoji become their names, not nothing,
because they often are the sarcasm. Every character of the result knows which characters of the original it stands
for, so that a span found in the normalised text can be shown in the text as published.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import emoji

from model.lexicon import LOOK_ALIKES, MASKABLE, MASKS, SIGNS, WILDCARDS


@dataclass(frozen=True, slots=True)
class Normalised:
    """A normalised text; `starts[i]` and `ends[i]` are the code points of the original that character i covers."""

    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map the span [start, end) of the normalised text to one of the original; an empty one stays empty."""
        if not self.text or start >= end:
            return 0, 0
        return self.starts[start], self.ends[min(end, len(self.text)) - 1]


def normalise(text: str, most: int | None = None) -> Normalised:
    """Return what the model reads for a published comment, with offsets into it.

    Of a text of more than `most` characters only the first three quarters of so many and the last quarter are read.
    """
    current = Normalised(text, range(len(text)), range(1, len(text) + 1))
    if most is not None and len(text) > most:
        current = _apply(current, [(most - most // 4, len(text) - most // 4, " ")])
    for step in STEPS:
        current = step(current)
    return current


def entities(current: Normalised) -> Normalised:
    """Resolve HTML entities that a platform left in the text: `&amp;` is `&`."""
    if "&" not in current.text:
        return current
    return _rewrite(current, _ENTITY, lambda match: html.unescape(match[0]))


def emoji_names(current: Normalised) -> Normalised:
    """Write emoji as their English names between spaces; a gender sign that lost its joiner says nothing more."""
    if current.text.isascii():
        return current
    edits = []
    last_end = -1
    for found in emoji.emoji_list(current.text):
        start, end = found["match_start"], found["match_end"]
        orphan = found["emoji"].rstrip("\ufe0f") in _GENDER_SIGNS and start == last_end
        edits.append((start, end, "" if orphan else _emoji_words(found["emoji"])))
        last_end = end
    return _apply(current, edits)


def invisible(current: Normalised) -> Normalised:
    """Drop zero-width characters, soft hyphens, direction marks, halves of characters and piled marks."""
    if current.text.isascii():
        return current
    return _rewrite(current, _INVISIBLE, lambda match: "")


def look_alikes(current: Normalised) -> Normalised:
    """Write styled, full-width and look-alike letters as the Latin ones they print as; other scripts stay."""
    if current.text.isascii():
        return current
    current = _rewrite(current, _STYLED, lambda match: unicodedata.normalize("NFKC", match[0]))
    return _rewrite(current, _WORD, lambda match: _latinised(match[0]))


def addresses(current: Normalised) -> Normalised:
    """Shorten a link to the word `link` and its host: where it leads matters, its path does not."""
    if "http" not in current.text and "www." not in current.text:
        return current
    return _rewrite(current, _ADDRESS, lambda match: f"link {match['host'].replace('.', ' ')}")


def spaced_words(current: Normalised) -> Normalised:
    """Join a masked word written letter by letter: `i d i o t`, `f.u.c.k`; other sequences stay."""
    return _rewrite(current, _SPACED, lambda match: _joined(match[0]))


def masked_words(current: Normalised) -> Normalised:
    """Unmask swear words and insults: `f**k`, `m0r0ns`, `sh!t`; numbers, names and prices stay."""
    return _rewrite(current, _MASKED, lambda match: _unmasked(match[0]))


def elongations(current: Normalised) -> Normalised:
    """Cut a letter repeated three times or more to two and a sign to three: the emphasis stays visible."""
    current = _rewrite(current, _LONG_LETTER, lambda match: match[1] * 2)
    return _rewrite(current, _LONG_SIGN, lambda match: match[1] * 3)


def spaces(current: Normalised) -> Normalised:
    """Write every run of white space as one space."""
    return _rewrite(current, _SPACE, lambda match: " ")


STEPS: tuple[Callable[[Normalised], Normalised], ...] = (
    entities,
    emoji_names,
    invisible,
    look_alikes,
    addresses,
    spaced_words,
    masked_words,
    elongations,
    spaces,
)

_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_GENDER_SIGNS = frozenset("♀♂")
_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ud800-\udfff\ufe00-\ufe0f\ufeff]+"
)
_STYLED = re.compile("[\u2100-\u214f\uff01-\uff5e\U0001d400-\U0001d7ff]")
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]*[\u0370-\u03ff\u0400-\u052f\u0261][^\W\d_]*")
_ADDRESS = re.compile(r"(?:https?://|\bwww\.)(?:www\.)?(?P<host>[\w.-]{1,80})(?::\d+)?(?:[/?#]\S*)?")
_SPACED = re.compile(r"(?<![\w@])[A-Za-z@$!0-9](?:[ .\-_*][A-Za-z@$!0-9]){2,13}(?![\w@])")
_MASKED = re.compile(
    r"(?<![\w@#$/.:*])(?=\S{0,13}[A-Za-z])(?=\S{0,13}[0-9@$!|+€£¡*#%_])[\w@$!|+€£¡*#%(.·•-]{3,14}(?![\w/*])"
)
_LONG_LETTER = re.compile(r"([^\W\d_])\1{2,}")
_LONG_SIGN = re.compile(r"([^\w\s])\1{3,}")
_SPACE = re.compile(r"\s+")
_WORDS = {word: word for word in MASKABLE}
_BY_LENGTH: dict[int, list[str]] = {}
for _word in MASKABLE:
    _BY_LENGTH.setdefault(len(_word), []).append(_word)


@lru_cache(maxsize=4096)
def _emoji_words(sign: str) -> str:
    name: str = emoji.demojize(sign, delimiters=("", ""), language="en")
    return f" {name.replace('_', ' ').replace('-', ' ')} "


def _latinised(word: str) -> str:
    """A word is disguised when, after replacing look-alikes, it is Latin throughout and was partly Latin before."""
    replaced = "".join(LOOK_ALIKES.get(letter, letter) for letter in word)
    mixed = any(letter.isascii() for letter in word)
    return replaced if replaced.isascii() and (mixed or replaced.lower() in _WORDS) else word


def _joined(letters: str) -> str:
    word = re.sub(r"[ .\-_*]", "", letters)
    return next((found for found in _readings(word.lower()) if found in _WORDS and len(found) > 3), letters)


def _unmasked(token: str) -> str:
    """Return the maskable word that the token stands for, trailing signs kept, or the token unchanged."""
    core = token.rstrip("!.,-_")
    for candidate in (core, token):
        found = _fitting(candidate.lower())
        if found is not None:
            return found + token[len(candidate) :]
    return token


@lru_cache(maxsize=4096)
def _fitting(token: str) -> str | None:
    """The first maskable word of the same length that the token's letters and signs allow.

    Wildcards must leave the first letter and half of the word readable, and two letters must be plain, so that `***`
    or `$500` stay.
    """
    if token in MASKS:
        return MASKS[token]
    letters = sum(sign.isalpha() for sign in token)
    hidden = sum(sign in WILDCARDS for sign in token)
    if letters < 2 or hidden * 2 > len(token) or letters == len(token):
        return None
    return next(
        (word for word in _BY_LENGTH.get(len(token), ()) if all(map(_allows, token, word, [0, *[1] * len(word)]))), None
    )


def _allows(sign: str, letter: str, position: int) -> bool:
    return sign == letter or letter in SIGNS.get(sign, "") or (position > 0 and sign in WILDCARDS)


def _readings(word: str) -> Iterable[str]:
    """Every reading of a short word whose signs may stand for letters, 64 at most."""
    choices = [SIGNS.get(sign, sign) for sign in word]
    count = 1
    for choice in choices:
        count *= len(choice)
    return map("".join, product(*choices)) if count <= 64 else ()


def _rewrite(current: Normalised, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> Normalised:
    edits = [
        (match.start(), match.end(), new)
        for match in pattern.finditer(current.text)
        if (new := replacement(match)) != match[0]
    ]
    return _apply(current, edits)


def _apply(current: Normalised, edits: list[tuple[int, int, str]]) -> Normalised:
    """Replace each (start, end, new) of the text; the new characters stand for the whole of what they replace."""
    if not edits:
        return current
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end, new in edits:
        pieces += current.text[position:start], new
        starts += current.starts[position:start]
        ends += current.ends[position:start]
        starts += [current.starts[start]] * len(new)
        ends += [current.ends[end - 1]] * len(new)
        position = end
    pieces.append(current.text[position:])
    starts += current.starts[position:]
    ends += current.ends[position:]
    return Normalised("".join(pieces), tuple(starts), tuple(ends))


def covering(normalised: Normalised, original_start: int, original_end: int) -> tuple[int, int]:
    """Map the span [start, end) of the original to the normalised characters that stand for any of it."""
    first = bisect_left(normalised.ends, original_start + 1)
    last = bisect_left(normalised.starts, original_end)
    return first, max(first, last)
