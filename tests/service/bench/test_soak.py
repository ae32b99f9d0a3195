"""Ten minutes of load, in seconds, and what counts as flat."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from service.bench.served import Served
from service.bench.soak import is_flat, soak
from tests.service.api.serving import make_app, running


@pytest.mark.parametrize(
    ("memory", "flat"),
    [([], True), ([200.0] * 10, True), ([100.0, 200, 200, 200, 205], True), ([200.0, 200, 205, 212, 220], False)],
)
def test_memory_is_flat_when_the_end_is_near_the_first_fifth(memory: list[float], flat: bool) -> None:
    assert is_flat(memory) is flat


def test_a_short_soak_answers_and_fails_nothing(tmp_path: Path) -> None:
    with running(make_app(tmp_path, cache_entries=0)) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        found = asyncio.run(soak(Served(host, int(port), 0.0, 0), ["A comment.", "Another one."], 2))
    assert found["answered"] > 0
    assert found["failed"] == 0
