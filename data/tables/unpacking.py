"""Taking gzip and Zstandard off a stream: what came before a damage is handed out, and a cut-off end is noticed."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from typing import IO, Any, cast

import zstandard

ZSTD_STEP = 2_048  # a run-length block makes 128 KiB out of 4 bytes: small steps keep the output of one step small
GZIP, ZSTANDARD = b"\x1f\x8b", (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18")
PACKED = (GZIP, *ZSTANDARD)
Read = Callable[[int], bytes | None]


def unpacker(magic: bytes, packed: IO[bytes] | io.RawIOBase) -> Read | None:
    """Return what reads the unpacked bytes of a stream that begins with `magic`; None where it is not packed."""
    if magic.startswith(GZIP):
        return gzip.GzipFile(fileobj=packed).read1
    if magic.startswith(ZSTANDARD):
        return _Zstandard(packed).read
    return None


def peekable(stream: IO[bytes], size: int) -> io.BufferedReader[Any]:
    """Return a reader whose `peek` shows the first `size` bytes of a stream, or all that there are; it waits for them.

    What it has read ahead is there for the one who reads on from it, not from `stream`.
    """
    return io.BufferedReader(Filling(getattr(stream, "read1", stream.read)), size)


class Filling(io.RawIOBase):
    """Fills every block asked for, in whatever pieces `read` hands out the bytes; it waits for them.

    What came before a damage is handed out, the damage is raised at the next call.
    """

    def __init__(self, read: Read) -> None:
        self.pieces = read
        self.failed: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        piece = self._filled(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def _filled(self, count: int) -> bytes:
        if self.failed is not None:
            raise self.failed
        found = bytearray()
        try:
            while len(found) < count and (piece := self.pieces(count - len(found))):
                found += piece
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            if not found:
                raise
            self.failed = error
        return bytes(found)


class _Zstandard(io.RawIOBase):
    """Frames one after the other; unlike the library's own reader it notices when the last one is cut off."""

    def __init__(self, inner: IO[bytes] | io.RawIOBase) -> None:
        self.inner, self.ready, self.rest = inner, b"", b""
        self.frame: zstandard.ZstdDecompressionObj | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self.ready and self._step():
            pass
        piece = self.ready[: len(view)]
        view[: len(piece)] = piece
        self.ready = self.ready[len(piece) :]
        return len(piece)

    def _step(self) -> bool:
        """Unpack a little more; False at the end."""
        packed = self.rest or self.inner.read(ZSTD_STEP) or b""
        self.rest = b""
        if not packed:
            if self.frame is not None:
                raise EOFError
            return False
        frame = self.frame or zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj()
        self.ready = frame.decompress(packed)
        self.frame, self.rest = (None, frame.unused_data) if frame.eof else (frame, b"")
        return True
