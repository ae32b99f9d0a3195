"""A damaged XML export as a stream that a parser can read: in UTF-8, with no character that XML forbids."""

from __future__ import annotations

import codecs
import io
import re
from typing import IO

from data.decoding import meant_by, whole_characters
from data.exports.row_files import buffered
from data.tables.lines import as_utf8
from data.tables.opening import reading_errors

HEAD = 300  # bytes in which the charset is declared
LONGEST = 40  # characters of a reference that is looked for across two pieces
_PLAIN = b"<?xml version='1.0'?> &#38; +AGE- \\u0041"  # the same in every charset that an export can declare
_DECLARED = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_REFERENCE = re.compile(r"&#(?:([0-9]{1,32})|[xX]([0-9a-fA-F]{1,32}));?")
_UNFINISHED = re.compile(r"(?:&#?\w*)?\Z")


class ReadableXml:
    """Begins at its first `<`: exports were seen with a stray character or blank lines before it.

    A space stands for each forbidden character, written as itself or as a reference; bytes that fit no charset become
    U+FFFD, and two references that are the halves of one character become it.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        with reading_errors():
            self.stream = as_utf8(buffered(stream))
            head = self.stream.peek(HEAD)[:HEAD]
        self.decoder = codecs.getincrementaldecoder(_charset(head))(errors="replace")
        self.begun, self.held = False, ""

    def read(self, size: int = io.DEFAULT_BUFFER_SIZE) -> bytes:
        """Return the next piece, of about `size` bytes; an empty one at the end only."""
        while True:
            with reading_errors():
                raw = self.stream.read(size)
            text = self._cleaned(self._from_start(self.decoder.decode(raw, final=not raw)), final=not raw)
            if text or not raw:
                return text.encode()

    def _from_start(self, text: str) -> str:
        if self.begun:
            return text
        start = text.find("<")
        self.begun = start >= 0
        return text[start:] if self.begun else ""

    def _cleaned(self, text: str, *, final: bool) -> str:
        """Return what can be judged of the text so far; the beginning of a reference waits for its end."""
        text = self.held + text
        match = None if final else _UNFINISHED.search(text, max(0, len(text) - LONGEST))
        end = match.start() if match else len(text)
        text, self.held = _REFERENCE.sub(_character, text[:end]), text[end:]
        if not final and "\ud800" <= text[-1:] <= "\udbff":
            text, self.held = text[:-1], text[-1] + self.held
        return _FORBIDDEN.sub(" ", whole_characters(text))


def _character(reference: re.Match[str]) -> str:
    """Return the forbidden character that a reference names, to be dealt with like one; another reference as it is."""
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    character = chr(code) if code <= 0x10FFFF else "\0"
    return character if _FORBIDDEN.match(character) else reference[0]


def _charset(head: bytes) -> str:
    """Return the charset that an export without a byte order mark declares; UTF-8 where Python has none of the name."""
    for zeros, name in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if head.startswith(zeros):
            return name
    match = _DECLARED.search(head)
    name = meant_by(match[1].decode()) if match else "utf-8"
    try:
        return name if _PLAIN.decode(name) == _PLAIN.decode() else "utf-8"
    except (LookupError, UnicodeError):
        return "utf-8"
