"""The parts of an unfinished run: a folder beside the output, from which the run goes on after any interruption.

    OUT.parts/run.json              which run this is, locked while it is running
    OUT.parts/part-00000000.parquet rows of the first part; its footer says what it was made from
    OUT.parts/part-00000000.rejects.jsonl
    OUT.manifest.json               written last: OUT is finished, and from what

A part appears by a rename, so that it is there in whole or not at all. Parts are cut at fixed row numbers and a score
depends on its comment alone; hence a resumed run gives the very rows of an uninterrupted one.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow.parquet as pq

from service.archive.reading import RejectedRow
from service.archive.rejects import reject_line
from service.archive.writing import OutputError, explained, json_line, replaced, table_of

STATE = "run.json"
ITEMS, DIGEST = b"belowline.items", b"belowline.digest"


@dataclass(frozen=True, slots=True)
class Output:
    """Where a run writes: the table itself and what stands beside it."""

    path: Path

    @property
    def parts(self) -> Path:
        """The folder of an unfinished run."""
        return self._beside(".parts")

    @property
    def manifest(self) -> Path:
        """What a finished table was made from."""
        return self._beside(".manifest.json")

    @property
    def rejects(self) -> Path:
        """Rows that could not be read."""
        return self._beside(".rejects.jsonl")

    @property
    def aside(self) -> Path:
        """Where an earlier output stays until the new one is finished."""
        return self.path.with_name(f".{self.path.name}.replaced")

    def owns(self, name: str) -> bool:
        """Whether a path is one that the run writes, or inside of one."""
        path = Path(name).resolve()
        own = [place.resolve() for place in (self.path, self.parts, self.manifest, self.rejects)]
        return any(place in (path, *path.parents) for place in own)

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)


class Parts:
    """The folder of one run, held under a lock until closed."""

    def __init__(self, folder: Path, lock: IO[str]) -> None:
        self.folder, self.lock = folder, lock

    @classmethod
    def start(cls, folder: Path, identity: Mapping[str, Any]) -> Parts:
        """Make the folder of a new run."""
        try:
            shutil.rmtree(folder, ignore_errors=True)  # without a run.json it is what a finished run left
            folder.mkdir(parents=True)
            with replaced(folder / STATE) as file:
                file.write(json_line(identity))
        except OSError as error:
            raise explained(error, folder) from None
        return cls(folder, locked(folder))

    @classmethod
    def resume(cls, folder: Path, identity: Mapping[str, Any]) -> Parts:
        """Take up the folder of an unfinished run; refuse when it is not the same run."""
        lock = locked(folder)
        try:
            check_same(json.loads((folder / STATE).read_text()), identity, folder)
        except OutputError:
            lock.close()
            raise
        for leftover in folder.glob(".*.writing"):
            leftover.unlink()
        return cls(folder, lock)

    def has(self, number: int) -> bool:
        """Whether a part is done."""
        return self._path(number).exists()

    def facts(self, number: int) -> tuple[int, str]:
        """Return how many items a stored part was made from, and their digest."""
        found = pq.read_schema(self._path(number)).metadata
        return int(found[ITEMS]), found[DIGEST].decode()

    def write(
        self, number: int, rows: Sequence[Mapping[str, Any]], rejects: Sequence[RejectedRow], facts: tuple[int, str]
    ) -> None:
        """Store one part; its rejects first, because the part itself says that both are there."""
        if rejects:
            with replaced(self._rejects(number)) as file:
                file.write(b"".join(reject_line(reject) for reject in rejects))
        table = table_of(rows)
        items, digest = facts
        told = {ITEMS: str(items).encode(), DIGEST: digest.encode()}
        with replaced(self._path(number)) as file:
            pq.write_table(table.replace_schema_metadata(told), file, compression="zstd")

    def tables(self, count: int) -> Iterator[Path]:
        """The finished parts in order."""
        return (self._path(number) for number in range(count))

    def rejects(self, count: int) -> list[Path]:
        """The rejects of the parts that have any, in order."""
        return [path for number in range(count) if (path := self._rejects(number)).exists()]

    def close(self) -> None:
        """Let another run take the folder."""
        self.lock.close()

    def remove(self) -> None:
        """Take the folder away; what says that a run is unfinished goes first."""
        (self.folder / STATE).unlink()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.close()

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:08d}.parquet"

    def _rejects(self, number: int) -> Path:
        return self.folder / f"part-{number:08d}.rejects.jsonl"


def unfinished(output: Output) -> bool:
    """Whether an earlier run onto this output was interrupted."""
    return (output.parts / STATE).exists()


def finished(output: Output) -> dict[str, Any] | None:
    """Return what a finished output was made from, or None."""
    if not (output.path.exists() and output.manifest.exists()):
        return None
    try:
        manifest = json.loads(output.manifest.read_text())
    except ValueError:
        return None
    identity = manifest.get("run") if isinstance(manifest, dict) else None
    return identity if isinstance(identity, dict) else None


def check_finished(before: Mapping[str, Any], now: Mapping[str, Any], where: Path) -> None:
    """Raise `OutputError` as `check_same` does, and for a large input that was written to since."""
    check_same(before, now, where)
    if before.get("modified", now["modified"]) != now["modified"]:
        raise _changed("input has", where)


def check_same(before: Mapping[str, Any], now: Mapping[str, Any], where: Path) -> None:
    """Raise `OutputError` that names what changed since the run that left `where`."""
    changed = {"inputs": "input", "options": "options", "model_version": "model"}
    for name, word in changed.items():
        if before.get(name) != now[name]:
            raise _changed(f"{word} have" if word == "options" else f"{word} has", where)


def _changed(what: str, where: Path) -> OutputError:
    return OutputError(
        f"The {what} changed since the run that left {where}; run again without --resume after deleting {where}."
    )


def locked(folder: Path) -> IO[str]:
    """Return the lock of a run's folder; raise `OutputError` while a run holds it."""
    lock = (folder / STATE).open()
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise OutputError(f"Another run is writing into {folder} at this moment.") from None
    return lock
