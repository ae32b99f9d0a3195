from __future__ import annotations

from data.records import Article, Comment
from model.scores import CommentScores
from service.engine.cache import ScoreCache, cache_context, cache_key


def _scores(value: float) -> CommentScores:
    return CommentScores({"toxicity": value})


def test_the_longest_unused_is_forgotten_first() -> None:
    cache = ScoreCache(2)
    cache.keep(b"a", _scores(0.1))
    cache.keep(b"b", _scores(0.2))
    cache.find(b"a")
    cache.keep(b"c", _scores(0.3))
    assert (cache.find(b"a"), cache.find(b"b"), cache.find(b"c")) == (_scores(0.1), None, _scores(0.3))
    assert (cache.hits, cache.misses) == (3, 1)


def test_a_cache_of_no_entries_keeps_nothing() -> None:
    cache = ScoreCache(0)
    cache.keep(b"a", _scores(0.1))
    assert cache.find(b"a") is None


def test_text_article_model_and_options_all_count() -> None:
    article = Article(title="T", paragraphs=("One.",))
    contexts = {
        cache_context("m-1", None, spans=False, any_language=False),
        cache_context("m-2", None, spans=False, any_language=False),
        cache_context("m-1", article, spans=False, any_language=False),
        cache_context("m-1", Article(title="T"), spans=False, any_language=False),
        cache_context("m-1", Article(), spans=False, any_language=False),
        cache_context("m-1", None, spans=True, any_language=False),
        cache_context("m-1", None, spans=False, any_language=True),
    }
    keys = {cache_key(context, Comment("1", text)) for context in contexts for text in ("a", "b", "\ud83d")}
    assert len(keys) == 7 * 3


def test_who_wrote_it_does_not_count() -> None:
    context = cache_context("m-1", None, spans=False, any_language=False)
    assert cache_key(context, Comment("1", "a", author="x")) == cache_key(context, Comment("2", "a", author="y"))
