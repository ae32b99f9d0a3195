"""How much of a comment section a saved page holds: what it states, and which systems would load the rest by script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from data.labels import COMMENTS, COMMENTS_EAST_ASIAN
from data.page.selectors import Index
from data.page.tree import Element, brief
from data.records import Coverage

# system -> words of which one is in the source of every page that loads it (from the systems' own install guides)
SYSTEMS: dict[str, tuple[str, ...]] = {
    "disqus": ("disqus_thread", ".disqus.com/embed"),
    "openweb": ("launcher.spot.im", "data-spotim-module", "spotim-launcher", "spot.im/launcher", "data-spot-im"),
    "viafoura": ("vf-comments", "cdn.viafoura.net", "vf-conversations"),
    "facebook": ("fb-comments", "<fb:comments", "facebook-comments"),
    "coral": ("coral.createStreamEmbed", "createStreamEmbed", "coral_thread", "coral-stream", "Coral.Talk.render"),
    "livefyre": ("livefyre-comments", "zor.livefyre.com", "fyre.conv.load"),
    "commento": ('id="commento"', "commento.js"),
    "remark42": ('id="remark42"', "remark_config"),
    "isso": ("data-isso=", 'id="isso-thread"'),
    "hyvor": ("hyvor-talk",),
    "giscus": ("giscus.app/client.js", 'class="giscus"'),
    "utterances": ("utteranc.es/client.js",),
    "intensedebate": ("idcomments_acct", "intensedebate.com/js"),
    "vuukle": ("vuukle-comments", "cdn.vuukle.com"),
    "hypercomments": ("hypercomments_widget",),
    "graphcomment": ("graphcomment.com/js", 'id="graphcomment"'),
    "fastcomments": ("fastcomments-widget", "cdn.fastcomments.com"),
    "insticator": ("insticator-commenting", "insticator-unit"),
    "discourse": ("discourse-comments", "DiscourseEmbed", "embed/comments?topic"),
    "cusdis": ("cusdis_thread",),
    "civil": ("civil-comments", "ptr.civilcomments.com"),
    "muut": ("cdn.muut.com",),
    "arena": ("arena-chat", "arena.im/public"),
}  # fmt: skip

_MAYBE = re.compile(
    f"omment|epl|espon|ntwort|houghts|oment|nswer|eacti|{COMMENTS}|{COMMENTS_EAST_ASIAN}", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
MAX_STATED = 80  # characters of a text that states a number of comments
MAX_COUNTS = 500  # short texts about comments that are looked at
_WORD = (
    r"(?:reader\s|user\s)?(?:comments?|replies|reply|responses?|thoughts|answers?|kommentare?|leserkommentare|antworten"
    rf"|commentaires?|réponses|comentarios?|respuestas|reactions?|{COMMENTS})"
)
_COUNT = re.compile(
    rf"^\W*(?:there (?:are|is)\s|view\s|show\s|read\s|see\s|all\s)*\(?(\d{{1,3}}(?:[,.]\d{{3}})+"
    rf"|\d{{1,6}})\)?\s+{_WORD}\b"
    rf"|^\W*{_WORD}\W{{0,3}}(\d{{1,6}})\W*$"
    rf"|^\W*(?:{COMMENTS_EAST_ASIAN})\W{{0,3}}(\d{{1,6}})\W*[件条條个個]?\W*$"
    rf"|^\W*(\d{{1,6}})\s?[件条條个個]?の?(?:{COMMENTS_EAST_ASIAN})\W*$",
    re.IGNORECASE,
)
_AROUND = re.compile(r"comment|repl|respon|answer|kommentar|reacti|discuss|disqus|talk", re.IGNORECASE)
_EXACT = etree.XPath("descendant-or-self::*[@itemprop='commentCount'][1]")


def loading_code(root: Element) -> str:
    """Return the page's scripts and frames as source: where a system that loads comments would be named.

    What people write about such a system is not looked at, and neither is the data of the page.
    """
    parts = []
    for element in root.iter("script", "iframe", "link"):
        if not (element.get("type") or "").endswith("json"):
            parts += [*(f'{name}="{value}"' for name, value in element.attrib.items()), element.text or ""]
    return "\n".join(parts)


def find_system(code: str, index: Index, method: str | None) -> str | None:
    """Return the first system whose script or mark the page has, unless its comments are in the page already."""
    engine = (method or "").split("-")[0]
    places = f"{code}\n{index.places}"
    return next(
        (name for name, words in SYSTEMS.items() if name != engine and any(word in places for word in words)), None
    )


def stated_counts(root: Element) -> list[int]:
    """Return the numbers of comments that the page names near its comments, the most telling first."""
    exact = "".join(element.get("content") or brief(element) for element in _EXACT(root)).strip()
    counts = [int(exact)] if exact.isdecimal() and len(exact) < 8 else []
    for text, parent in islice(_short_texts(root), MAX_COUNTS):
        match = _COUNT.match(" ".join(text.split()))
        if match and parent is not None and _is_heading(parent):
            counts.append(int(re.sub(r"\D", "", match[match.lastindex or 0])))
    return counts


def _short_texts(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield the short texts that may state a number of comments, with the element they stand in or behind."""
    for element in root.iter("*"):
        for text in (element.text, element.tail):
            if text and len(text) < MAX_STATED and _DIGIT.search(text) and _MAYBE.search(text):
                yield text, element


def _is_heading(element: Element) -> bool:
    """Tell a section's heading from a teaser's counter."""
    for above in (element, element.getparent()):
        if above is None:
            continue
        if above.tag in ("h1", "h2", "h3", "h4"):
            return True
        if _AROUND.search(f"{above.get('id') or ''} {above.get('class') or ''}") and above.tag != "a":
            return True
    return False


def measure(counts: list[int], system: str | None, found: int, *, paged: bool) -> Coverage:
    """Compare what the page states with what was found in it."""
    stated = found if found in counts else next(iter(counts), None)
    if system is not None:
        return Coverage(stated, system, False)
    if stated is not None and stated > found:
        return Coverage(stated, None, False)
    return Coverage(stated, None, None if paged else True)


def has_next_page(root: Element) -> bool:
    """Tell whether the page names a following one."""
    return any("next" in (link.get("rel") or "").split() for link in root.iter("a", "link"))
