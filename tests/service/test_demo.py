"""The demonstration: sample discussions in an empty store, finished after an interruption, never among real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.records import Article, Comment, Discussion
from service.demo import demo_discussions, fill_demo, takes_demo
from service.store import Store, open_store
from service.store.intake import take_in
from tests.conftest import FakeScorer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/demo.sqlite3") as opened:
        yield opened


def test_an_interrupted_filling_is_finished_by_the_next(store: Store) -> None:
    samples = list(demo_discussions())[:4]
    first = fill_demo(store, FakeScorer(), samples[:2])
    assert takes_demo(store)
    assert fill_demo(store, FakeScorer(), samples) == sum(len(one.comments) for _, one in samples) - first
    assert fill_demo(store, FakeScorer(), samples) == 0


def test_a_store_in_use_takes_no_samples(store: Store) -> None:
    mine = Discussion(Article(title="Mine"), (Comment("1", "Hello"),))
    assert take_in(store, FakeScorer(), "daily", mine).new == 1
    assert not takes_demo(store)
