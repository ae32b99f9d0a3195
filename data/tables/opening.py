"""Opening an input of any size as a stream of plain bytes: gzip and Zstandard unpacked, bombs and truncation refused.

Memory stays at a few hundred kilobytes whatever the file holds; only a Zstandard window (up to 2 GiB in dumps made with
`--long=31`) can add to it.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from data.sniff import is_binary
from data.tables.unpacking import PACKED, Filling, Read, unpacker

HEAD_BYTES = 65_536  # what sniffing looks at
FREE_EXPANSION = 32 * 2**20  # up to this an archive may expand as it likes; so much is tried before a row is read
MOST_EXPANSION = 200  # text packs 3 to 50 times; zeros pack 1,000 times with gzip, 30,000 times with Zstandard

FOREIGN = {  # magic -> what to tell the user
    b"PK\x03\x04": "is a zip archive; unpack it and name the files in it",
    b"%PDF": "is a PDF file, not text",
    b"\x89PNG": "is an image, not text",
    b"\xff\xd8\xff": "is an image, not text",
    b"GIF8": "is an image, not text",
    b"\x7fELF": "is a program, not text",
    b"BZh": "is packed with bzip2; unpack it or pack it with gzip or zstd",
    b"\xfd7zXZ": "is packed with xz; unpack it or pack it with gzip or zstd",
    b"7z\xbc\xaf": "is a 7-Zip archive; unpack it and name the files in it",
    b"SQLite format 3": "is an SQLite database; export its comments as CSV or JSON",
}


class InputError(ValueError):
    """An input cannot be read; the message completes "FILE: ..." to one sentence."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One input: its plain bytes, their beginning, and how far the file on disk has been read."""

    path: str
    stream: io.BufferedReader[Any]
    head: bytes
    size: int | None  # bytes on disk, None for standard input
    counter: Counter

    @property
    def packed(self) -> bool:
        """Whether the file is compressed, so that its bytes on disk are not those of `stream`."""
        return self.stream.raw is not self.counter

    @property
    def position(self) -> int:
        """Bytes of the file (packed, if it is) consumed so far."""
        return self.counter.count


class Counter(io.RawIOBase):
    """Passes bytes through and counts them."""

    def __init__(self, inner: IO[bytes], already: bytes = b"") -> None:
        self.inner, self.ahead, self.count = inner, already, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        ahead, self.ahead = self.ahead[: len(view)], self.ahead[len(view) :]
        piece = ahead + filled(self.inner, len(view) - len(ahead))
        view[: len(piece)] = piece
        self.count += len(piece)
        return len(piece)


@contextmanager
def open_input(path: str, known: Callable[[bytes], bool] = lambda head: False) -> Iterator[Opened]:
    """Open a file (or standard input for `-`) for streaming; raise `InputError` for what can be told at once.

    `known` tells by its beginning what can be read although it is no text.
    """
    with _raw(path) as (raw, size):
        magic = filled(raw, 16)
        if size is not None and raw.seekable() and magic.startswith(PACKED):
            _try_unpacking(raw, magic)
        counter = Counter(raw, magic)
        stream = io.BufferedReader(_unpacked(magic, counter), HEAD_BYTES)
        with reading_errors():
            head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        yield Opened(path, stream, head if known(head) else checked_head(head), size, counter)


def _try_unpacking(raw: IO[bytes], magic: bytes) -> None:
    """Unpack the beginning, so that a bomb is refused before its rows are worked on, and go back."""
    raw.seek(0)
    trial = _unpacked(magic, Counter(raw))
    left = FREE_EXPANSION + HEAD_BYTES
    with suppress(EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError):
        while left > 0 and (piece := trial.read(HEAD_BYTES)):
            left -= len(piece)
    raw.seek(len(magic))


@contextmanager
def reading_errors() -> Iterator[None]:
    """Turn what the unpackers raise into the sentence that a user understands."""
    try:
        yield
    except EOFError:
        raise InputError("ends in the middle of its packed data; it was probably cut off while being copied") from None
    except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError):
        raise InputError("is damaged: its packed data cannot be unpacked") from None


@contextmanager
def _raw(path: str) -> Iterator[tuple[IO[bytes], int | None]]:
    if path == "-":
        yield sys.stdin.buffer, None
        return
    if "://" in path:
        with _remote(path) as file:
            yield file, None
        return
    try:
        with Path(path).open("rb", buffering=0) as file:
            yield cast(IO[bytes], file), Path(path).stat().st_size
    except FileNotFoundError:
        raise InputError("no such file") from None
    except IsADirectoryError:
        raise InputError("is a folder, not a file") from None
    except PermissionError:
        raise InputError("may not be read by this user") from None


def _remote(url: str) -> Any:
    """Open an object of a store that fsspec knows: s3://, gs://, hdfs:// ..."""
    try:
        import fsspec
    except ImportError:
        raise InputError("reading from object storage needs the extra `ray`") from None
    try:
        return fsspec.open(url, "rb").open()
    except FileNotFoundError:
        raise InputError("no such file") from None
    except (OSError, ValueError, ImportError) as error:
        raise InputError(f"cannot be opened ({str(error).splitlines()[0]})") from None


def filled(raw: IO[bytes], count: int) -> bytes:
    """Read exactly `count` bytes, or all there are: pipes and unpackers hand out what they have."""
    found = raw.read(count) if count else b""
    while found and len(found) < count and (piece := raw.read(count - len(found))):
        found += piece
    return found


def checked_head(head: bytes) -> bytes:
    """Refuse what is plainly no text, table or export."""
    if not head.strip():
        raise InputError("the file is empty")
    for magic, sentence in FOREIGN.items():
        if head.startswith(magic):
            raise InputError(sentence)
    if is_binary(head) and not head.startswith(b"PAR1"):
        raise InputError("is a binary file, not text")
    return head


def _unpacked(magic: bytes, counter: Counter) -> io.RawIOBase:
    unpack = unpacker(magic, counter)
    return counter if unpack is None else _Expanding(unpack, counter)


class _Expanding(Filling):
    """Stops an archive that expands as no text does."""

    def __init__(self, read: Read, counter: Counter) -> None:
        super().__init__(read)
        self.counter, self.made = counter, 0

    def readinto(self, buffer: object) -> int:
        made = super().readinto(buffer)
        self.made += made
        if self.made > max(FREE_EXPANSION, MOST_EXPANSION * self.counter.count):
            raise InputError(f"expands more than {MOST_EXPANSION} times when unpacked, as no text does; it is refused")
        return made
