"""How much of a comment section a saved page holds: what it states, and which systems would load the rest by script."""

from __future__ import annotations

import re

from lxml import etree

from data.page.tree import Element
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

_MAYBE = etree.XPath(
    "//text()[string-length(.) < 80][contains(., 'omment') or contains(., 'epl') or contains(., 'espon') or"
    " contains(., 'ntwort')"
    " or contains(., 'houghts') or contains(., 'oment') or contains(., 'nswer') or contains(., 'eacti')]"
)
_WORD = (
    r"(?:reader\s|user\s)?(?:comments?|replies|reply|responses?|thoughts|answers?|kommentare?|leserkommentare|antworten"
    r"|commentaires?|réponses|comentarios?|respuestas|reacties|reactions?|commenti)"
)
_COUNT = re.compile(
    rf"^\W*(?:there (?:are|is)\s|view\s|show\s|read\s|see\s|all\s)*\(?(\d{{1,3}}(?:[,.]\d{{3}})+"
    rf"|\d{{1,6}})\)?\s+{_WORD}\b"
    rf"|^\W*{_WORD}\W{{0,3}}(\d{{1,6}})\W*$",
    re.IGNORECASE,
)
_AROUND = re.compile(r"comment|repl|respon|answer|kommentar|reacti|discuss|disqus|talk", re.IGNORECASE)
_NEXT = etree.XPath("boolean(//*[self::a or self::link][contains(concat(' ', @rel, ' '), ' next ')])")
_EXACT = etree.XPath("string((//*[@itemprop='commentCount']/@content | //*[@itemprop='commentCount'])[1])")


def find_system(html: str, method: str | None) -> str | None:
    """Return the first system whose script the page has, unless its comments are in the page already."""
    engine = (method or "").split("-")[0]
    return next(
        (name for name, words in SYSTEMS.items() if name != engine and any(word in html for word in words)), None
    )


def stated_counts(root: Element) -> list[int]:
    """Return the numbers of comments that the page names near its comments, the most telling first."""
    exact = _EXACT(root).strip()
    counts = [int(exact)] if exact.isdecimal() and len(exact) < 8 else []
    for text in _MAYBE(root)[:500]:
        match = _COUNT.match(" ".join(text.split()))
        parent = text.getparent()
        if match and parent is not None and _is_heading(parent):
            counts.append(int(re.sub(r"\D", "", match[1] or match[2])))
    return counts


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
    return bool(_NEXT(root))
