"""Changes to texts that must not change their labels: misspelt telling words, swapped identity terms, templates."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from data.sources.examples import Example
from model.lexicon import MASKABLE

_TELLING = re.compile(r"\b(?:" + "|".join(sorted(MASKABLE, key=len, reverse=True)) + r")\b", re.IGNORECASE)

# terms that must weigh the same, by what they stand for; our own list
IDENTITIES: dict[str, tuple[str, ...]] = {
    "religion": ("christian", "muslim", "jewish", "hindu", "buddhist", "catholic", "protestant", "sikh", "atheist"),
    "origin": (
        "african", "american", "arab", "asian", "canadian", "chinese", "european", "indian", "irish", "japanese",
        "mexican", "african american", "hispanic", "latino", "middle eastern", "black", "white", "immigrant",
    ),
    "sexuality": ("gay", "lesbian", "bisexual", "straight", "queer", "homosexual", "heterosexual", "lgbt", "lgbtq"),
    "gender": ("male", "female", "trans", "transgender", "nonbinary"),
    "age": ("old", "older", "young", "younger", "teenage", "elderly", "middle aged", "millenial"),
    "ability": ("blind", "deaf", "paralysed", "disabled"),
}  # fmt: skip
_GROUP_OF = {term: group for group, terms in IDENTITIES.items() for term in terms}
# ordinary words more often than identity terms: swapping them would make nonsense
_AMBIGUOUS = frozenset({"black", "white", "straight", "old", "older", "young", "younger", "blind", "male", "female"})
_TERM = re.compile(
    r"\b(?:" + "|".join(sorted(set(_GROUP_OF) - _AMBIGUOUS, key=len, reverse=True)) + r")\b", re.IGNORECASE
)

_PEOPLE = (
    "people",
    "person",
    "friend",
    "neighbour",
    "family",
    "colleague",
    "women",
    "men",
    "man",
    "woman",
    "parents",
    "kids",
)
_NAMES = (
    "Ana",
    "Tom",
    "Lena",
    "Ravi",
    "Mia",
    "Omar",
    "Kofi",
    "Jin",
    "Eva",
    "Paul",
    "Noor",
    "Ben",
    "Rosa",
    "Ida",
    "Max",
)
_CIVIL = (
    "I am a {term} {who}.", "my {who} is {term}", "{term} {who} live next door to us", "proud to be {term}",
    "{name} is a kind {term} {who}", "we invited our {term} {who} to dinner", "I love my {term} {who}",
    "hug a {term} {who} today", "being {term} is wonderful", "{name} is {term}", "meet {name}, a {term} journalist",
    "thanks to the {term} {who} who helped me", "the new mayor is {term}", "{term} and happy", "I respect {term} {who}",
    "my {term} {who} was treated unfairly", "{name} is a great {term} teacher", "{term} {who} deserve equal rights",
)  # fmt: skip
_HOSTILE = (
    "I hate {term} {who}", "{term} {who} are disgusting", "all {term} {who} should be shot", "kill every {term} {who}",
    "{term} {who} are vermin", "get rid of the {term} {who}", "{name} is a filthy {term} {who}", "shut up, {term} scum",
    "I despise {term} {who}", "{term} {who} are stupid and should go away", "being {term} is a disease",
    "{name} is a worthless {term} idiot", "nobody wants you here, {term} trash", "{term} {who} make me sick",
)  # fmt: skip
_INSULTS = ("an idiot", "disgusting", "a moron", "pathetic", "a worthless liar", "scum", "a stupid coward", "revolting")
_PRAISE = (
    "a good friend",
    "delightful",
    "a brilliant cook",
    "honest",
    "a lovely neighbour",
    "kind",
    "a fine writer",
    "great",
)


def misspelt(text: str, chance: random.Random) -> str:
    """Misspell the telling words of a text as people do to slip past filters."""
    return _TELLING.sub(lambda match: _typo(match[0], chance), text)


def swapped(text: str, chance: random.Random) -> str:
    """Replace the identity terms of a text by others of the same group, each term by the same one throughout."""
    chosen: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        term = match[0].lower()
        return chosen.setdefault(term, chance.choice(IDENTITIES[_GROUP_OF[term]]))

    return _TERM.sub(other, text)


def identity_templates(count: int, seed: int) -> Iterator[Example]:
    """Short sentences about people of every group, half kind and half hostile, so that the term decides nothing."""
    chance = random.Random(seed)
    terms = sorted(_GROUP_OF)
    for number in range(count):
        hostile = number % 2 == 1
        pattern = chance.choice(_HOSTILE if hostile else _CIVIL)
        text = pattern.format(term=chance.choice(terms), who=chance.choice(_PEOPLE), name=chance.choice(_NAMES))
        yield Example(
            text, "templates", {"toxicity": 0.95 if hostile else 0.02, "identity_attack": 0.9 if hostile else 0.02}
        )
        if number % 4 == 0:
            yield _named(chance)


def _named(chance: random.Random) -> Example:
    """A name praised or insulted: insults hold without any identity."""
    insulted = chance.random() < 0.5
    text = f"{chance.choice(_NAMES)} is {chance.choice(_INSULTS if insulted else _PRAISE)}"
    return Example(text, "templates", {"toxicity": 0.93 if insulted else 0.02, "insult": 0.95 if insulted else 0.02})


def _typo(word: str, chance: random.Random) -> str:
    """Drop, double or swap a letter, put a sign in, or space the letters out."""
    if len(word) < 4:
        return word
    place = chance.randrange(1, len(word) - 1)
    kinds = (
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + chance.choice("*-._") + word[place:],
        " ".join(word),
    )
    return chance.choice(kinds)
