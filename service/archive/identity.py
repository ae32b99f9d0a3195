"""What makes two runs the same run: the inputs, the options and the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from service.archive.reading import Item, RejectedRow, Row

SAMPLES = 64  # blocks of an input that are hashed; rows that were read are verified in full besides
BLOCK = 65_536


def run_identity(inputs: Sequence[str], options: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return a JSON object whose inputs, options and model are equal for two runs exactly when their results are.

    `modified` tells more of a finished run, whose rows are not read again to verify them.
    """
    return {
        "inputs": [{"path": name, **_fingerprint(name)} for name in inputs],
        "modified": [_modified(name) for name in inputs],
        "options": dict(options),
        "model_version": version,
    }


def _fingerprint(name: str) -> dict[str, Any]:
    """Size and a digest over evenly spread blocks: seconds even for a terabyte."""
    path = Path(name)
    if name == "-" or not path.is_file():
        return {"bytes": None, "digest": None}
    size = path.stat().st_size
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        for number in range(SAMPLES):
            file.seek(max(0, size - BLOCK) * number // (SAMPLES - 1))
            digest.update(file.read(BLOCK))
    return {"bytes": size, "digest": digest.hexdigest()}


def _modified(name: str) -> int | None:
    """When an input was last written to, if it is too large for the digest to cover all of it."""
    path = Path(name)
    if name == "-" or not path.is_file():
        return None
    found = path.stat()
    return found.st_mtime_ns if found.st_size > SAMPLES * BLOCK else None


def items_digest(items: Iterable[Item]) -> str:
    """Return a digest of all that a part was made from, to notice an input that changed under a resumed run."""
    digest = blake2b(digest_size=16)
    for item in items:
        digest.update(repr(_told(item)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _told(item: Item) -> tuple[Any, ...]:
    if isinstance(item, Row):
        comment, article = item.comment, item.article
        about = (article.title, hash_text(article.text)) if article else ()
        return (item.source, comment.id, comment.parent_id, comment.author, comment.published, comment.text, *about)
    if isinstance(item, RejectedRow):
        return (item.source, item.reject.line, item.reject.reason)
    return (item.source, item.sentence)


def hash_text(text: str) -> str:
    """A short digest of a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
