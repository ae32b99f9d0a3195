"""The desk in Chromium when something is in the way: keys without focus, Enter in a field, answers that fail."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from data.records import Comment
from service.store import State, Store
from service.store.filters import Filter, Queue
from service.store.queue import counts, find_comment, list_comments
from service.store.viewers import Viewer

pytestmark = pytest.mark.browser

Fill = Callable[..., None]
Serving = Callable[..., str]
Browse = Callable[..., Any]
ALL = Viewer("x")
FOCUS = "document.activeElement.id"
IN_VIEW = """() => [...document.querySelectorAll('.card')].filter(card => {
  const box = card.getBoundingClientRect(); return box.bottom > 24 && box.top < innerHeight; }).map(card => card.id)"""
NGINX = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@pytest.fixture
def ids(fill: Fill, store: Store) -> list[str]:
    """The cards of twelve comments, in their order."""
    fill(*(Comment(f"c{n}", f"This is comment number {n}. It goes on.", author=f"reader {n}") for n in range(12)))
    return [f"c{one.id}" for one in list_comments(store.database, Filter(), ALL).comments]


@pytest.fixture
def page(serving: Serving, browse: Browse, ids: list[str]) -> Any:
    """The queue of an open desk."""
    opened = browse(serving(demo=True), viewport={"width": 1400, "height": 700})
    opened.goto("/")
    return opened


def waiting(store: Store) -> int:
    return counts(store.database, Filter(), ALL)[Queue.WAITING]


def state(store: Store, card: str) -> State:
    return find_comment(store.database, int(card[1:]), ALL).state


def wait_for_claim(store: Store, card: str, name: str | None) -> None:
    """Somebody looks at a comment, or nobody does any more."""
    for _ in range(100):
        found = find_comment(store.database, int(card[1:]), ALL).claimed_by
        if found == name:
            return
        time.sleep(0.05)
    assert found == name


def answer_with(page: Any, status: int, body: str, kind: str = "text/html") -> None:
    page.route("**/decision", lambda route: route.fulfill(status=status, content_type=kind, body=body))


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_in_a_field_decides_nothing(
    serving: Serving, browse: Browse, store: Store, ids: list[str], scripts: bool
) -> None:
    page = browse(serving(demo=True), java_script_enabled=scripts)
    page.goto("/")
    page.click(f"#{ids[0]} summary")
    page.fill(f"#{ids[0]} [name=explanation]", "I reject this because")
    for field in ("[name=explanation]", "[name=reason]", "[name=pick]"):
        page.press(f"#{ids[0]} {field}", "Enter")
        page.press(f"#{ids[0]} {field}", "Escape")  # of a list that Enter opened
    page.click(f"#{ids[0]} button.reject")
    page.wait_for_selector(".done >> text=Rejected")
    assert waiting(store) == len(ids) - 1
    page.goto(f"/comments/{ids[0][1:]}")
    assert page.is_visible("text=I reject this because")


def test_a_key_without_focus_only_shows_which_card_it_would_be(page: Any, store: Store, ids: list[str]) -> None:
    page.mouse.move(700, 500)
    page.mouse.wheel(0, 1500)
    page.wait_for_function("() => scrollY > 1000")
    first = page.evaluate(IN_VIEW)[0]
    assert first != ids[0]
    page.keyboard.press("r")
    assert page.evaluate(FOCUS) == first
    page.wait_for_timeout(300)
    assert waiting(store) == len(ids)
    page.mouse.click(20, 400)  # empty space takes the focus away
    first = page.evaluate(IN_VIEW)[0]
    for key in "jj":
        page.keyboard.press(key)
    second = ids[ids.index(first) + 1]
    assert page.evaluate(FOCUS) == second
    page.keyboard.press("r")
    page.wait_for_selector(f".done#{second}")
    assert state(store, second) is State.REJECTED


def test_a_double_click_decides_one_comment(page: Any, store: Store, ids: list[str]) -> None:
    page.evaluate("""() => {
      let first = null;
      document.addEventListener('click', (event) => { first = event; }, {once: true});
      document.addEventListener('htmx:after:swap', () => {
        if (first === null) return;
        const second = {bubbles: true, cancelable: true, detail: 2, clientX: first.clientX, clientY: first.clientY};
        first = null;
        document.querySelector('.card button.approve').dispatchEvent(new MouseEvent('click', second));
      });
    }""")
    page.click(f"#{ids[0]} button.approve")
    page.wait_for_selector(f"#{ids[0]}.done")
    page.wait_for_timeout(1000)
    assert waiting(store) == len(ids) - 1
    page.click(f"#{ids[1]} button.approve")
    page.wait_for_selector(f"#{ids[1]}.done")


def test_a_comments_own_page_needs_no_focus(page: Any, store: Store, ids: list[str]) -> None:
    page.goto(f"/comments/{ids[3][1:]}")
    page.keyboard.press("a")
    page.wait_for_selector(".thread >> text=Approved")
    assert state(store, ids[3]) is State.APPROVED


def test_u_takes_back_the_last_decision_wherever_it_stands(page: Any, store: Store, ids: list[str]) -> None:
    for card, button in ((ids[2], "approve"), (ids[0], "reject"), (ids[1], "defer")):
        page.click(f"#{card} button.{button}")
        page.wait_for_selector(f".done#{card}")
    for card in (ids[1], ids[0], ids[2]):
        assert page.locator(".done:not(.older)").get_attribute("id") == card  # the one that shows the key
        page.keyboard.press("u")
        page.wait_for_function(f"() => {FOCUS} === '{card}'")
        assert state(store, card) is State.WAITING


def test_a_bulk_decision_is_taken_back_with_a_thumb(
    serving: Serving, browse: Browse, store: Store, ids: list[str]
) -> None:
    page = browse(serving(demo=True), viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    page.goto("/")
    for number in (0, 1):
        page.locator("label.pick").nth(number).tap()
    page.locator("#selection button.reject").tap()
    page.wait_for_selector("#status >> text=2 comments rejected.")
    page.locator("text=Undo all of it").tap()
    page.wait_for_selector("#status >> text=2 comments put back.")
    assert waiting(store) == len(ids)


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (502, NGINX, "text/html", "The desk did not answer as it should (502). It is not known whether"),
        (500, '{"error":"ServiceError","detail":"x"}', "application/json", "(500). It is not known whether"),
        (429, NGINX, "text/html", "(429). It is not known whether"),
        (503, '<p class="problem">The database does not answer.</p>', "text/html", "The database does not answer."),
    ],
)
def test_an_answer_that_fails_leaves_the_card_and_says_what_happened(
    page: Any, ids: list[str], status: int, body: str, kind: str, said: str
) -> None:
    answer_with(page, status, body, kind)
    card = page.locator(f"#{ids[8]}")
    card.locator(".text").click()
    page.keyboard.press("a")
    page.wait_for_selector(f"#status >> text={said}")
    assert card.locator("button.approve").is_visible()
    assert page.evaluate(FOCUS) == ids[8]
    assert "Bad Gateway" not in page.inner_text("body")
    box = page.locator("#status").bounding_box()
    assert 0 < box["y"] < box["y"] + box["height"] <= 700  # where one looks, however far down
    page.unroute("**/decision")
    page.keyboard.press("a")
    page.wait_for_selector(f".done#{ids[8]}")
    page.wait_for_function("() => document.querySelector('#status').textContent === ''")


def test_a_lost_answer_claims_nothing_and_is_forgotten_when_the_desk_answers(
    page: Any, store: Store, ids: list[str]
) -> None:
    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/decision", lose)
    page.click(f"#{ids[0]} button.reject")
    page.wait_for_selector("#status >> text=It is not known whether this was kept: load the page anew to see.")
    assert state(store, ids[0]) is State.REJECTED
    page.unroute("**/decision")
    page.wait_for_function(
        "() => document.querySelector('#status').textContent === ''", timeout=12_000
    )  # asked every 5 s
    page.wait_for_selector(f"#{ids[0]} >> text=Rejected by demo meanwhile")
    page.click(f"#{ids[0]} button.reject")
    page.wait_for_selector(f".done#{ids[0]}")


@pytest.mark.usefixtures("people")
def test_after_a_clash_by_mouse_the_card_has_the_focus(
    serving: Serving, browse: Browse, ids: list[str], open_session: Callable[[str], str]
) -> None:
    address = serving()
    ada, bob = (browse(address, token=open_session(name)) for name in ("ada", "bob"))
    ada.goto("/")
    bob.goto("/")
    ada.click(f"#{ids[4]} button.approve")
    ada.wait_for_selector(f".done#{ids[4]}")
    bob.click(f"#{ids[4]} button.reject")
    bob.wait_for_selector(f"#{ids[4]} .alert >> text=ada decided this comment meanwhile")
    bob.wait_for_function(f"() => {FOCUS} === '{ids[4]}'")
    bob.keyboard.press("r")
    bob.wait_for_selector(f".done#{ids[4]}")
    ada.click(f".done#{ids[4]} button")
    ada.wait_for_selector(f"#{ids[4]} .alert >> text=bob decided this comment meanwhile: it is now rejected")


@pytest.mark.usefixtures("people")
def test_leaving_an_opened_comment_at_once_gives_it_back(
    serving: Serving, browse: Browse, store: Store, ids: list[str], open_session: Callable[[str], str]
) -> None:
    bob = browse(serving(), token=open_session("bob"))
    bob.goto(f"/comments/{ids[0][1:]}")
    wait_for_claim(store, ids[0], "bob")
    bob.keyboard.press("b")
    bob.wait_for_selector("#queue")
    wait_for_claim(store, ids[0], None)
