"""The queue over HTTP: pages, decisions that stick with and without htmx, conflicts, undo, bulk, notes, claims."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from data.records import Comment
from service.store import Resolution, State, Store
from service.store.decisions import Judgement, Target, decide
from service.store.filters import Filter
from service.store.queue import QueuedComment, claim, find_comment, list_comments
from service.store.viewers import Viewer

Fill = Callable[..., None]
LogIn = Callable[[str], TestClient]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def seen(store: Store, fill: Fill) -> list[QueuedComment]:
    fill(
        Comment("1", "First is the worst.", author="Eve"),
        Comment("2", "Second <b>best</b>.", author="Dan", parent_id="1"),
        Comment("3", "Third."),
    )
    return list(list_comments(store.database, Filter(), Viewer("x")).comments)


def form(one: QueuedComment, resolution: str, **more: str) -> dict[str, str]:
    return {"version": str(one.version), "resolution": resolution, "reason": "insult", "back": "/?sort=newest", **more}


@pytest.mark.usefixtures("seen")
def test_the_most_urgent_comment_comes_first_with_scores_reasons_and_article(demo: TestClient) -> None:
    page = demo.get("/").text
    texts = [page.index(words) for words in ("is the worst", "ond &lt;b&gt;best", "Thi</mark>rd.")]
    assert texts == sorted(texts)
    for words in ("The cup", "0.95", "≥ 0.50", 'width="95.0"', "In reply to", "<mark"):
        assert words in page


def test_a_decision_without_scripts_comes_back_to_the_same_view(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    answer = demo.post(f"/comments/{seen[0].id}/decision", data=form(seen[0], "reject"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?sort=newest&done={seen[0].id}")
    page = demo.get(answer.headers["location"]).text
    assert "<b>Rejected</b>" in page
    assert find_comment(store.database, seen[0].id, Viewer("x")).state is State.REJECTED


def test_a_decision_with_htmx_answers_with_a_line_and_true_counts(demo: TestClient, seen: list[QueuedComment]) -> None:
    answer = demo.post(f"/comments/{seen[0].id}/decision", data=form(seen[0], "approve"), headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert '<span class="count" id="count-waiting" hx-swap-oob="true">2</span>' in answer.text
    assert '<span class="count" id="count-approved" hx-swap-oob="true">1</span>' in answer.text


@pytest.mark.usefixtures("seen")
def test_an_open_page_learns_what_others_did(demo: TestClient) -> None:
    assert 'id="count-waiting" hx-swap-oob="true">3<' in demo.get("/counts", headers=HTMX).text
    assert 'id="count-waiting" hx-swap-oob="true">1<' in demo.get("/counts?q=third", headers=HTMX).text


def test_an_open_page_learns_what_became_of_its_comments(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    claim(store.database, seen[0].id, Viewer("bob"))
    decide(store.database, Viewer("eve"), Judgement(Resolution.APPROVE), [Target(seen[1].id, seen[1].version)])
    asked = "&".join(f"seen={one.id}:{one.version}" for one in seen)
    text = demo.get(f"/counts?{asked}&seen=x&seen=1:99999999999", headers=HTMX).text
    assert f'id="seat{seen[0].id}" hx-swap-oob="true"><span class="tag claim other"><bdi>bob</bdi> is looking' in text
    assert "Approved by <bdi>eve</bdi> meanwhile" in text
    assert f'id="seat{seen[2].id}" hx-swap-oob="true"></span>' in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_decision_on_an_old_version_shows_who_was_faster(
    demo: TestClient, store: Store, seen: list[QueuedComment], headers: dict[str, str]
) -> None:
    decide(store.database, Viewer("bob"), Judgement(Resolution.APPROVE), [Target(seen[0].id, seen[0].version)])
    answer = demo.post(f"/comments/{seen[0].id}/decision", data=form(seen[0], "reject"), headers=headers)
    assert answer.status_code == 409
    assert "<bdi>bob</bdi></b> decided this comment meanwhile" in answer.text
    assert find_comment(store.database, seen[0].id, Viewer("x")).state is State.APPROVED
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version is not None
    again = demo.post(f"/comments/{seen[0].id}/decision", data=form(seen[0], "reject", version=version[1]))
    assert again.status_code == 303
    assert find_comment(store.database, seen[0].id, Viewer("x")).state is State.REJECTED


def test_a_selection_is_decided_at_once_and_says_what_it_left_alone(
    demo: TestClient, store: Store, seen: list[QueuedComment]
) -> None:
    decide(store.database, Viewer("bob"), Judgement(Resolution.APPROVE), [Target(seen[1].id, seen[1].version)])
    picks = [f"{one.id}:{one.version}" for one in seen]
    answer = demo.post("/decisions", data={"pick": picks, "resolution": "reject", "reason": "spam"})
    assert answer.status_code == 303  # loading the page again decides nothing again
    assert "2 comments rejected. 1 had been changed by somebody else" in demo.get(answer.headers["location"]).text
    undone = demo.post("/undo", data={"back": "/?sort=newest"})
    assert undone.headers["location"] == "/?sort=newest&said=undo-2-0"
    assert "2 comments put back." in demo.get(undone.headers["location"]).text
    assert "put back" not in demo.get("/?said=undo-2-0-<b>&said=all").text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"resolution": "reject", "reason": "nonsense"}, 422),
        ({"resolution": "burn"}, 422),
        ({"resolution": "approve", "version": "0"}, 422),
        ({"resolution": "approve", "version": "x"}, 422),
        ({"resolution": "approve", "version": "99999999999999999999"}, 422),
        ({}, 422),
    ],
)
def test_a_wrong_form_changes_nothing(
    demo: TestClient, store: Store, seen: list[QueuedComment], data: dict[str, str], status: int
) -> None:
    given = {"version": "1", **data}
    assert demo.post(f"/comments/{seen[0].id}/decision", data=given).status_code == status
    assert find_comment(store.database, seen[0].id, Viewer("x")).state is State.WAITING


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "77"])
def test_a_comment_that_is_not_there_gets_a_page_that_says_so(demo: TestClient, number: str) -> None:
    answer = demo.get(f"/comments/{number}")
    assert answer.status_code in (404, 422)
    assert "That did not work" in answer.text


@pytest.mark.parametrize("pick", [["x"], ["1"], ["1:"], ["1:x"], ["9" * 30 + ":1"], []])
def test_a_damaged_selection_is_refused(demo: TestClient, pick: list[str]) -> None:
    assert demo.post("/decisions", data={"pick": pick, "resolution": "approve"}).status_code == 422


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example", "\n/"]
)
def test_a_way_back_never_leads_off_the_desk(demo: TestClient, seen: list[QueuedComment], back: str) -> None:
    answer = demo.post(f"/comments/{seen[0].id}/decision", data=form(seen[0], "approve", back=back))
    assert answer.headers["location"].startswith("/?done=")


def test_the_card_shows_thread_decisions_notes_and_the_author(demo: TestClient, seen: list[QueuedComment]) -> None:
    demo.post(f"/comments/{seen[1].id}/decision", data=form(seen[1], "reject", explanation="too <i>rude</i>"))
    demo.post(f"/comments/{seen[1].id}/notes", data={"text": "watch & wait"})
    page = demo.get(f"/comments/{seen[1].id}").text
    for words in ("is the worst", "insult or personal attack", "too &lt;i&gt;rude", "watch &amp; wait", "Model fake-1"):
        assert words in page
    assert "Dan" in page


def test_the_worst_words_are_blurred_for_those_who_want_it(log_in: LogIn, seen: list[QueuedComment]) -> None:
    bob = log_in("bob")
    assert "veiled" not in bob.get("/").text
    bob.post("/account/blur", data={"blur": "on"})
    assert "is-toxicity veiled" in bob.get("/").text
    assert "veiled" not in log_in("ada").get("/").text


def test_looking_at_a_comment_shows_others_that_somebody_is(log_in: LogIn, seen: list[QueuedComment]) -> None:
    log_in("bob").get(f"/comments/{seen[0].id}")
    assert "<bdi>bob</bdi> is looking at this" in log_in("ada").get("/").text
    log_in("bob").post(f"/comments/{seen[0].id}/release", headers=HTMX)
    assert "is looking at this" not in log_in("ada").get("/").text


@pytest.mark.parametrize(
    "query",
    [
        "queue=nowhere&sort=nothing&article=x&a=b&lo=x&hi=y",
        "a=toxicity&lo=nan&hi=inf&b=sarcasm&blo=-5&bhi=7",
        "article=99999999999999999999&after=x~y&done=abc",
        "q=%00&site=%00&section=%00",
        "q=" + "x" * 5000,
        "lo=0.9&hi=0.1&a=insult",
    ],
)
@pytest.mark.usefixtures("seen")
def test_a_url_with_nonsense_in_it_is_a_page_all_the_same(demo: TestClient, query: str) -> None:
    for path in ("/", "/histogram", "/scatter", "/policy"):
        assert demo.get(f"{path}?{query}").status_code == 200


def test_a_range_is_previewed_then_decided_and_only_as_previewed(
    demo: TestClient, store: Store, fill: Fill, seen: list[QueuedComment]
) -> None:
    query = "a=toxicity&lo=0.935&hi=1"
    page = demo.get(f"/range?{query}&resolution=reject&reason=insult").text
    sealed = re.search(r'name="sealed" value="(\w+)"', page)
    assert sealed is not None
    assert "Reject 2 comments?" in page
    data = {"sealed": sealed[1], "back": f"/histogram?{query}", "resolution": "reject", "reason": "insult"}
    fill(Comment("9", "Came later."), title="Another")
    changed = demo.post("/range", data=data)
    assert changed.status_code == 409
    assert "Reject 3 comments?" in changed.text
    sealed = re.search(r'name="sealed" value="(\w+)"', changed.text)
    assert sealed is not None
    done = demo.post("/range", data={**data, "sealed": sealed[1]})
    assert "3 comments rejected." in demo.get(done.headers["location"]).text
    again = demo.post("/range", data={**data, "sealed": sealed[1]})  # after a lost answer
    assert again.headers["location"] == done.headers["location"]
    demo.post("/undo")
    assert demo.post("/range", data={**data, "sealed": sealed[1]}).status_code == 409
    assert find_comment(store.database, seen[2].id, Viewer("x")).state is State.WAITING


def test_a_policy_is_tried_before_it_is_saved_with_a_reason(demo: TestClient, seen: list[QueuedComment]) -> None:
    tried = demo.get("/policy?t_toxicity=0.945", headers=HTMX).text
    assert "<html" not in tried
    assert re.search(r"To review</th><td class=\"figure\">3</td><td class=\"figure\"><b>1</b>", tried)
    assert demo.post("/policy", data={"t_toxicity": "0.945", "made_from": "0"}).status_code == 422
    assert demo.post("/policy", data={"t_toxicity": "0.945", "made_from": "0", "why": "Too <many>"}).status_code == 303
    page = demo.get("/policy").text
    assert "Too &lt;many&gt;" in page
    assert "version 1" in page


def test_word_lists_are_tried_and_kept(demo: TestClient) -> None:
    assert demo.post("/words", data={"list": "banned", "kind": "word", "pattern": "walrus"}).status_code == 303
    assert "<bdi>w4lrus</bdi></q> (banned)" in demo.get("/words?trial=a+w4lrus").text
    assert demo.post("/words", data={"list": "banned", "kind": "word", "pattern": "*"}).status_code == 422
    assert demo.post("/words/1/removal").status_code == 303
    assert "No rule yet" in demo.get("/words").text
