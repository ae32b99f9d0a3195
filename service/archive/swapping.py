"""A partitioned output in place of an earlier one, by renames that are completed or undone after any interruption.

    OUT.manifest.json   dropped first, and written again when OUT is the new one
    .OUT.replaced       the earlier output, from just before the new one is there until it is finished
    OUT/run.json        came along with the parts; goes when OUT and its manifest are there

With the manifest there, an interrupted exchange is completed; without it, it is undone and the run is unfinished again.
"""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack
from pathlib import Path

from service.archive.parts import STATE, Output, locked
from service.archive.writing import OutputError

OUTPUT = re.compile(r"part-.*\.parquet")
UNFINISHED = re.compile(r"\.?(part-\d+\.(parquet|rejects\.jsonl)|run\.json)(\.writing)?")


def check_folder(path: Path, names: re.Pattern[str] = OUTPUT) -> None:
    """Raise `OutputError` unless nothing is there, or a folder whose files all have such names."""
    if path.is_symlink() or path.is_mount():
        raise OutputError(f"{path} is a link or a mount point, which cannot be replaced; name a folder inside it.")
    if path.exists() and not _holds_only(path, names):
        raise OutputError(f"{path} holds more than the parts of an earlier run, so it is not replaced; name another.")


def _holds_only(folder: Path, names: re.Pattern[str]) -> bool:
    return folder.is_dir() and all(names.fullmatch(path.name) and path.is_file() for path in folder.iterdir())


def swap_in(output: Output) -> None:
    """Make the folder of parts the output and put an earlier one aside; after an `OSError` all is as before."""
    check_folder(output.path)
    output.manifest.unlink(missing_ok=True)
    try:
        if output.path.exists():
            shutil.rmtree(output.aside, ignore_errors=True)
            output.path.rename(output.aside)
        output.parts.rename(output.path)
    except OSError:
        _put_back(output)
        raise


def tidy(output: Output) -> None:
    """Remove what is needed no more beside a manifest: the rejects of each part, the state, the earlier output."""
    for path in [*output.path.glob("part-*.rejects.jsonl"), output.path / STATE]:
        path.unlink(missing_ok=True)
    shutil.rmtree(output.aside, ignore_errors=True)


def settle(output: Output) -> None:
    """Complete or undo what a killed run left half done; raise `OutputError` while that run is still at it."""
    swapped = (output.path / STATE).exists() and _holds_only(output.path, UNFINISHED)
    if not (swapped or _holds_only(output.aside, OUTPUT)):
        return
    folder = output.path if swapped else output.parts
    with ExitStack() as held:
        if (folder / STATE).exists():
            held.enter_context(locked(folder))
        (tidy if output.manifest.exists() else _put_back)(output)


def _put_back(output: Output) -> None:
    """Make the output the folder of parts again, and the earlier one the output."""
    if (output.path / STATE).exists():
        output.path.rename(output.parts)
    if output.aside.exists() and not output.path.exists():
        output.aside.rename(output.path)
