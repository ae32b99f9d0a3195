"""A policy that two admins change at once: neither undoes what the other saved without seeing it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from data.records import Comment
from service.store import Store
from service.store.policies import current_policy, save_policy

HTMX = {"HX-Request": "true"}
BEFORE = {"toxicity": 0.5, "threat": 0.3, "sarcasm": 0.5}


def fields(page: str) -> dict[str, str]:
    """What the form that saves would send, but for the checkbox."""
    form = page[page.rindex('<form method="post" action="/policy"') :]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))


@pytest.fixture
def stale(demo: TestClient, store: Store) -> dict[str, str]:
    """A form that lowers sarcasm, opened before somebody else lowered the threat."""
    save_policy(store.database, "", "", BEFORE, moderator="ada", why="a start")
    tried = {f"t_{name}": str(limit) for name, limit in BEFORE.items()} | {"t_sarcasm": "0.9", "made_from": "1"}
    form = fields(demo.get("/policy", params=tried, headers=HTMX).text)
    save_policy(store.database, "", "", {**BEFORE, "threat": 0.1}, moderator="eve", why="threats <lower>")
    return form


def test_a_form_that_is_out_of_date_saves_nothing_and_shows_what_changed(
    demo: TestClient, store: Store, stale: dict[str, str]
) -> None:
    answer = demo.post("/policy", data={**stale, "why": "sarcasm & less"})
    assert answer.status_code == 409
    assert current_policy(store.database).id == 2
    for words in ("<bdi>eve</bdi>", "threats &lt;lower&gt;", "Nothing of yours is saved yet"):
        assert words in answer.text
    figure = r'<td class="figure">(?:<b>)?([\d.–]+)(?:</b>)?</td>'
    rows = re.findall(rf'<tr><th scope="row">(\w+)</th>{figure * 3}', answer.text)
    assert rows == [("Threat", "0.30", "0.10", "0.10"), ("Sarcasm", "0.50", "0.50", "0.90")]


def test_saving_again_keeps_both_changes_and_all_that_was_typed(
    demo: TestClient, store: Store, stale: dict[str, str]
) -> None:
    unchecked = {name: value for name, value in stale.items() if name != "judge_stored"}
    page = demo.post("/policy", data={**unchecked, "why": "sarcasm & less"}).text
    again = fields(page)
    assert again["why"] == "sarcasm &amp; less"
    assert 'name="judge_stored" value="on">' in page
    assert demo.post("/policy", data={**again, "why": "sarcasm & less"}).status_code == 303
    assert current_policy(store.database).policy.thresholds == {**BEFORE, "threat": 0.1, "sarcasm": 0.9}


def test_what_both_changed_is_as_typed(demo: TestClient, stale: dict[str, str]) -> None:
    page = demo.post("/policy", data={**stale, "t_threat": "0.2", "t_toxicity": "", "why": "x"}).text
    again = fields(page)
    assert (again["t_threat"], again["t_toxicity"], again["made_from"]) == ("0.2", "", "2")


@pytest.mark.parametrize("made_from", ["", "77", "x", "-1"])
def test_a_form_without_a_version_of_this_place_is_shown_again(
    demo: TestClient, store: Store, stale: dict[str, str], made_from: str
) -> None:
    save_policy(store.database, "", "sport", {"toxicity": 0.2}, moderator="eve", why="sport")
    answer = demo.post("/policy", data={**stale, "made_from": made_from, "why": "x"})
    assert (answer.status_code, current_policy(store.database).id) == (409, 2)
    assert demo.post("/policy", data={**stale, "section": "sport", "made_from": "2", "why": "x"}).status_code == 409


def test_trying_a_form_says_that_it_is_out_of_date_and_keeps_why(demo: TestClient, stale: dict[str, str]) -> None:
    part = demo.get("/policy", params={**stale, "why": "so & so"}, headers=HTMX).text
    assert "Version 2, saved by <bdi>eve</bdi>, is in force since you opened the form." in part
    assert (fields(part)["made_from"], fields(part)["why"]) == ("1", "so &amp; so")
    assert "is in force since" not in demo.get("/policy").text


@pytest.mark.browser
def test_moving_a_threshold_keeps_what_was_typed_below(serving: Callable[..., str], browse: Callable[..., Any]) -> None:
    page = browse(serving(demo=True))
    page.goto("/policy")
    page.fill("#t_toxicity", "0.9")
    page.fill("[name=why]", "A quiet day")
    page.uncheck("[name=judge_stored]")
    page.fill("#t_insult", "0.9")
    page.wait_for_selector('#simulation [name=t_insult][value="0.9"]', state="attached")
    assert page.input_value("[name=why]") == "A quiet day"
    assert not page.is_checked("[name=judge_stored]")


def test_every_score_stands_beside_its_threshold(demo: TestClient, store: Store, fill: Callable[..., None]) -> None:
    fill(Comment("1", "A comment."))
    limits = {"toxicity": 0.6, "insult": 0.0}
    save_policy(store.database, "", "sport", limits, moderator="ada", why="sport", judge_stored=False)
    page = demo.get("/").text
    ticks = re.findall(r'class="tick" x="([\d.]+)"', page)
    assert ticks == ["49.4", "0.0"]  # toxicity as it was reached, insult as in force
    assert re.findall(r'class="tick" x="([\d.]+)"', demo.get("/comments/1").text) == ticks
