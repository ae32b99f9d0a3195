"""The language of a text, offline, by py3langid: conservative, because a wrong answer costs a comment its scores.

Comments are short and full of slang, names, links and masked swearing, on which n-gram models err with confidence
("lol u r soooo dumb"). So another language than English is only named when the model is sure, sees no English, and
the text holds no share of English function words.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

MAX_CHARS = 2_000  # more text changes nothing and costs time
MIN_LETTERS = 16  # below it the model guesses; scripts of few letters per word count more, see `_weight`
SURE = 0.9  # no English comment of the demonstration set, nor of 9,600 of a newspaper, is above it in another language
CLOSE = 0.02  # more than this left for English means unsure
ENGLISH_SHARE = 0.16  # of the words; slang keeps "the", "is", "u", other languages share only a few of these

_NOISE = re.compile(r"https?://\S+|www\.\S+|(?<!\S)\S+@\S+|[@#]\w+|(?<!\S)\S*[*$%\d_]\S*|&\w+;")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_OTHER_SCRIPT = re.compile(r"[^\W\d_a-zA-Z\u00aa-\u02af\u1e00-\u1eff]")  # letters that are not Latin
# Without the small relatives (Luxembourgish, Galician, Scots ...) that the model knows, ordinary sentences in the
# large languages are told with more confidence.
_LANGUAGES = (
    "af ar bg bn bs ca cs cy da de el en es et eu fa fi fr ga gu he hi hr hu hy id is it ja ka kk ko lt lv mk ml mr ms "
    "mt ne nl no pa pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur vi zh"
).split()
_ENGLISH = frozenset(
    "the and of to is it that this you are was for not with have but they what be do if just your my can about"
    " so would "
    "will who how from there their when we all on as at by or he she his her them then than more no yes i'm i"
    " it's don't "
    "can't isn't u ur lol wtf omg get got like know think should because people why has had were been our out up off "
    "these those some any only even never always really very too much right good bad well now here go going did does "
    "didn't doesn't won't wouldn't that's you're they're he's she's there's what's let's i've i'll us its i'd".split()
)
_FOREIGN_TWINS = frozenset("was so as do no us on or me her he we i has at by in de la ne si u out go get".split())


def detect(text: str) -> str | None:
    """Return the ISO 639-1 code of the language, or None when the text is too short or the answer unsure."""
    words = _WORD.findall(_NOISE.sub(" ", text[:MAX_CHARS]))
    cleaned = " ".join(words)
    if not words:
        return None
    english = _english_share(words)
    if _weight(cleaned) < MIN_LETTERS:
        return "en" if english >= 0.5 and len(words) > 2 else None
    if english >= ENGLISH_SHARE:  # whatever the model would say; asking it takes most of the time
        return "en"
    ranking = _identifier().rank(cleaned.lower())
    return _judge(ranking, english)


def _judge(ranking: list[tuple[str, float]], english: float) -> str | None:
    """Weigh the model's ranking against the share of English function words."""
    best, sure = ranking[0]
    if best == "en" and (sure >= 0.5 or english > 0):
        return "en"
    left = dict(ranking).get("en", 0.0)
    if best != "en" and sure >= SURE and left <= CLOSE:
        return str(best)[:2]
    return None


def _weight(text: str) -> int:
    """Count letters; one of another script than Latin says as much as four, because English is ruled out."""
    others = [] if text.isascii() else _OTHER_SCRIPT.findall(text)
    return sum(map(str.isalpha, text)) + 4 * len(others) - sum(map(str.isalpha, others))


def _english_share(words: list[str]) -> float:
    """Return the share of words that are English function words and no word of a neighbouring language."""
    folded = [word.lower().replace("’", "'") for word in words]
    return sum(word in _ENGLISH and word not in _FOREIGN_TWINS for word in folded) / len(folded)


@cache
def _identifier() -> Any:
    """Load the model once, with probabilities; takes up to a second of the processor."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # imported late: parsing alone does not need it

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in _LANGUAGES if code in identifier.labels])
    return identifier
