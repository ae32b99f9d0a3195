"""The desk in Chromium: a shift by keyboard, two moderators at once, no scripts, small screens, the dark, axe."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.records import Article, Comment, Discussion
from model.scores import ATTRIBUTES, CommentScores, Span
from service.policy import Policy, recommend
from service.store import Scored, State, Store
from service.store.filters import Filter, Queue
from service.store.queue import counts, find_comment, list_comments
from service.store.viewers import Viewer

pytestmark = pytest.mark.browser

Fill = Callable[..., None]
Serving = Callable[..., str]
Browse = Callable[..., Any]
ALL = Viewer("x")
PAGES = (
    "/",
    "/?queue=all&sort=toxicity&q=comment",
    "/?site=daily&sort=newest",
    "/comments/1",
    "/comments/31",
    "/comments/32",
    "/histogram?a=toxicity&lo=0.5&hi=1",
    "/range?a=toxicity&lo=0.9&hi=1&resolution=reject&reason=insult",
    "/scatter",
    "/policy?t_toxicity=0.4",
    "/words?trial=x",
    "/quality",
    "/log",
    "/accounts",
    "/webhooks",
    "/account",
    "/comments/99999",
)


@pytest.fixture
def thirty(fill: Fill) -> None:
    fill(*(Comment(f"c{n}", f"This is comment number {n}. It goes on.", author=f"reader {n}") for n in range(30)))


LONG = ("I have said so for years. " * 400)[:9_980] + "\nYou fool. So there."


@pytest.fixture
def odd(store: Store, fill: Fill) -> None:
    """What readers also send: 10,000 characters, a word without an end, right to left, emoji, a name of 200 letters."""
    spans = (Span(9_985, 9_989, "toxicity", 0.97),)
    comment = Comment("long", LONG, author="Larry")
    scores = CommentScores({**dict.fromkeys(ATTRIBUTES, 0.05), "toxicity": 0.97}, "en", None, spans)
    scored = Scored(comment, scores, recommend(scores, Policy({"toxicity": 0.5})), "fake-1")
    store.save_discussion("daily", Discussion(Article(title="T" * 300), (comment,)), [scored], section="odd")
    fill(
        Comment("wide", "word" * 1_000, author="x" * 200, parent_id="right"),
        Comment("right", "أنت غبي ولا تفهم شيئا", author="محمد"),
        Comment("emoji", "🤡🤡 👨‍👩‍👧‍👦🏳️‍🌈", author="👑"),
        Comment("lines", "\n".join(["fool"] * 200)),
        title="المجلس يقرر",
    )


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("scripts", [True, False])
def test_a_long_comment_is_folded_and_says_what_lies_further_down(
    serving: Serving, browse: Browse, scripts: bool
) -> None:
    page = browse(serving(demo=True), java_script_enabled=scripts)
    page.goto("/?section=odd")
    assert page.inner_text(".buried q") == "You fool."
    folded = page.locator(".text.long").bounding_box()["height"]
    if scripts:
        page.keyboard.press("j")
        page.keyboard.press("e")
    else:
        page.check("text=Show all 10,000 characters")
    assert page.locator(".text.long").bounding_box()["height"] > 3 * folded
    assert page.locator(".text.long").text_content() == LONG


def wait_for_counts(store: Store, **expected: int) -> None:
    """What the keyboard asked for has reached the store."""
    import time

    for _ in range(100):
        found = counts(store.database, Filter(), ALL)
        if all(found[Queue(name)] == number for name, number in expected.items()):
            return
        time.sleep(0.05)
    assert {name: found[Queue(name)] for name in expected} == expected


def decide_by_key(page: Any, key: str) -> None:
    """Press a key on the card in focus and wait until the next card has the focus."""
    before = page.evaluate("document.activeElement.id")
    page.keyboard.press(key)
    page.wait_for_function(
        "before => document.activeElement.id !== before && document.activeElement.matches('.card')", arg=before
    )


@pytest.mark.usefixtures("people", "thirty")
def test_a_whole_shift_by_keyboard_alone(serving: Serving, browse: Browse, store: Store) -> None:
    page = browse(serving())
    log_in_by_keys(page)
    decide_twenty_and_undo_two(page, store)
    note_and_bulk(page)
    range_and_policy(page)
    page.focus("text=Log out")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1 >> text=Log in")


def log_in_by_keys(page: Any) -> None:
    page.goto("/")
    page.keyboard.type("bob")
    page.keyboard.press("Tab")
    page.keyboard.type("a long enough phrase")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")


def decide_twenty_and_undo_two(page: Any, store: Store) -> None:
    page.keyboard.press("j")
    for key in "aard" * 5:
        decide_by_key(page, key)
    wait_for_counts(store, approved=10, rejected=5, deferred=5, waiting=10)
    assert page.inner_text("#count-waiting") == "10"
    for left in (19, 18):
        page.keyboard.press("u")
        page.wait_for_function("left => document.querySelectorAll('.done').length === left", arg=left)
    page.wait_for_function("document.activeElement.matches('.card') && document.activeElement.id")
    assert page.inner_text("#count-waiting") == "12"
    wait_for_counts(store, waiting=12)


def note_and_bulk(page: Any) -> None:
    page.keyboard.press("j")
    page.keyboard.press("n")
    page.wait_for_function("document.activeElement.name === 'text'")
    page.keyboard.type("Look at this author again")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".note >> text=Look at this author again")
    page.keyboard.press("b")
    page.wait_for_selector("#queue")
    for key in "jxjx":
        page.keyboard.press(key)
    assert page.inner_text("[data-picked]") == "2 selected"
    page.keyboard.press("A")
    page.wait_for_selector("#status >> text=2 comments approved.")


def range_and_policy(page: Any) -> None:
    page.goto("/histogram?a=toxicity")
    page.focus('svg a:not([aria-label^="0 "])')
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Decide the whole range")
    page.focus('button[value="defer"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("h1 >> text=Defer")
    page.keyboard.press("Enter")
    page.wait_for_selector("#status >> text=deferred.")
    page.goto("/policy")
    page.focus("#t_toxicity")
    page.keyboard.press("Control+a")
    page.keyboard.type("0.7")
    page.wait_for_selector("#simulation >> text=What this would do")


@pytest.mark.usefixtures("thirty")
def test_keys_select_all_choose_why_search_and_help(serving: Serving, browse: Browse, store: Store) -> None:
    page = browse(serving(demo=True))
    page.goto("/")
    page.keyboard.press("?")
    assert page.is_visible("dialog#help")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#help", state="hidden")
    page.keyboard.press("/")
    page.wait_for_selector('input[type="search"]:focus')
    page.keyboard.type("number 7")
    page.keyboard.press("Enter")
    page.wait_for_selector(".narrowed")
    assert page.locator(".card").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("w")
    page.keyboard.type("Spam")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.wait_for_selector(".done >> text=spam")
    wait_for_counts(store, rejected=1)
    page.goto("/")
    page.keyboard.press("X")
    assert page.inner_text("[data-picked]") == "25 selected"
    page.keyboard.press("R")
    page.wait_for_selector("#status >> text=25 comments rejected.")
    page.keyboard.press("u")
    page.wait_for_selector("#status >> text=25 comments put back.")


@pytest.mark.usefixtures("people", "thirty")
def test_two_moderators_on_one_comment_see_each_other(
    serving: Serving, browse: Browse, store: Store, open_session: Callable[[str], str]
) -> None:
    address = serving()
    ada, bob = (browse(address, token=open_session(name)) for name in ("ada", "bob"))
    bob.goto("/")
    ada.goto("/")
    ada.click(".card >> nth=0 >> button.approve")
    ada.wait_for_selector(".done")
    bob.click(".card >> nth=0 >> button.reject")
    bob.wait_for_selector(".alert >> text=ada decided this comment meanwhile")
    first = list_comments(store.database, Filter(queue=Queue.APPROVED), ALL).comments[0]
    assert find_comment(store.database, first.id, ALL).state is State.APPROVED
    bob.click(".card >> nth=0 >> button.reject")
    bob.wait_for_selector(".done >> text=Rejected")
    assert find_comment(store.database, first.id, ALL).state is State.REJECTED
    ada.goto(f"/comments/{first.id + 1}")
    bob.wait_for_selector("text=ada is looking at this")  # without a reload
    ada.click("button.approve")
    bob.wait_for_selector("text=Approved by ada meanwhile")
    ada.goto("/")
    ada.click(".card >> nth=0 >> .text")
    bob.wait_for_selector("text=ada is looking at this")
    ada.goto("/quality")
    bob.wait_for_selector("text=ada is looking at this", state="detached")


@pytest.mark.usefixtures("thirty")
def test_without_scripts_everything_can_be_decided(serving: Serving, browse: Browse, store: Store) -> None:
    page = browse(serving(demo=True), java_script_enabled=False)
    page.goto("/")
    page.click(".card >> nth=0 >> button.approve")
    page.wait_for_selector(".done >> text=Approved")
    page.click(".done button")
    wait_for_counts(store, waiting=30)
    page.check(".card >> nth=0 >> input[name=pick]")
    page.check(".card >> nth=1 >> input[name=pick]")
    page.click(".selection button.reject")
    page.wait_for_selector("#status >> text=2 comments rejected.")
    page.click("a.more >> nth=0")
    page.fill("textarea[name=text]", "A note")
    page.click("text=Add the note")
    page.wait_for_selector(".note >> text=A note")
    page.goto("/histogram?a=toxicity&lo=0.9&hi=1")
    page.click("button.defer")
    page.click("button.defer")
    page.wait_for_selector("#status >> text=deferred.")
    page.goto("/policy")
    page.fill("#t_toxicity", "0.9")
    page.click("text=Simulate")
    page.fill("[name=why]", "A quiet day")
    page.click("text=Save the policy")
    page.wait_for_selector("td >> text=A quiet day")


@pytest.mark.usefixtures("thirty")
def test_a_range_is_chosen_by_dragging(serving: Serving, browse: Browse) -> None:
    page = browse(serving(demo=True))
    page.goto("/histogram?a=toxicity")
    box = page.locator("[data-histogram]").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=5)
    page.mouse.up()
    page.wait_for_selector("text=Decide the whole range")
    assert re.search(r"lo=0\.[45]\d*&hi=0\.[78]\d*", page.url)


@pytest.mark.parametrize("width", [320, 400, 1400])
@pytest.mark.usefixtures("people", "thirty", "odd")
def test_no_page_is_wider_than_the_screen_or_has_tiny_targets(serving: Serving, browse: Browse, width: int) -> None:
    page = browse(serving(demo=True), viewport={"width": width, "height": 900}, color_scheme="dark")
    for path in PAGES:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        small = page.evaluate(
            "[...document.querySelectorAll('button, select, input:not([type=checkbox], [type=hidden], [type=range])')]"
            ".filter(one => one.offsetParent && one.getBoundingClientRect().height < 40).map(one => one.outerHTML)"
        )
        assert small == [], path


@pytest.mark.usefixtures("thirty")
def test_in_high_contrast_the_focus_and_what_is_current_are_seen(serving: Serving, browse: Browse) -> None:
    page = browse(serving(demo=True), forced_colors="active")
    page.goto("/")
    page.keyboard.press("j")
    styles = "(query) => { const found = getComputedStyle(document.querySelector(query)); return [found.outlineStyle, "
    styles += "found.textDecorationLine, found.borderBottomColor]; }"
    assert page.evaluate(styles, ".card:focus")[0] == "solid"
    assert page.evaluate(styles, ".areas [aria-current]")[1] == "underline"
    current, other = (page.evaluate(styles, f".queues a{which}")[2] for which in ("[aria-current]", ":last-child"))
    assert current != other


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core from npm (MPL-2.0, a tool of the tests only); the test is skipped where npm cannot fetch it."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        ["npm", "pack", "axe-core@4", "--silent"], cwd=folder, capture_output=True, timeout=120, check=False
    )
    packed = next(folder.glob("axe-core-*.tgz"), None)
    if done.returncode or packed is None:
        pytest.skip("needs axe-core from npm")
    shutil.unpack_archive(packed, folder, "gztar", filter="data")
    return Path(folder / "package" / "axe.min.js").read_text()


@pytest.mark.usefixtures("people", "thirty", "odd")
def test_axe_finds_nothing_serious_on_any_page(serving: Serving, browse: Browse, axe: str) -> None:
    """In the dark only the contrast can differ; every kind of thing is on one of the pages looked at there."""
    page = browse(serving(demo=True), bypass_csp=True)
    for path in (*PAGES, "/login"):
        page.goto(path)
        page.evaluate(axe)
        assert serious(page, {}) == [], path
        if path in PAGES[::2]:
            page.emulate_media(color_scheme="dark")
            assert serious(page, {"runOnly": ["color-contrast"]}) == [], f"{path} in the dark"
            page.emulate_media(color_scheme="light")


def serious(page: Any, options: dict[str, Any]) -> list[tuple[str, str]]:
    """The rules that a page breaks seriously, with the first element that does."""
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", options)
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
