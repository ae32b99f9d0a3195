"""The bank of headlines, and how a title alone is read with those on its subject."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.records import Article
from data.sources.registry import CHATTER, DEMO, DISCUSSIONS, STORIES, subject_lines
from model.articles import Articles
from model.headlines import AROUND, CANDIDATES, KINDRED, LIKELY, HeadlineBank, around, bank_of, kindred
from model.manifest import HEADLINES, NAMES, TOKENIZER, weights_folder
from model.tokens import Tokeniser
from model.topics import Topics

SUBJECTS = 40
WIDTH = 64
MANY = 256  # articles


@pytest.fixture(scope="module")
def bank() -> HeadlineBank:
    """Two headlines on each subject, whose vectors differ little."""
    chance = np.random.default_rng(1)
    subjects = np.repeat(chance.normal(size=(SUBJECTS, WIDTH)), 2, axis=0)
    vectors = (subjects + 0.05 * chance.normal(size=subjects.shape)).astype(np.float32)
    return bank_of([f"Subject {row // 2}, headline {row % 2}" for row in range(len(vectors))], vectors)


def test_a_bank_that_was_saved_is_the_same(bank: HeadlineBank, tmp_path: Path) -> None:
    bank.save(tmp_path / "headlines.npz")
    found = HeadlineBank.load(tmp_path / "headlines.npz")
    assert found.headlines == bank.headlines
    assert np.array_equal(found.vectors, bank.vectors)
    assert np.array_equal(found.turn, bank.turn)


def test_the_nearest_are_on_the_same_subject_and_never_the_title_itself(bank: HeadlineBank) -> None:
    for row, title in enumerate(bank.headlines):
        vector = bank.turn @ bank.vectors[row].astype(np.float32)
        first, *rest = bank.nearest(title.upper(), vector)
        assert first == f"Subject {row // 2}, headline {1 - row % 2}"
        assert title not in rest
        assert len(rest) == CANDIDATES - 1


def test_a_bank_of_before_has_no_weight(bank: HeadlineBank, tmp_path: Path) -> None:
    bank.save(tmp_path / "now.npz")
    with np.load(tmp_path / "now.npz") as parts:
        np.savez_compressed(tmp_path / "before.npz", **{name: parts[name] for name in parts if name != "weight"})
    assert HeadlineBank.load(tmp_path / "before.npz").weight == 0
    weighed = replace(bank, weight=0.2)
    weighed.save(tmp_path / "weighed.npz")
    assert HeadlineBank.load(tmp_path / "weighed.npz").weight == 0.2


def test_a_bank_smaller_than_what_is_asked_of_it_gives_all_it_has() -> None:
    small = bank_of(["one", "two", "three"], np.eye(3, WIDTH, dtype=np.float32))
    assert sorted(small.nearest("another", np.ones(WIDTH, np.float32))) == ["one", "three", "two"]
    assert sorted(small.nearest("another", np.zeros(WIDTH, np.float32))) == ["one", "three", "two"]


def test_the_most_relevant_are_kindred_and_the_unlikely_are_not() -> None:
    logits = [LIKELY + step for step in (-1.0, 3.0, 1.0, 2.0, 0.5)]
    assert kindred(["a", "b", "c", "d", "e"], logits) == ["b", "d", "c"][:KINDRED]
    assert kindred(["a", "b"], [LIKELY - 1, LIKELY - 2]) == []
    assert around(["a", "b", "c"], [LIKELY - 3, LIKELY - 1, LIKELY - 2]) == ["b", "c", "a"]


class Network:
    """Reads texts into topics by their tokens alone, finds all things relevant, and keeps count."""

    def __init__(self) -> None:
        self.read_lengths: list[int] = []

    def read(self, texts: Sequence[list[int]]) -> list[Topics]:
        self.read_lengths += [len(ids) for ids in texts]
        return [
            Topics(
                np.bincount(np.array(ids) % WIDTH, minlength=WIDTH).astype(np.float32),
                np.eye(1, dtype=np.float32),
                np.ones(1, np.float32),
            )
            for ids in texts
        ]

    def compare(self, pairs: Sequence[tuple[Topics, Topics]]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.full(len(pairs), LIKELY + 1, np.float32)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def tokeniser() -> Tokeniser:
    return Tokeniser.load(weights_folder() / TOKENIZER, max_tokens=64, article_tokens=64)


def test_a_title_alone_is_read_with_kindred_headlines_and_a_text_as_it_is(
    network: Network, tokeniser: Tokeniser, bank: HeadlineBank
) -> None:
    articles = Articles(tokeniser, network.read, network.compare, bank)
    text = Article("Tram late", ("It was late again.",))
    title, again, whole, none = articles.topics([Article("Tram late"), Article("Tram late"), text, None])
    assert none is None
    assert title is again
    assert title is not None
    assert whole is not None
    assert whole.whole.vector.sum() == len(tokeniser.article("Tram late", "It was late again."))
    assert [one.vector.sum() for one in whole.passages] == [len(tokeniser.article("", "It was late again."))]
    assert title.passages == ()
    assert title.whole.vector.sum() > len(tokeniser.article("Tram late", "")) + KINDRED


def test_where_they_have_a_weight_headlines_around_a_title_are_read_too(
    network: Network, tokeniser: Tokeniser, bank: HeadlineBank
) -> None:
    known = [Article("Tram late"), Article("Tram late", ("It was late again.",))]
    for weight, count in ((0.0, 0), (0.2, AROUND)):
        articles = Articles(tokeniser, network.read, network.compare, replace(bank, weight=weight))
        title, whole = articles.topics(known)
        assert title is not None
        assert whole is not None
        assert (len(title.around), len(whole.around)) == (count, 0)
        assert title.weight == weight


def test_a_text_in_the_place_of_a_title_is_read_as_a_text(
    network: Network, tokeniser: Tokeniser, bank: HeadlineBank
) -> None:
    long = "Trams are late. " * 40
    articles = Articles(tokeniser, network.read, network.compare, bank)
    in_place, as_text = articles.topics([Article(long), Article(None, (long,))])
    assert in_place is as_text
    assert network.read_lengths == [len(ids) for ids, _ in tokeniser.passages(long)]  # the beginning is the first
    assert in_place is not None
    assert in_place.passages[0] is in_place.whole
    assert len(in_place.passages) == len(in_place.shares) > 1


def test_a_title_that_the_bank_knows_nothing_about_is_read_as_it_is(
    network: Network, tokeniser: Tokeniser, bank: HeadlineBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "compare", lambda pairs: np.full(len(pairs), LIKELY - 1, np.float32))
    (found,) = Articles(tokeniser, network.read, network.compare, bank).topics([Article("Tram late")])
    assert found is not None
    assert found.whole.vector.sum() == len(tokeniser.article("Tram late", ""))


def test_articles_are_read_once_however_many_there_are(
    network: Network, tokeniser: Tokeniser, bank: HeadlineBank
) -> None:
    articles = Articles(tokeniser, network.read, network.compare, bank)
    titles = [Article(f"Tram {number} is late") for number in range(MANY)]
    first = articles.topics(titles)
    read = len(network.read_lengths)
    assert articles.topics(titles) == first
    assert len(network.read_lengths) == read
    alone = Articles(tokeniser, network.read, network.compare, bank).topics(titles[7:8])
    assert alone[0] is not None
    assert first[7] is not None
    assert np.array_equal(alone[0].whole.vector, first[7].whole.vector)


def test_what_a_title_is_read_with_is_sought_once_even_when_its_topics_are_forgotten(
    network: Network, tokeniser: Tokeniser, bank: HeadlineBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.articles.WORDS_KEPT", MANY)
    articles = Articles(tokeniser, network.read, network.compare, bank)
    (first,) = articles.topics([Article("Tram late")])
    articles.topics([Article(f"Tram {number}", ("It is late.",)) for number in range(MANY)])
    read = len(network.read_lengths)
    (again,) = articles.topics([Article("Tram late")])
    assert len(network.read_lengths) == read + 1
    assert first is not again
    assert first is not None
    assert again is not None
    assert np.array_equal(first.whole.vector, again.whole.vector)


def test_without_a_bank_a_title_is_read_alone(network: Network, tokeniser: Tokeniser) -> None:
    Articles(tokeniser, network.read, network.compare, None).topics([Article("Tram late")])
    assert network.read_lengths == [len(tokeniser.article("Tram late", ""))]


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_bank_holds_headlines_of_our_own_alone(name: str) -> None:
    known = set(subject_lines())
    with STORIES.with_name("headlines.csv").open(encoding="utf-8", newline="") as lines:
        known |= {row["headline"] for row in csv.DictReader(lines)}
    for file in (STORIES, DISCUSSIONS, CHATTER, DEMO):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        known |= {row.get("headline") or row["title"] for row in rows}
    headlines = HeadlineBank.load(weights_folder(name) / HEADLINES).headlines
    assert len(headlines) > 10_000
    assert [headline for headline in headlines if headline not in known] == []
