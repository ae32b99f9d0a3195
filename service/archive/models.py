"""The scorer that a command works with: the weights by name, with as many threads as the settings say."""

from __future__ import annotations

import os

from model.scores import Scorer
from service.settings import Settings


def open_scorer(name: str | None, settings: Settings) -> Scorer:
    """Load the weights; raise `ScorerError` when there are none of that name or they are damaged."""
    from model.manifest import weights_folder
    from model.onnx import load_scorer

    return load_scorer(weights_folder(name or settings.model), threads=settings.threads or cores())


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
