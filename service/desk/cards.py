"""A comment as a card: its text in pieces, its scores as bars, why it is here, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from model.scores import ATTRIBUTES
from service.desk.marks import Piece, pieces
from service.policy import BELOW
from service.store.cards import Record, ThreadComment
from service.store.decisions import Judgement
from service.store.queue import QueuedComment
from service.store.reasons import REASONS, RejectionReason
from service.store.records import State
from service.store.standing import Clash
from service.store.viewers import Viewer

# What a moderator would most likely give as the reason, by the attribute that sent the comment here.
SUGGESTED = {
    "toxicity": "insult",
    "severe_toxicity": "insult",
    "identity_attack": "hate",
    "insult": "insult",
    "profanity": "profanity",
    "threat": "threat",
    "relevance": "off_topic",
}
LONG, LINES = 1200, 16  # characters and line breaks, beyond which a card shows the beginning


@dataclass(frozen=True, slots=True)
class Bar:
    """One score as a number and a bar; `crossed` says that it reached the threshold and sent the comment to review."""

    attribute: str
    score: float | None
    threshold: float | None
    crossed: bool
    below: bool  # low values are what a moderator should see


@dataclass(frozen=True, slots=True)
class Card:
    """What `_card.html` shows; `back` is where a browser without scripts returns to."""

    comment: QueuedComment
    pieces: tuple[Piece, ...]
    bars: tuple[Bar, ...]
    suggested: str
    reasons: tuple[RejectionReason, ...]
    parent: ThreadComment | None
    back: str
    record: Record | None
    clash: Clash | None
    claimed_by_other: bool
    decides: bool
    full: bool  # on its own page
    explanation: str  # that was sent and not kept

    @property
    def open(self) -> bool:
        """Whether there is something to decide here: not on a comment that was deleted on the platform."""
        return self.decides and self.comment.state is not State.GONE

    @property
    def decided_for(self) -> str:
        """The reason of the decision that stands in the way, in words."""
        reason = REASONS.get(self.clash.reason or "") if self.clash else None
        return reason.label.lower() if reason else ""

    @property
    def long(self) -> bool:
        """Whether the text would push the buttons off the screen, so that the card shows its beginning only."""
        return len(self.comment.text) > LONG or self.comment.text.count("\n") > LINES

    @property
    def buried(self) -> tuple[Piece, ...]:
        """Of a long text the sentence that carries the score, when it lies too far down to be seen."""
        before = "".join(piece.text for piece in takewhile(lambda piece: not piece.carries, self.pieces))
        below = self.long and (len(before) > LONG // 3 or before.count("\n") > LINES // 2)
        return tuple(piece for piece in self.pieces if piece.carries) if below else ()


def card(
    shown: QueuedComment,
    viewer: Viewer,
    *,
    back: str,
    parent: ThreadComment | None = None,
    record: Record | None = None,
    clash: Clash | None = None,
    sent: Judgement | None = None,
    full: bool = False,
) -> Card:
    """Put a card together, as this viewer should see it; `sent` is a judgement that was not kept."""
    return Card(
        comment=shown,
        pieces=tuple(pieces(shown.text, shown.spans, shown.reasons)),
        bars=tuple(bars(shown.scores, shown.reasons, shown.thresholds)),
        suggested=(sent and sent.reason) or suggested_reason(shown.reasons),
        reasons=tuple(REASONS.values()),
        parent=parent,
        back=back,
        record=record,
        clash=clash,
        claimed_by_other=shown.claimed_by not in (None, viewer.name),
        decides=viewer.decides,
        full=full,
        explanation=(sent and sent.words) or "",
    )


def bars(
    scores: Mapping[str, float | None], reasons: Sequence[Mapping[str, Any]], thresholds: Mapping[str, float]
) -> list[Bar]:
    """One bar per attribute, in the order that every card has, so that the eye finds each in its place.

    A score that sent the comment here stands beside the threshold that it reached then, the others beside today's.
    """
    crossed = {reason["attribute"]: reason["threshold"] for reason in reasons}
    limits = {**thresholds, **crossed}
    return [Bar(name, scores.get(name), limits.get(name), name in crossed, name in BELOW) for name in ATTRIBUTES]


def suggested_reason(reasons: Sequence[Mapping[str, Any]]) -> str:
    """The reason that is chosen already when a moderator rejects without choosing."""
    return next((SUGGESTED[reason["attribute"]] for reason in reasons if reason["attribute"] in SUGGESTED), "other")
