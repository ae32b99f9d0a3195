"""The tree of a page and the text of its elements: bounded, without recursion, without network."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, TypeAlias

from lxml import etree
from lxml import html as lxml_html

from data.dates import is_date_text

Element: TypeAlias = Any  # lxml ships no types

MAX_TEXT = 2_000_000  # characters rendered from one element
MAX_FORM = 2_500  # characters in a comment form; forums wrap whole threads in a form
WHOLE = 0.9  # share of a page's words in a form that is around the page: ASP.NET puts every page into one
MIN_DATED = 2  # times that a comment form never says
MIN_FALLBACK = 300  # characters from which a noscript element is the page for readers without scripts
_MACHINERY = ("script", "style", "template", "svg", "iframe", "object", "select", "datalist")
_BLOCKS = frozenset(
    "p div li ul ol dl dt dd tr table tbody thead section article header footer aside main figure figcaption form "
    "fieldset cite h1 h2 h3 h4 h5 h6 blockquote pre hr address details summary center body".split()
)
_PARAGRAPHS = frozenset("p pre blockquote ul ol table h1 h2 h3 h4 h5 h6".split())
_SILENT = frozenset("script style template svg iframe object embed select option textarea button input head".split())
_EMOJI_CLASS = re.compile(r"emoji|emoticon|smil(?:ie|ey)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
BLOCK, PARAGRAPH = "\x04", "\x05"  # where blocks begin and end, until runs of them become line breaks
_BREAKS = re.compile(rf"(?<![^\S\n])[^\S\n]*+[\n{BLOCK}{PARAGRAPH}][\s{BLOCK}{PARAGRAPH}]*")
QUOTE_START, QUOTE_END = "\x02", "\x03"  # no page can hold them: `parse_tree` takes control characters out
_MARK = re.compile(f"([{QUOTE_START}{QUOTE_END}])")
_AROUND_MARKS = re.compile(rf"(?<!\s)\s*+(?:[{QUOTE_START}{QUOTE_END}]\s*+)+")
_FORBIDDEN = bytes(32 if code < 9 or code in (11, 12) or 13 < code < 32 else code for code in range(256))
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_REFERENCE = re.compile(  # the same characters written as &#2; or &#x2;, which no page needs; "&#" stands before it
    rb"(?:0{0,20}(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])|[xX]0{0,20}(?:[0-8bBcC]|0[eE]|[eEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF]))(?![0-9a-fA-F]);?"
)
_ELEMENTS = etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement)  # lxml.html's own asks Python for each one


def parse_tree(html: str) -> Element | None:
    """Return the root element of a page, or None when there is nothing in it."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        return etree.fromstring(_without_controls(html), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _without_controls(html: str) -> bytes:
    """Return a page in UTF-8 with a space for every control character, written as itself or as a reference."""
    source = html.encode("utf-8", "replace").translate(_FORBIDDEN)
    for noncharacter in _NONCHARACTERS:
        source = source.replace(noncharacter, b" ")
    first, *others = source.split(b"&#")
    return b"".join([first, *(_referenced(part) for part in others)])


def _referenced(part: bytes) -> bytes:
    match = _REFERENCE.match(part)
    return b" " + part[match.end() :] if match else b"&#" + part


def strip_machinery(root: Element) -> None:
    """Take out what no reader reads: scripts, styles, and the forms in which comments are written."""
    etree.strip_elements(root, *_MACHINERY, with_tail=False)
    for fallback in list(root.iter("noscript")):
        if len("".join(fallback.itertext())) < MIN_FALLBACK:
            drop(fallback)
    _drop_forms(root)


def _drop_forms(root: Element) -> None:
    """Take out the forms in which comments are written, and of other forms the fields alone."""
    areas = list(root.iter("textarea"))
    page = _words(next(root.iter("body"), root)) if areas else 0
    judged: dict[Element, bool] = {}
    for area in areas:
        form = next(area.iterancestors("form", "fieldset"), None)
        if form is not None and form not in judged:
            judged[form] = _is_written_in(form, page)
        drop(form if judged.get(form) else area)


def _is_written_in(form: Element, page: int) -> bool:
    """Tell a comment form from one that holds what others wrote, or the page with its number of words."""
    if len("".join(form.itertext())) >= MAX_FORM or _words(form) >= WHOLE * page:
        return False
    if next(form.iter("h1", "article", "main"), None) is not None:
        return False
    texts = (text for element in form.iter("*") for text in (element.text, element.tail) if text)
    return sum(is_date_text(" ".join(text.split())) for text in texts) < MIN_DATED


def _words(element: Element) -> int:
    return sum(len(text.split()) for text in element.itertext())


