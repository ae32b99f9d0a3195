"""The chores: none waits for another, and none ends by what it did not foresee."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from service.desk import background
from service.desk.background import Chores
from service.settings import read_settings
from service.store import Store


@pytest.fixture
def chores(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chores]:
    monkeypatch.setattr(background, "LOOK_EVERY", 0.01)
    made = Chores(read_settings(), store)
    yield made
    made.stop()


def test_a_chore_survives_what_is_not_foreseen_and_its_words_stay_out_of_the_log(
    chores: Chores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    again = Event()
    failures = [OverflowError("private words")]

    def deliver(database: object) -> int:
        if failures:
            raise failures.pop()
        again.set()
        return 0

    monkeypatch.setattr(background, "deliver_due", deliver)
    chores.start()
    assert again.wait(10)
    assert "OverflowError" in caplog.text
    assert "private words" not in caplog.text


def test_a_delivery_that_hangs_holds_up_no_other_chore(chores: Chores, monkeypatch: pytest.MonkeyPatch) -> None:
    judged, waited = Event(), []

    def deliver(database: object) -> int:
        waited.append(judged.wait(10))
        return 0

    def judge(database: object) -> bool:
        judged.set()
        return False

    monkeypatch.setattr(background, "deliver_due", deliver)
    monkeypatch.setattr(background, "rejudge_next", judge)
    chores.start()
    assert judged.wait(10)
    chores.stop()
    assert all(waited)
