"""JSON documents of any size as a stream of records: events of a streaming parser, built up record by record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

import ijson

from data.tables.opening import InputError, reading_errors

MOST_NESTED = 3_000  # objects and arrays inside each other
MOST_TEXT_BYTES = 16 * 2**20  # of one text
MOST_RECORD_VALUES = 2_000_000  # in one record: a thread with some 50,000 nested answers
Record = dict[str, Any]
_QUOTE = re.compile(rb'(?<!\\)"')


class _Watched:
    """A stream that refuses a text without end: the parser below would hold it in memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.unbroken, self.begun = stream, 0, False

    def read(self, size: int = -1) -> bytes:
        with reading_errors():
            piece = self.stream.read(size)
        if not self.begun:
            self.begun, piece = True, piece.removeprefix(b"\xef\xbb\xbf")
        self.unbroken = 0 if _QUOTE.search(piece) else self.unbroken + len(piece)
        if self.unbroken > MOST_TEXT_BYTES:
            raise InputError(f"holds a text longer than {MOST_TEXT_BYTES // 2**20} MiB")
        return piece


def json_records(stream: IO[bytes], paths: frozenset[str], *, whole: bool = False) -> Iterator[tuple[str, Record]]:
    """Yield path and record for every object under one of `paths`, such as `comments.item`.

    The path "" stands for the document itself: its own values and objects without any list, once at its end; with
    `whole` its lists too. Several documents may follow each other.
    """
    try:
        yield from _Walk(paths, whole).records(
            ijson.basic_parse(_Watched(stream), use_float=True, multiple_values=True)
        )
    except ijson.IncompleteJSONError:
        raise InputError("ends in the middle of its JSON, or is damaged there; what came before was read") from None
    except ijson.JSONError as error:
        raise InputError(f"is not JSON that can be read ({str(error).splitlines()[0].strip()})") from None


class _Walk:
    """Follows the events of the parser, knows the path, and builds the records asked for."""

    def __init__(self, paths: frozenset[str], whole: bool) -> None:
        self.paths, self.whole = paths, whole
        self.path: list[str] = []  # one entry per open object or array: where it hangs
        self.stack: list[Any] = []  # what is being built, from the record down
        self.keys: list[str] = []  # the key under which the next value of each open object goes
        self.open: list[bool] = []  # per open container: is it an array
        self.top: list[Record] = []  # the document's own values, level by level
        self.values = 0

    def records(self, events: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Record]]:
        for event, value in events:
            if event == "map_key":
                self.keys[-1] = value
            elif event in ("start_map", "start_array"):
                self._enter(event == "start_array")
            elif event in ("end_map", "end_array"):
                yield from self._leave()
            else:
                self._put(value)

    def _name(self) -> str:
        """Where the next value hangs, as a path."""
        if not self.open:
            return ""
        name = "item" if self.open[-1] else self.keys[-1]
        return f"{self.path[-1]}.{name}" if self.path[-1] else name

    def _enter(self, array: bool) -> None:
        if len(self.open) >= MOST_NESTED:
            raise InputError(f"is nested deeper than {MOST_NESTED:,} levels")
        path = "" if self.stack else self._name()
        container: Any = [] if array else {}
        if self.stack or (not array and path in self.paths and (path or self.whole)):
            self._attach(container)
            self.stack.append(container)
        elif not array and len(self.top) == len(self.open) and len(self.open) < 4 and "" in self.paths:
            if self.top:
                self.top[-1][self.keys[-1]] = container
            self.top.append(container)
        self.path.append(path)
        self.open.append(array)
        self.keys.append("")

    def _leave(self) -> Iterator[tuple[str, Record]]:
        self.open.pop()
        self.keys.pop()
        path = self.path.pop()
        if self.stack:
            done = self.stack.pop()
            if not self.stack:
                self.values = 0
                yield path, done
        elif len(self.top) > len(self.open):
            done = self.top.pop()
            if not self.top and not self.whole:
                yield "", done

    def _put(self, value: Any) -> None:
        if self.stack:
            self._attach(value)
        elif self.top and len(self.top) == len(self.open) and not self.open[-1] and len(self.top[-1]) < 500:
            self.top[-1][self.keys[-1]] = value

    def _attach(self, value: Any) -> None:
        if not self.stack:
            return
        self.values += 1
        if self.values > MOST_RECORD_VALUES:
            raise InputError(f"holds a single record of more than {MOST_RECORD_VALUES:,} values")
        parent = self.stack[-1]
        if isinstance(parent, list):
            parent.append(value)
        else:
            parent[self.keys[-1]] = value
