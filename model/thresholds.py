"""The scores from which a comment goes to review where a newsroom has set nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# A starting point set by hand, not measured on any newsroom's decisions: simulate your own before you trust it.
DEFAULT_THRESHOLDS: Mapping[str, float] = MappingProxyType(
    {
        "toxicity": 0.5,
        "severe_toxicity": 0.3,
        "identity_attack": 0.4,
        "insult": 0.5,
        "profanity": 0.6,
        "threat": 0.3,
        "sarcasm": 0.7,
        "relevance": 0.2,
    }
)
