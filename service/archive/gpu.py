"""The scorer on the device that the settings name; only a GPU that was asked for ever loads torch."""

from __future__ import annotations

from model.scores import Scorer, ScorerError
from service.archive.models import open_scorer
from service.settings import Settings


def open_on_device(name: str | None, settings: Settings) -> Scorer:
    """Load the weights; raise `ScorerError` when there is no such GPU, no torch for it, or no such weights."""
    if settings.device == "cpu":
        return open_scorer(name, settings)
    from model.manifest import weights_folder

    try:
        from model.cuda import CudaScorer
    except ImportError:
        raise ScorerError("Scoring on a GPU needs the extra `cuda`: pip install 'belowline[cuda]'.") from None
    return CudaScorer(weights_folder(name or settings.model))
