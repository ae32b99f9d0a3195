"""Texts of exports as readers saw them: HTML and BBCode to plain text, quotes of others marked; dates to ISO 8601."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from data.dates import iso_date
from data.page.bodies import is_quote
from data.page.tree import QUOTE_END, QUOTE_START, parse_tree, render, split_quotes

Read = tuple[str, list[dict[str, int]]]  # the words, and where among them those of others are

_QUOTE = re.compile(
    r"\s{0,9}\[quote(?:[=: ][^\]]{0,300})?\]((?:(?!\[quote).)*?)\[/quote(?::\w+)?\]\s{0,9}", re.IGNORECASE | re.DOTALL
)
_UID = re.compile(r"\[(/?[\w*]{1,20})((?:=[^\]:]{0,300})?):(?:\w:)?[0-9a-z]{5,10}\]", re.IGNORECASE)
_LINK = re.compile(r"\[url=[^\]]{0,500}\](.{0,300}?)\[/url\]", re.IGNORECASE | re.DOTALL)
_MEDIA = re.compile(
    r"\[(img|attach|media|video|attachment)(?:=[^\]]{0,300})?\][^\[]{0,2000}\[/\1\]", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(
    r"\[/?(?:b|i|u|s|url|email|size|color|font|center|left|right|justify|indent|list|code|php|html|spoiler|user|quote|"
    r"highlight|sub|sup|heading|table|tr|td|hr|plain|icode|mention)(?:[= ][^\]]{0,500})?\]",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\[\*\]")
_FORMATTER = re.compile(  # the markup that phpBB 3.2 keeps beside its meaning; quotes are read by it
    r"<([se])>(?!\[/?(?i:quote)).{0,500}?</\1>", re.DOTALL
)
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?")
_CONTACT = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+|(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}", re.IGNORECASE
)
_NO_MARKS = dict.fromkeys(map(ord, QUOTE_START + QUOTE_END), " ")
MAX_QUOTES = 50  # one in another
MAX_CONTACT = 320  # characters of the longest e-mail address, RFC 3696
EARLIEST, LATEST = 10**8, 10**11  # seconds since 1970; larger numbers are milliseconds


def plain(source: str) -> Read:
    """Leave a text as it is."""
    return source, []


def entities(source: str) -> Read:
    """Undo the escaping of three characters that Reddit's interface adds to Markdown."""
    return source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), []


def from_html(source: str) -> Read:
    """Render HTML as on a page: the text is whole, quotes of others are marked."""
    if "<" not in source:
        return html.unescape(source).strip(), []
    tree = parse_tree(f"<div>{source}</div>")
    if tree is None:
        return "", []
    if "quote" not in source.lower():  # most comments: one pass less
        return render(tree), []
    return split_quotes(
        render(tree, quotes=[element for element in tree.iter() if isinstance(element.tag, str) and is_quote(element)])
    )


def from_bbcode(source: str) -> Read:
    """Render BBCode, with the ids that phpBB puts into its tags; quotes as for HTML."""
    if source.startswith(("<r>", "<t>")):
        source = from_html(_FORMATTER.sub("", source))[0]
    source = html.unescape(_UID.sub(r"[\1\2]", source)).translate(_NO_MARKS)
    for _ in range(MAX_QUOTES):
        source, inner = _QUOTE.subn(_marked, source)  # the innermost ones of each level
        if not inner:
            break
    return split_quotes(_bare(source))


def _marked(quote: re.Match[str]) -> str:
    words = _bare(quote[1])
    return f"\n\n{QUOTE_START}{words}{QUOTE_END}\n\n" if words else "\n\n"


def _bare(source: str) -> str:
    text = _ITEM.sub("- ", _TAG.sub("", _LINK.sub(r"\1", _MEDIA.sub("", source))))
    text = re.sub(r"<br ?/?>", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text.replace("\r\n", "\n")).strip()


def from_lines(source: str) -> Read:
    """Render HTML in which line breaks count, as WordPress stores it."""
    return from_html(source.replace("\r\n", "\n").replace("\n", "<br>") if "<" in source else source)


MARKUPS: Mapping[str, Callable[[str], Read]] = {
    "plain": plain,
    "entities": entities,
    "html": from_html,
    "lines": from_lines,
    "bbcode": from_bbcode,
}


def read_text(source: str, markup: str) -> Read:
    """Return the words of a text, and the offsets of the quotes in it as on pages: code points, end exclusive."""
    return MARKUPS[markup](source)


def iso(value: str | None, zone: str = "") -> str | None:
    """Return ISO 8601 as exact as the source; None where it says nothing that can be relied on."""
    value = (value or "").strip()
    if not value:
        return None
    if value.startswith("0001-01-01"):  # the zero of Go's clock
        return None
    if _ISO.fullmatch(value) and not re.fullmatch(r"\d{5,}", value):
        return _checked_iso(value, zone)
    if re.fullmatch(r"\d+(?:\.\d+)?", value):
        return _from_epoch(float(value))
    try:
        return parsedate_to_datetime(value).isoformat().replace("+00:00", "Z")
    except (ValueError, TypeError, IndexError):
        return iso_date(value)


def _checked_iso(value: str, zone: str) -> str | None:
    value = value.replace(" ", "T")
    try:
        datetime.fromisoformat(f"{value}-01-01"[:10] if len(value) < 10 else value)
    except ValueError:
        return None
    return value + zone if "T" in value and value[-1].isdigit() and not re.search(r"[+-]\d\d:?\d\d$", value) else value


def _from_epoch(seconds: float) -> str | None:
    if seconds >= LATEST:
        seconds /= 1000
    if not EARLIEST < seconds < LATEST:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds" if seconds % 1 else "seconds").replace("+00:00", "Z")


def public_name(name: str | None) -> str | None:
    """Return an author's name without blanks around it; an e-mail or IP address is not a name to keep."""
    name = " ".join((name or "").split())
    return name if name and (len(name) > MAX_CONTACT or not _CONTACT.fullmatch(name)) else None
