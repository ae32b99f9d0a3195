"""The report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from data.records import Article, Comment
from model.scores import ATTRIBUTES, CommentScores, Scorer
from service.policy import BELOW, DEFAULT_THRESHOLDS
from service.report import charts
from service.report.totals import Example, Group, Totals

WORDS = {name: "off topic" if name in BELOW else name.replace("_", " ") for name in ATTRIBUTES}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an example: `attribute` is what was found in it, or None."""

    text: str
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example with its spans marked."""

    score: str
    pieces: Sequence[Piece]
    article: str | None


def render_report(totals: Totals, title: str, now: datetime, scorer: Scorer | None = None) -> str:
    """Return the page; with a scorer the examples show which words made them score."""
    environment = Environment(
        loader=PackageLoader("service.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["share"] = share
    environment.filters["crossed_share"] = Group.share
    periods, shown = totals.periods(), totals.attributes
    return environment.get_template("report.html").render(
        title=title,
        totals=totals,
        written=now.strftime("%d %B %Y"),
        versions=", ".join(sorted(totals.versions)),
        cards=_cards(totals),
        shown=shown,
        unscored=[name.replace("_", " ") for name in ATTRIBUTES if name not in shown],
        distributions=[Markup(drawing) for drawing in charts.distributions(totals)],
        over_time=Markup(charts.over_time(periods, shown)) if len(periods) > 1 else None,
        plane=Markup(charts.sarcasm_against_toxicity(totals)) if totals.grid.any() else None,
        thresholds=Markup(charts.thresholds(totals)) if shown else None,
        threads=totals.toxic_threads() if "toxicity" in shown else [],
        articles=totals.largest(totals.articles),
        sections=totals.largest(totals.sections),
        sources=totals.largest(totals.sources) if len(totals.sources) > 1 else [],
        languages=totals.languages.most_common(6),
        examples=[(WORDS[name], DEFAULT_THRESHOLDS[name], _examples(name, totals, scorer)) for name in ATTRIBUTES],
    )


def share(value: float) -> str:
    """Write a share as people do: `12 %`, `0.4 %`, `0 %`."""
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 10 or percent == 0 else f"{percent:.1f} %"


def _cards(totals: Totals) -> list[tuple[str, str, str]]:
    """The figures at the top: number, what it is, and a remark."""
    whole: Group = totals.whole
    kinds = {"toxicity": "toxic", "sarcasm": "sarcastic", "relevance": "off topic"}
    return [
        (f"{whole.comments:,}", "comments", f"{len(totals.articles):,} articles"),
        (share(whole.review_share), "to review", f"{whole.reviewed:,} comments"),
        *(
            (share(whole.share(name)), word, f"{whole.crossed[name]:,} of {whole.rated[name]:,} comments")
            for name, word in kinds.items()
            if name in totals.attributes
        ),
        (
            share(1 - whole.scored / whole.comments if whole.comments else 0),
            "not scored",
            "empty, or in another language",
        ),
    ]


def _examples(name: str, totals: Totals, scorer: Scorer | None) -> list[ShownExample]:
    return [
        ShownExample(
            f"{1 - example.score if name in BELOW else example.score:.2f}",
            _pieces(name, example, scorer),
            example.article,
        )
        for example in totals.ranked_examples(name)
    ]


def _pieces(name: str, example: Example, scorer: Scorer | None) -> list[Piece]:
    """Cut an example where the scorer found what made it score."""
    if scorer is None or name in BELOW:
        return [Piece(example.text)]
    article = Article(example.article) if example.article else None
    scored: CommentScores = scorer.score([Comment("", example.text)], article, spans=True)[0]
    pieces: list[Piece] = []
    at = 0
    for span in sorted(scored.spans, key=lambda span: span.start):
        if span.start < at:
            continue
        pieces += [Piece(example.text[at : span.start]), Piece(example.text[span.start : span.end], span.attribute)]
        at = span.end
    return [piece for piece in [*pieces, Piece(example.text[at:])] if piece.text]
