"""What travels with the weights: everything needed to use them, and a checksum of every file beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from model.calibration import Calibration
from model.scores import ATTRIBUTES, ModelDamaged, ModelNotFound

WEIGHTS = Path(__file__).resolve().parent / "weights"
MANIFEST = "manifest.json"
READER, TOPICS, COMPARER, TOKENIZER = "reader.onnx", "topics.onnx", "comparer.onnx", "tokenizer.json"
WIDE, HEADLINES = "wide.npz", "headlines.npz"  # need not be there
NAMES = ("permissive", "full")  # the first that is there is the default


@dataclass(frozen=True, slots=True)
class Manifest:
    """A folder of weights in words. `files` maps each file's name to its sha256."""

    name: str
    version: str
    precision: str  # "int8" or "fp32"
    max_tokens: int  # of a comment, markers included
    article_tokens: int
    span_threshold: float  # probability from which a token belongs to a toxic span
    calibration: Mapping[str, Calibration]
    base: Mapping[str, str]
    sources: tuple[Mapping[str, Any], ...]
    recipe: Mapping[str, Any]
    metrics: Mapping[str, Any]
    commit: str
    files: Mapping[str, str]
    attributes: tuple[str, ...] = ATTRIBUTES

    @property
    def full_version(self) -> str:
        """Name and version, as stored with every score."""
        return f"{self.name}-{self.version}"

    def write(self, folder: Path) -> None:
        """Write `manifest.json` into the folder, last of all: a folder without one is unfinished."""
        fresh = folder / (MANIFEST + ".part")
        fresh.write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n", encoding="utf-8")
        fresh.replace(folder / MANIFEST)


def weights_folder(name: str = "") -> Path:
    """Return the folder of a shipped model by name, any folder by path, or the default for an empty name.

    Raises `ModelNotFound` when there is none.
    """
    if not name:
        found = next((WEIGHTS / known for known in NAMES if (WEIGHTS / known / MANIFEST).is_file()), None)
        if found is None:
            raise ModelNotFound("No weights are installed under model/weights.")
        return found
    try:
        for folder in (WEIGHTS / name, Path(name)):
            if (folder / MANIFEST).is_file():
                return folder
    except OSError as error:  # a folder of somebody else's, a name that no file can have
        raise ModelNotFound(f"The model {name!r} cannot be read: {error.strerror}.") from None
    raise ModelNotFound(f"There is no model {name!r}; installed are: {', '.join(_installed()) or 'none'}.")


def read_manifest(folder: Path) -> Manifest:
    """Read and verify a folder of weights; `ModelDamaged` when a file is not the one that the manifest names."""
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if unknown := sorted(raw.keys() - {known.name for known in fields(Manifest)}):
            raise ModelDamaged(
                f"The weights in {folder} need a newer Belowline: this one does not know {unknown[0]!r}."
            )
        manifest = Manifest(**{**raw, **_parsed(raw)})
        for name, expected in manifest.files.items():
            _verify(folder / name, expected)
    except FileNotFoundError:
        raise ModelNotFound(f"There is no {MANIFEST} in {folder}.") from None
    except OSError as error:
        raise ModelNotFound(f"{error.filename} cannot be read: {error.strerror}.") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelDamaged(f"The manifest in {folder} cannot be read: {error}.") from None
    return manifest


def sha256(file: Path) -> str:
    """Return the hexadecimal digest of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _parsed(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        # weights of before there were two slopes have one for both sides
        "calibration": {
            name: Calibration(**{"upper_slope": fields["slope"], **fields})
            for name, fields in raw["calibration"].items()
        },
        "sources": tuple(raw["sources"]),
        "attributes": tuple(raw["attributes"]),
    }


def _verify(file: Path, expected: str) -> None:
    if not file.is_file():
        raise ModelNotFound(f"{file.name} is missing from {file.parent}.")
    if sha256(file) != expected:
        raise ModelDamaged(f"{file.name} in {file.parent} does not match its checksum; fetch the weights again.")


def _installed() -> list[str]:
    return sorted(folder.parent.name for folder in WEIGHTS.glob(f"*/{MANIFEST}"))
