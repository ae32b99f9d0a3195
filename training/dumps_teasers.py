"""Lists of dated teasers and episodes, as front pages and feeds have them: they look like comments and are none.

Saved pages with gold hold few such lists, so that a network that learns from them alone takes a headline for a name.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import date, timedelta

from data.evaluate.gold import GoldPage

FEWEST, MOST = 3, 14  # teasers in a list
_SENTENCE = re.compile(r"[^.!?\n]{30,240}[.!?]")
_FIRST_DAY = date(2012, 1, 1)
_FORMS = ("%B %-d, %Y", "%-d %B %Y", "%Y-%m-%d", "%d.%m.%Y", "%b %-d, %Y %H:%M", "%-d %b %Y", "%m/%d/%Y")
_LAYOUTS = (
    "{head}\n{day}\n{lead}",
    "{day}\n{head}\n{lead}",
    "{head}\n{lead}\n{day}",
    "{head}\n{day}",
    "{head}\n\n{day}\n\n{lead}",
    "{head} {number}\n{day}\n{lead}",
    "{head} | {day}\n{lead}",
    "{head}\nBy {name}, {day}\n{lead}",
    "{name}\n{day}\n{head}\n{lead}",
    "- {head}: {lead} {lead_too} {minutes}m - {day}",
    "{head} #{number}: {lead} {lead_too}\n{day} · {minutes} min",
    "{number}. {head}\n{lead} {lead_too}",
)
_NAMES = ("Ottilie Reed", "Gerd Plumley", "Staff reporter", "Newsroom", "Ines Marlow", "T. Hartnell", "Editor", "AP")


def teasers(pages: Sequence[GoldPage], count: int, seed: int) -> list[str]:
    """Return `count` dumps of an article above a list of teasers, all worded by the articles of some pages."""
    chance = random.Random(seed)
    articles = [found for page in pages if len(found := _SENTENCE.findall(page.article or "")) > 3]
    if not articles:
        return []
    every = [sentence.strip() for article in articles for sentence in article]
    return [_dump(chance.choice(articles), every, chance) for _ in range(count)]


def _dump(article: Sequence[str], sentences: Sequence[str], chance: random.Random) -> str:
    layout, form, gap = chance.choice(_LAYOUTS), chance.choice(_FORMS), chance.choice(("\n", "\n\n"))
    day = _FIRST_DAY + timedelta(chance.randrange(5_000))
    title, same_lead = _head(chance.choice(sentences), chance), chance.random() < 0.2
    lead, parts = chance.choice(sentences), []
    for number in range(chance.randint(FEWEST, MOST)):
        lead = lead if same_lead else chance.choice(sentences)
        head = title if "{number}" in layout else _head(chance.choice(sentences), chance)
        told = (day + timedelta(number)).strftime(form)
        too, minutes = chance.choice(sentences), chance.randint(3, 90)
        name = chance.choice(_NAMES)
        parts.append(
            layout.format(head=head, lead=lead, lead_too=too, minutes=minutes, day=told, name=name, number=number + 1)
        )
    start = chance.randrange(len(article))
    body = gap.join(article[start : start + chance.randint(1, 8)])
    return f"{body}\n\n{gap.join(parts)}" if chance.random() < 0.8 else gap.join(parts)


def _head(sentence: str, chance: random.Random) -> str:
    words = sentence.split()[: chance.randint(2, 9)]
    text = " ".join(words).strip(" ,;:.!?")
    return text.title() if chance.random() < 0.4 else text
