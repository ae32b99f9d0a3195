"""The scorer that a command works with: the weights by name, on the device and with the threads of the settings."""

from __future__ import annotations

import os
from pathlib import Path

from model.scores import Scorer, ScorerError
from service.settings import Settings


def open_scorer(name: str | None, settings: Settings) -> Scorer:
    """Load the weights; raise `ScorerError` when there are none of that name, they are damaged, or there is no GPU.

    Nothing but a GPU that was asked for ever loads torch.
    """
    from model.manifest import weights_folder
    from model.onnx import load_scorer

    if settings.device == "cuda":
        return _on_gpu(weights_folder(name or settings.model))
    return load_scorer(weights_folder(name or settings.model), threads=settings.threads or cores())


def _on_gpu(folder: Path) -> Scorer:
    try:
        from model.cuda import CudaScorer
    except ImportError:
        raise ScorerError("Scoring on a GPU needs the extra `cuda`: pip install 'belowline[cuda]'.") from None
    return CudaScorer(folder)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
