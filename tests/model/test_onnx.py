"""The shipped scorer on our own texts: what it promises, whatever the weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.records import Article, Comment
from model.articles import LONG
from model.manifest import WEIGHTS, weights_folder
from model.onnx import OnnxScorer, load_scorer
from model.scores import ATTRIBUTES, CommentScores

DEMO = Path(__file__).parents[2] / "data" / "demo" / "discussions.jsonl"


@pytest.fixture(scope="module")
def shipped() -> OnnxScorer:
    return load_scorer(weights_folder())


@pytest.fixture(scope="module")
def discussion() -> tuple[Article, list[Comment]]:
    raw = json.loads(DEMO.read_text(encoding="utf-8").splitlines()[0])
    comments = [Comment(comment["id"], comment["text"], parent_id=comment["parent_id"]) for comment in raw["comments"]]
    return Article(raw["title"], tuple(raw["paragraphs"])), comments


def largest_gap(one: list[CommentScores], other: list[CommentScores]) -> float:
    gaps = [0.0]
    for left, right in zip(one, other, strict=True):
        assert left.scores.keys() == right.scores.keys()
        for name, value in left.scores.items():
            counterpart = right.scores[name]
            assert (value is None) == (counterpart is None)
            gaps.append(abs((value or 0.0) - (counterpart or 0.0)))
    return max(gaps)


def test_every_comment_gets_every_attribute_in_order(
    shipped: OnnxScorer, discussion: tuple[Article, list[Comment]]
) -> None:
    article, comments = discussion
    results = shipped.score(comments, article)
    assert len(results) == len(comments)
    for result in results:
        assert tuple(result.scores) == ATTRIBUTES
        assert all(value is not None and 0 <= value <= 1 for value in result.scores.values())


def test_a_score_does_not_depend_on_the_batch(shipped: OnnxScorer, discussion: tuple[Article, list[Comment]]) -> None:
    article, comments = discussion
    filler = [Comment("x", "long " * 200), Comment("y", "no"), Comment("z", "🙂 " * 40)] * 16
    together = shipped.score([*comments, *filler, *comments, *comments], article)[: len(comments)]
    alone = [shipped.score([comment], article)[0] for comment in comments]
    backwards = shipped.score(comments[::-1], article)[::-1]
    assert largest_gap(together, alone) == 0  # to the last bit: archives promise the same bytes from any engine
    assert largest_gap(backwards, alone) == 0


def test_a_pair_compared_alone_is_as_like_as_among_others(
    shipped: OnnxScorer, discussion: tuple[Article, list[Comment]]
) -> None:
    article, comments = discussion
    about = shipped.read_topics([item.ids for item in shipped.tokeniser.comments([one.text for one in comments])])
    (read,) = shipped.topics_of([article])
    assert read is not None
    pairs = [(topics, other) for topics in read.readings * 5 for other in about]
    together = shipped.compare(pairs)
    for size in (1, 2, 3, 5):
        parts = [shipped.compare(pairs[start : start + size]) for start in range(0, len(pairs), size)]
        assert np.array_equal(np.concatenate(parts), together)


def test_a_comment_on_the_last_passage_of_a_long_article_is_on_topic(shipped: OnnxScorer) -> None:
    trams = "The council decides on Thursday whether night trams will run every half hour, as drivers had asked. " * 16
    bees = "Beekeepers in the valley lost half of their hives to mites this winter and want help from the county. "
    about = Comment("1", "My hives died of mites too, the county should pay beekeepers.")
    short, long = (Article("News from the valley", (trams + bees * count,)) for count in (0, 3))
    assert len(shipped.tokeniser.article("", trams)) == shipped.manifest.article_tokens  # its beginning is on trams
    without, with_bees = (shipped.score([about], article)[0].scores["relevance"] or 0.0 for article in (short, long))
    assert with_bees > without + 0.1


def test_comments_below_more_articles_than_are_held_at_once_score_as_below_each_alone(
    shipped: OnnxScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.articles.WORDS_KEPT", LONG)
    long = "It will open again when the council has found the money. " * 40
    articles = [Article(f"The {what} is closed", (long,)) for what in ("pool", "zoo", "bar")]
    titles = [Article(f"No {what} before May") for what in ("tram", "ferry")]
    pairs = [(Comment("1", "I never went."), article) for article in (*articles, None, *titles, *articles[::-1])]
    together = shipped.score_many(pairs)
    fresh = load_scorer(weights_folder(), threads=1)  # which has read nothing yet
    assert largest_gap(together, [fresh.score_many([pair])[0] for pair in pairs]) == 0
    fresh.close()


def test_a_text_that_grows_by_a_word_does_not_count_twice(shipped: OnnxScorer) -> None:
    words = ["The council closes the old pool because it leaks and nobody pays.".split()[at % 12] for at in range(254)]
    about = Comment("1", "They should just mend the leak.")
    scores = [
        shipped.score([about], Article(title, (" ".join([*words, "now"][:count]),)))[0].scores["relevance"] or 0.0
        for title in (None, "The pool")
        for count in (233, 234, 235, 236, 237)
    ]
    assert max(abs(scores[at] - scores[at + 1]) for at in (0, 1, 2, 3, 5, 6, 7, 8)) < 0.03


def test_relevance_needs_an_article_and_is_never_zero_without_one(
    shipped: OnnxScorer, discussion: tuple[Article, list[Comment]]
) -> None:
    article, comments = discussion
    for missing in (None, Article(), Article("  ", (" ",))):
        assert all(result.scores["relevance"] is None for result in shipped.score(comments, missing))
    for shown in (Article(article.title), Article(None, article.paragraphs), article):
        assert all(result.scores["relevance"] is not None for result in shipped.score(comments, shown))


def test_empty_and_foreign_comments_say_why_they_have_no_scores(shipped: OnnxScorer) -> None:
    german = "Das ist doch wirklich eine Frechheit, was sich die Stadt hier mit uns Anwohnern wieder erlaubt hat."
    empty, foreign = shipped.score([Comment("1", " \n"), Comment("2", german)])
    assert (empty.reason, foreign.reason, foreign.language) == ("empty", "language", "de")
    assert not [value for result in (empty, foreign) for value in result.scores.values() if value is not None]
    scored = shipped.score([Comment("2", german)], any_language=True)[0]
    assert scored.reason is None
    assert scored.scores["toxicity"] is not None


@pytest.mark.parametrize("text", ["\u200b", "\ufe0f", "\u00ad", "\x00\x01", "\ue000", "&#8203;", "\ud800", " \n"])
def test_a_text_that_shows_nothing_is_empty(shipped: OnnxScorer, text: str) -> None:
    (found,) = shipped.score([Comment("1", text)], Article("The bridge will stay closed", ()))
    assert found.reason == "empty"
    assert set(found.scores.values()) == {None}
    (below,) = shipped.score([Comment("1", "It has been shut since May.")], Article(text, ()))
    assert (below.scores["relevance"] is None) == (text not in ("\ufe0f", "&#8203;"))  # which print something elsewhere


def test_the_language_is_that_of_the_comments_own_words(shipped: OnnxScorer) -> None:
    quoted = "Ceci est une citation plutôt longue que le lecteur ne fait que reprendre, sans y ajouter un seul mot."
    text = f"{quoted} I do not think that is what he meant at all."
    quote = {"start": 0, "end": len(quoted)}
    (found,) = shipped.score([Comment("1", text, extra={"quotes": [quote]})])
    assert (found.language, found.reason) == ("en", None)


def test_spans_lie_inside_the_text_and_only_where_asked(shipped: OnnxScorer) -> None:
    text = "Thanks for nothing, you 🤡 stupid f**king m0r0n."
    plain, marked = (shipped.score([Comment("1", text)], spans=asked)[0] for asked in (False, True))
    assert plain.spans == ()
    assert all(0 <= span.start < span.end <= len(text) for span in marked.spans)


def test_quotes_of_others_do_not_count_as_the_comments_words(shipped: OnnxScorer) -> None:
    quoted, own = "You are a stupid, worthless idiot.", "\nI would not have put it like that."
    marked = Comment("1", quoted + own, extra={"quotes": [{"start": 0, "end": len(quoted)}]})
    with_quote, alone = shipped.score([marked, Comment("2", own)])
    assert with_quote.scores == alone.scores
    only = Comment("3", quoted, extra={"quotes": [{"start": 0, "end": len(quoted)}]})
    assert shipped.score([only])[0].scores == shipped.score([Comment("4", quoted)])[0].scores


@pytest.mark.parametrize("text", ["a", "🙂", "\u200b", "x" * 100_000, "\ud83d", "\x00", "# " * 3000, "मैं"])
def test_odd_comments_are_scored_or_say_why_not(shipped: OnnxScorer, text: str) -> None:
    result = shipped.score([Comment("1", text)])[0]
    assert (result.reason is None) == (result.scores["toxicity"] is not None)


def test_no_comments_are_no_scores(shipped: OnnxScorer) -> None:
    assert shipped.score([]) == []


def test_shipped_weights_are_int8_and_small() -> None:
    folders = [folder for folder in WEIGHTS.iterdir() if folder.is_dir()]
    assert 1 <= len(folders) <= 2
    for folder in folders:
        assert (
            sum(file.stat().st_size for file in folder.iterdir()) < 45_000_000
        )  # of which the bank of headlines is up to 4.2 million


def test_scoring_leaves_no_trace_of_the_machine(tmp_path: Path) -> None:
    """ONNX Runtime's telemetry keeps an identity of the machine in the user's home."""
    code = (
        "from model.manifest import weights_folder; from model.onnx import load_scorer; load_scorer(weights_folder())"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", code], check=True, env={**environment, "HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_serving_never_imports_torch() -> None:
    code = (
        "import sys, service.app, service.cli, service.commands.score, service.commands.serve, model.onnx;"
        "sys.exit(', '.join({'torch', 'transformers', 'sklearn'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
