"""Bytes to text: byte order mark, UTF-8 by its own validity, the declared charset, language and statistics."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from data.language import detect

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"""<!--.*?(?:-->|\Z)|<meta(?=[\s/])((?:[^>"']|"[^"]*"|'[^']*')*)>""", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(rb"""([^\s"'>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:\-]{2,40})""", re.IGNORECASE | re.ASCII)
_XML = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:\-]{2,40})["']""")
_HEAD = 4_096  # bytes in which a page must declare its charset (1,024 in HTML; old pages are late)
_SAMPLE = 64_000  # bytes shown to the statistics
_TAG = re.compile(rb"<[^<>]*>")
_NOT_LETTERS = bytes(byte for byte in range(256) if not (byte >= 0xC0 or bytes((byte,)).isalpha()))
_ASCII = bytes(range(128))
_OTHER_SCRIPT = 8  # letters that no ASCII letter outnumbers, from which the statistics are asked
# Languages whose letters Windows-1252 has; of these the statistics take many for Baltic or Turkish
_WESTERN = frozenset("af ca da de en es et eu fi fr ga id is it ms nl no pt sq sv sw tl".split())
# Names of Python's that no page can mean (Punycode takes minutes for half a megabyte), and what needs a mark
_NO_CHARSETS = frozenset(
    "idna punycode raw-unicode-escape undefined unicode-escape utf-7"
    " utf-16 utf-16-be utf-16-le utf-32 utf-32-be utf-32-le".split()
)
# What pages declare and browsers read it as, https://encoding.spec.whatwg.org/#names-and-labels
_LABELS = {
    **dict.fromkeys(("iso-8859-1", "latin1", "ascii", "us-ascii"), "cp1252"),
    "iso-8859-9": "cp1254",
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "x-sjis"), "cp932"),
    "ks_c_5601-1987": "cp949",
}


def whole_characters(text: str) -> str:
    """Return the text as UTF-8 can hold it: two halves of a surrogate pair become their character, a lone one U+FFFD.

    JSON may hold halves, and clients leave them where they cut a text; any other text is returned as it is.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def decode(raw: bytes, charset: str | None = None) -> str:
    """Return the text of a page or dump; bytes that fit no charset become U+FFFD, never an error.

    `charset` is what came with it from outside, as in an HTTP header; it goes before what a page says itself.
    """
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_cut(raw, error) or _mostly_utf8(raw):
            return raw.decode("utf-8", "replace")
    known = (found for label in (charset, *_declared(raw)) if label and (found := _charset(label, raw)))
    return raw.decode(next(known, None) or guessed_charset(raw), "replace")


def _is_cut(raw: bytes, error: UnicodeDecodeError) -> bool:
    """Tell UTF-8 that ends in the middle of a character from another charset's letter at the end."""
    ends = error.reason == "unexpected end of data"
    return ends and (error.end - error.start > 1 or not raw[: error.start].isascii())


def charset_in(content_type: str) -> str | None:
    """Return the charset that a content type names, as it stands there."""
    match = _CHARSET.search(content_type)
    return match[1] if match else None


def _declared(raw: bytes) -> Iterator[str]:
    """Yield what a page says of its charset: in its meta elements, then in an XML declaration."""
    for tag in _META.finditer(raw, 0, _HEAD):
        if tag[1] and (label := _of_meta(tag[1])):
            yield label
    if match := _XML.match(raw, 0, _HEAD):
        yield match[1].decode("ascii")


def _of_meta(tag: bytes) -> str | None:
    found = _ATTRIBUTE.findall(tag)
    values = {name.lower(): b"".join(value).decode("latin-1").strip() for name, *value in reversed(found)}
    if b"charset" in values:
        return values[b"charset"]
    said = values.get(b"http-equiv", "").lower() == "content-type"
    return charset_in(values.get(b"content", "")) if said else None


def meant_by(label: str) -> str:
    """Return the charset that a browser reads a label as, Windows-1252 for `iso-8859-1`; another label as it is."""
    label = label.strip().lower()
    return _LABELS.get(label, label)


def _charset(label: str, raw: bytes) -> str | None:
    """Return Python's name of a charset by what pages call it; None where it is unknown or cannot be that of `raw`."""
    try:
        name = codecs.lookup(meant_by(label)).name
        "".encode(name)  # refuses what is no charset but a way of packing
    except (LookupError, ValueError):
        return None
    unlike = name == "utf-8" and raw.decode(name, "ignore").isascii()  # not one character of it
    return None if unlike or name in _NO_CHARSETS else name


def guessed_charset(raw: bytes) -> str:
    """Return the charset that bytes without any declaration are in where they are no UTF-8.

    That is Windows-1252 for a Western language and for what is too short to tell; statistics decide on the others.
    """
    sample = _TAG.sub(b"\n", raw[:_SAMPLE])
    odd = b"\n".join(line for line in sample.splitlines() if not _is_utf8(line))
    if not odd or _is_western(odd, sample):
        return "cp1252"
    from charset_normalizer import from_bytes  # imported late: nearly no page needs it

    best = from_bytes(odd).best()
    name = best.encoding if best else "cp1252"
    return "cp1252" if name in ("ascii", "utf_8") else _LABELS.get(name, name)


def _is_western(odd: bytes, sample: bytes) -> bool:
    """Tell by the letters and the language; of `odd` what is no UTF-8, for the language also what is around it."""
    letters = odd.translate(None, _NOT_LETTERS)
    foreign = len(letters.translate(None, _ASCII))
    if foreign >= _OTHER_SCRIPT and foreign * 2 > len(letters):
        return False
    try:
        language = detect(odd.decode("cp1252")) or detect(sample.decode("cp1252", "replace"))
    except UnicodeDecodeError:
        return False
    return language is None or language in _WESTERN


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(raw: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes from a page in another charset."""
    sample = raw[:_SAMPLE]
    broken = sample.decode("utf-8", "replace").count("\ufffd")
    high = sum(byte >= 0x80 for byte in sample)
    return broken * 10 < high
