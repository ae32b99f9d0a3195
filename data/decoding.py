"""Bytes to text: byte order mark, UTF-8 by its own validity, the declared charset, then statistics."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,40})""", re.IGNORECASE)
_HEAD = 4_096  # bytes in which a page must declare its charset (1,024 in HTML; old pages are late)
_SAMPLE = 64_000  # bytes shown to the statistics
# What pages declare and browsers read it as, https://encoding.spec.whatwg.org/#names-and-labels
_LABELS = {
    **dict.fromkeys(("iso-8859-1", "latin1", "ascii", "us-ascii"), "cp1252"),
    "iso-8859-9": "cp1254",
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "x-sjis"), "cp932"),
    "ks_c_5601-1987": "cp949",
}


def decode(raw: bytes) -> str:
    """Return the text of a page or dump; bytes that fit no charset become U+FFFD, never an error."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > 0 and error.end >= len(raw) - 3:
            return raw.decode("utf-8", "replace")  # cut in the middle of its last character
    return _decode_declared(raw) or _decode_by_statistics(raw)


def _decode_declared(raw: bytes) -> str | None:
    """Decode by the charset that the page itself declares; None when it declares none that is known."""
    match = _DECLARED.search(raw, 0, _HEAD)
    if not match:
        return None
    label = match[1].decode("ascii").lower()
    try:
        return raw.decode(_LABELS.get(label, label), "replace")
    except (LookupError, UnicodeError):
        return None


def _decode_by_statistics(raw: bytes) -> str:
    from charset_normalizer import from_bytes  # imported late: nearly no page needs it

    if _mostly_utf8(raw):
        return raw.decode("utf-8", "replace")
    best = from_bytes(raw[:_SAMPLE], steps=3, chunk_size=512).best()
    name = best.encoding if best else "cp1252"
    return raw.decode(_LABELS.get(name, name), "replace")


def _mostly_utf8(raw: bytes) -> bool:
    """Tell UTF-8 with a few broken bytes from a page in another charset."""
    sample = raw[:_SAMPLE]
    broken = sample.decode("utf-8", "replace").count("\ufffd")
    high = sum(byte >= 0x80 for byte in sample)
    return broken * 10 < high