def render(element: Element, skip: Collection[Element] = (), quotes: Collection[Element] = ()) -> str:
    """Return the text of an element as a reader sees it: blocks on lines of their own, paragraphs apart.

    `skip` holds elements whose content is left out, such as buttons and nested replies; the text of `quotes` stands
    between marks, which `split_quotes` turns into offsets.
    """
    text = "".join(_pieces(element, set(skip), set(quotes)))
    text = _BREAKS.sub(_one_break, text)
    return _AROUND_MARKS.sub(_with_breaks_outside, text).strip() if quotes else text.strip()


def _one_break(run: re.Match[str]) -> str:
    """Turn the ends and starts of blocks between two words into a new line, or an empty one between paragraphs."""
    apart = PARAGRAPH in run[0] or run[0].count("\n") > 1
    return "\n\n" if apart else "\n"


def _with_breaks_outside(run: re.Match[str]) -> str:
    """Put the white space around marks outside the quotes: after their ends and before their starts."""
    breaks = min(2, run[0].count("\n"))
    space = "\n" * breaks or (" " if " " in run[0] else "")
    return QUOTE_END * run[0].count(QUOTE_END) + space + QUOTE_START * run[0].count(QUOTE_START)


def split_quotes(marked: str) -> tuple[str, list[dict[str, int]]]:
    """Return a text without its marks, and where the outermost quotes lie in it: code points, end exclusive."""
    parts, spans, length, level = [], list[dict[str, int]](), 0, 0
    for part in _MARK.split(marked):
        if part == QUOTE_START:
            level += 1
            if level == 1:
                spans.append({"start": length, "end": length})
        elif part == QUOTE_END:
            if level == 1:
                spans[-1]["end"] = length
            level = max(0, level - 1)
        else:
            parts.append(part)
            length += len(part)
    return "".join(parts), [span for span in spans if span["end"] > span["start"]]


def _pieces(root: Element, left_out: set[Element], quotes: set[Element]) -> Iterator[str]:
    """Yield text and line breaks in document order; iterative, because pages nest thousands deep."""
    stack: list[tuple[Element, bool]] = [(root, False)]
    preformatted, budget = 0, MAX_TEXT
    while stack and budget > 0:
        element, leaving = stack.pop()
        if leaving:
            preformatted -= element.tag == "pre"
            yield from _after(element, is_root=element is root, quoted=element in quotes, preformatted=preformatted > 0)
            continue
        stack.append((element, True))
        preformatted += element.tag == "pre"
        if element.tag in _SILENT or (element in left_out and element is not root) or not isinstance(element.tag, str):
            continue
        yield from _before(element, quoted=element in quotes, preformatted=preformatted > 0)
        budget -= len(element.text or "")
        stack.extend((child, False) for child in reversed(element))


def _before(element: Element, *, quoted: bool, preformatted: bool) -> Iterator[str]:
    """Yield what stands before the children of an element."""
    tag = element.tag
    if tag in _BLOCKS:
        yield PARAGRAPH if tag in _PARAGRAPHS else BLOCK
    elif tag == "br":
        yield "\n"
    elif tag == "img":
        yield emoji_of(element)
    if quoted:
        yield QUOTE_START
    if element.text:
        yield element.text if preformatted else _SPACES.sub(" ", element.text)


def _after(element: Element, *, is_root: bool, quoted: bool, preformatted: bool) -> Iterator[str]:
    """Yield what stands after the children of an element, up to the next one."""
    tag = element.tag
    if quoted:
        yield QUOTE_END
    if tag in _BLOCKS:
        yield PARAGRAPH if tag in _PARAGRAPHS else BLOCK
    if tag in ("td", "th"):
        yield " "
    if not is_root and element.tail:
        yield element.tail if preformatted else _SPACES.sub(" ", element.tail)


def emoji_of(image: Element) -> str:
    """Return the character that an emoji or smiley image stands for, else nothing."""
    alt = image.get("alt") or ""
    if not alt or len(alt) > 12:
        return ""
    named = f"{image.get('class') or ''} {image.get('src') or ''}"
    return alt if _EMOJI_CLASS.search(named) else ""


def brief(element: Element, limit: int = 200) -> str:
    """Return the text of a small element on one line."""
    pieces, length = [], 0
    for text in element.itertext():
        pieces.append(text)
        length += len(text.strip())
        if length > limit:
            break
    words = " ".join("".join(pieces).split())
    if len(words) < limit < length:  # white space was counted
        words = " ".join("".join(element.itertext()).split())
    return words[:limit]


def xpath_of(element: Element) -> str:
    """Return a path that finds the element again in the same page."""
    path: str = element.getroottree().getpath(element)
    return path


def drop(element: Element) -> None:
    """Take an element out of its tree and keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)
