"""Words as places: the same word everywhere at the same place, first words apart from those that follow."""

from __future__ import annotations

import numpy as np

from data.plain.lines import read_lines
from data.plain.words import BUCKETS, FIRST, WORDS, line_vectors, word_places


def test_the_same_words_have_the_same_places_whatever_their_case_and_digits() -> None:
    places = word_places(read_lines("Posted 12 May\nposted 7 MAY"))
    first, second = np.split(places.all, places.starts[1:])
    assert (first == second).all()
    assert (places.first[0] == places.first[1]).all()


def test_a_word_at_the_head_of_a_line_has_a_place_of_its_own() -> None:
    places = word_places(read_lines("reply again\nagain reply"))
    assert not set(places.first[0]) & set(places.first[1])
    assert set(places.all[:2]) == set(places.all[2:])


def test_long_lines_are_read_to_a_limit_and_short_ones_filled_up() -> None:
    places = word_places(read_lines(f"{'word ' * 500}\n!"))
    assert list(places.starts) == [0, WORDS]
    assert list(places.first[1][1:]) == [BUCKETS - 1] * (FIRST - 1)


def test_half_of_a_character_has_a_place_too() -> None:
    assert len(word_places(read_lines("late \ud83d again")).all) == 3


def test_vectors_are_the_mean_of_all_words_beside_the_sum_of_the_first() -> None:
    table = np.random.default_rng(0).normal(size=(BUCKETS, 3)).astype(np.float32)
    places = word_places(read_lines("a tram\nlate again today"))
    vectors = line_vectors(places, table, table)
    assert np.allclose(vectors[1, :3], table[places.all[2:]].mean(0), atol=1e-6)
    assert np.allclose(vectors[1, 3:], table[places.first[1]].sum(0), atol=1e-6)
    assert line_vectors(word_places([]), table, table).shape == (0, 6)
