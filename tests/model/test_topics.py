"""Relevance to an article of several readings, and what is kept of what was read."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

import numpy as np
import pytest

from model.topics import ArticleTopics, Kept, Topics


def article(*, passages: int = 0, around: int = 0, shares: tuple[float, ...] = ()) -> ArticleTopics:
    one = Topics(*(np.ones(shape, np.float32) for shape in ((4,), (3, 2), (3,))))
    return ArticleTopics(one, (one,) * passages, shares or (1.0,) * passages, (one,) * around, 0.2)


def test_one_reading_says_it_all() -> None:
    assert article().relevance([-2.5]) == -2.5


def test_the_likeliest_passages_count_as_much_as_the_whole() -> None:
    assert article(passages=1).relevance([1.0, 3.0]) == 2.0
    assert article(passages=2).relevance([1.0, 3.0, -30.0]) == pytest.approx(2.0)
    assert article(passages=2).relevance([1.0, 3.0, 2.0]) == pytest.approx((1.0 + log(exp(3.0) + exp(2.0))) / 2)
    assert article(passages=2).relevance([0.0, 900.0, 900.0]) == pytest.approx((900.0 + log(2)) / 2)


def test_what_a_passage_repeats_does_not_count_again() -> None:
    one, two = article(passages=1), article(passages=2, shares=(1.0, 1e-9))
    assert two.relevance([1.0, 3.0, 3.0]) == pytest.approx(one.relevance([1.0, 3.0]))


def test_headlines_around_a_title_count_for_their_weight() -> None:
    assert article(around=2).relevance([1.0, 3.0, -30.0]) == pytest.approx(1.6 / 1.2)


def test_the_size_is_that_of_all_readings() -> None:
    assert article(passages=2, around=1).size == 12
    assert len(article(passages=2, around=1).readings) == 4


def test_what_was_used_last_is_kept_up_to_a_size() -> None:
    made: list[str] = []

    def make(words: Sequence[str]) -> list[str]:
        made.extend(words)
        return list(words)

    kept: Kept[str, str] = Kept(6, len)
    assert kept.made(["abc", "de"], make) == {"abc": "abc", "de": "de"}
    kept.made(["abc"], make)
    kept.made(["fgh"], make)  # 8 in all: "de" was not used for longest
    kept.made(["abc", "fgh"], make)
    assert made == ["abc", "de", "fgh"]
    kept.made(["de"], make)
    assert made == ["abc", "de", "fgh", "de"]


def test_what_is_larger_than_all_that_is_kept_is_made_each_time() -> None:
    kept: Kept[str, str] = Kept(2, len)
    assert kept.made(["long"], lambda words: list(words)) == {"long": "long"}
    assert kept.made(["a"], lambda words: list(words)) == {"a": "a"}
    assert kept.made(["a"], lambda words: []) == {"a": "a"}
