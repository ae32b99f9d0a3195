"""Perspective's attribute names in terms of ours: the exact ones, our two extensions, and approximations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.scores import CommentScores


@dataclass(frozen=True, slots=True)
class Source:
    """Where the value of a name comes from; `inverted` is one minus the score."""

    attribute: str
    inverted: bool = False

    def value(self, scored: CommentScores) -> float | None:
        """Return the probability under this name, or None where there is none."""
        score = scored.scores.get(self.attribute)
        if score is None:
            return None
        return float(1 - score if self.inverted else score)


OFF_TOPIC = Source("relevance", inverted=True)
MODELLED: Mapping[str, Source] = {
    "TOXICITY": Source("toxicity"),
    "SEVERE_TOXICITY": Source("severe_toxicity"),
    "IDENTITY_ATTACK": Source("identity_attack"),
    "INSULT": Source("insult"),
    "PROFANITY": Source("profanity"),
    "THREAT": Source("threat"),
    "SARCASM": Source("sarcasm"),  # ours: Perspective never had one
    "OFF_TOPIC": OFF_TOPIC,  # announced by Perspective, with `context` made for it, and never served
}
OLD_NAMES = {"TOXICITY_FAST": "TOXICITY"}

# Stand-ins for what is not modelled, answered only under a profile: docs/moving-from-perspective.md says how far each
# may be trusted. What has no neighbour at all among our attributes stands for "does not belong here".
NEAR = {
    "ATTACK_ON_AUTHOR": Source("insult"),
    "ATTACK_ON_COMMENTER": Source("insult"),
    "INFLAMMATORY": Source("toxicity"),
    "LIKELY_TO_REJECT": Source("toxicity"),
    "OBSCENE": Source("profanity"),
    "SEXUALLY_EXPLICIT": Source("profanity"),
}
FAR = {
    "FLIRTATION": Source("profanity"),
    "INCOHERENT": OFF_TOPIC,
    "SPAM": OFF_TOPIC,
    "UNSUBSTANTIAL": OFF_TOPIC,
}
PROFILES: Mapping[str, Mapping[str, Source]] = {
    "": {},
    "coral": NEAR,  # its form takes one attribute, typed in by the operator
    "osmod": {**NEAR, **FAR},  # asks for sixteen at once, and gets nothing if one of them fails
}


def source_of(name: str, profile: str) -> Source | None:
    """Return what answers under a name as asked, such as `TOXICITY@6` or `INSULT_EXPERIMENTAL`, or None."""
    plain = name.partition("@")[0].removesuffix("_EXPERIMENTAL")
    plain = OLD_NAMES.get(plain, plain)
    return MODELLED.get(plain) or PROFILES[profile].get(plain)
