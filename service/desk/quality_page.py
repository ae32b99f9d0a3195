"""The page about the judging itself: do moderators agree, is the model right, are the scores still the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from service.desk.access import Data, Reader
from service.desk.agreement import (
    Agreement,
    Drift,
    Precision,
    agreement,
    by_attribute,
    by_moderators,
    by_month,
    drift,
    precision_by,
    week_of,
)
from service.desk.charts import polyline
from service.desk.guard import DeskRoute
from service.desk.pages import frame, render
from service.store.quality import WINDOW, double_decisions, reviewed_outcomes, scores_between

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
WEEKS = 26  # shown of the model's precision


@dataclass(frozen=True, slots=True)
class QualityPage:
    """What `quality.html` shows."""

    overall: Agreement | None
    groups: Sequence[tuple[str, Sequence[Agreement]]]
    weeks: Sequence[Precision]
    line: str
    attributes: Sequence[Precision]
    models: Sequence[Precision]
    drifts: Sequence[Drift]
    window_days: int
    share: float


@router.get("/quality")
def show_quality(request: Request, viewer: Reader, store: Data) -> Response:
    """Agreement between moderators, precision of the model, drift of the scores."""
    pairs = double_decisions(store.database, viewer)
    outcomes = reviewed_outcomes(store.database, viewer)
    weeks = precision_by(outcomes, lambda one: week_of(one.decided_at))[-WEEKS:]
    now = store.database.now()
    before = scores_between(store.database, now - 2 * WINDOW, now - WINDOW, viewer)
    after = scores_between(store.database, now - WINDOW, now, viewer)
    page = QualityPage(
        overall=agreement("All", pairs) if pairs else None,
        groups=(
            ("Attribute", by_attribute(pairs)),
            ("Month", by_month(pairs)),
            ("Moderators", by_moderators(pairs)),
        ),
        weeks=weeks,
        line=polyline([week.share for week in weeks], 760, 160),
        attributes=precision_by(outcomes, lambda one: one.attribute),
        models=precision_by(outcomes, lambda one: one.model_version),
        drifts=drift(before, after),
        window_days=WINDOW.days,
        share=request.app.state.settings.second_opinion_share,
    )
    return render("quality.html", frame(request, viewer), page)
