"""The scorer on a GPU, which `belowline score --device cuda` alone loads: torch is an extra and never serves."""

from __future__ import annotations

from model.scores import Scorer, ScorerError
from service.settings import Settings


def open_on_gpu(name: str | None, settings: Settings) -> Scorer:
    """Load the weights onto a GPU; raise `ScorerError` when there is none, or no torch, or no such weights."""
    from model.manifest import weights_folder

    try:
        from model.cuda import CudaScorer
    except ImportError:
        raise ScorerError("Scoring on a GPU needs the extra `cuda`: pip install 'belowline[cuda]'.") from None
    return CudaScorer(weights_folder(name or settings.model))
