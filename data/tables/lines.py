"""Lines of a stream with a limit, and their text whatever the encoding: one file may mix several."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from data.decoding import guessed_charset
from data.tables.opening import HEAD_BYTES, reading_errors

MOST_LINE_BYTES = 16 * 2**20
KEPT_RAW_BYTES = 65_536  # of a rejected row


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line with its number from 1; of a line over the limit only the beginning is kept."""

    number: int
    raw: bytes
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read: where, why, and its first bytes."""

    line: int
    reason: str
    raw: bytes


def lines_of(stream: IO[bytes]) -> Iterator[Line]:
    """Yield every line; memory is bounded by `MOST_LINE_BYTES`."""
    number = 0
    while True:
        with reading_errors():
            raw = stream.readline(MOST_LINE_BYTES + 1)
        if not raw:
            return
        number += 1
        if len(raw) > MOST_LINE_BYTES and not raw.endswith(b"\n"):
            raw = raw[:KEPT_RAW_BYTES]
            _skip_line(stream)
            yield Line(number, raw, too_long=True)
        else:
            yield Line(number, raw)


def _skip_line(stream: IO[bytes]) -> None:
    with reading_errors():
        while (piece := stream.readline(2**20)) and not piece.endswith(b"\n"):
            pass


def too_long(line: Line) -> Reject:
    """The reject for a line over the limit."""
    return Reject(line.number, f"the line is longer than {MOST_LINE_BYTES // 2**20} MiB", line.raw)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Decodes a line as UTF-8, else in the encoding found for the file, else byte by byte; it never fails."""

    fallback: str = "cp1252"

    def __call__(self, raw: bytes) -> str:
        for encoding in ("utf-8", self.fallback):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
        return raw.decode("latin-1")


def decoder_for(head: bytes) -> Decoder:
    """Look at the beginning of a file that is not all UTF-8 for the encoding of the rest."""
    return Decoder(guessed_charset(head[: head.rfind(b"\n") + 1] or head))


class _Utf8(io.RawIOBase):
    """UTF-16 on one side, UTF-8 on the other."""

    def __init__(self, inner: IO[bytes]) -> None:
        self.inner, self.ready = inner, b""
        self.decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while len(self.ready) < len(view) and (piece := self.inner.read(65_536)):
            self.ready += self.decoder.decode(piece).encode("utf-8", "replace")
        piece = self.ready[: len(view)]
        view[: len(piece)] = piece
        self.ready = self.ready[len(piece) :]
        return len(piece)


def as_utf8(stream: io.BufferedReader[Any]) -> io.BufferedReader[Any]:
    """Return a stream without a byte order mark; UTF-16 becomes UTF-8."""
    head = stream.peek(4)[:4]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        stream = io.BufferedReader(_Utf8(stream), HEAD_BYTES)
        head = stream.peek(4)[:4]
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    return stream
