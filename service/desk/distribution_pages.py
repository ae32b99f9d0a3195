"""The histogram and the scatter: seeing all that waits at once, and deciding a whole range after a preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from model.scores import ATTRIBUTES
from service.desk.access import Data, Moderator, Reader
from service.desk.charts import Column, Dot, columns, dots
from service.desk.deciding import after_many, judgement_of
from service.desk.forms import Words, query_of
from service.desk.guard import DeskRoute
from service.desk.pages import frame, render
from service.desk.views import View, view_of
from service.policy import BELOW
from service.store import Resolution, State, Store
from service.store.decisions import MOST_AT_ONCE, decide
from service.store.distributions import RangePreview, count_of, decided_before, grid, histogram, preview
from service.store.errors import Refused
from service.store.filters import Filter, Queue, Range
from service.store.policies import current_policy
from service.store.queue import QueuedComment, list_end, places
from service.store.reasons import REASONS, RejectionReason
from service.store.viewers import Viewer

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
EXAMPLES = 6
VERBS = {Resolution.APPROVE: "Approve", Resolution.REJECT: "Reject", Resolution.DEFER: "Defer"}


@dataclass(frozen=True, slots=True)
class HistogramPage:
    """What `histogram.html` shows."""

    view: View
    attribute: str
    attributes: tuple[str, ...]
    columns: tuple[Column, ...]
    total: int  # that wait, as the queue counts them
    scored: int  # of these, in the columns
    threshold: float | None
    range: Range | None
    inside: int
    examples: Sequence[QueuedComment]
    sections: Sequence[str]
    reasons: tuple[RejectionReason, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class ScatterPage:
    """What `scatter.html` shows."""

    view: View
    across: str
    up: str
    attributes: tuple[str, ...]
    dots: tuple[Dot, ...]
    total: int
    missed: int
    limits: tuple[float | None, float | None]
    sections: Sequence[str]


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What `preview.html` shows."""

    view: View
    range: Range
    verb: str
    resolution: Resolution
    reason: str
    reason_label: str
    explanation: str
    preview: RangePreview
    most: int
    examples: Sequence[QueuedComment]


@router.get("/histogram")
def show_histogram(request: Request, viewer: Reader, store: Data) -> Response:
    """All waiting comments by one attribute; with `lo` and `hi` the range between them and examples from it."""
    view = view_of(request.query_params)
    attribute = _attribute(view, "a", "toxicity")
    everything = _waiting(view, ranged=False)
    counts = histogram(store.database, attribute, everything, viewer)
    chosen = _range(view, attribute)
    wanted = _waiting(view, ranged=False, ranges=(chosen,)) if chosen else everything
    page = HistogramPage(
        view=view,
        attribute=attribute,
        attributes=ATTRIBUTES,
        columns=tuple(columns(counts, chosen)),
        total=count_of(store.database, everything, viewer),
        scored=sum(counts),
        threshold=_threshold(store, view, attribute),
        range=chosen,
        inside=count_of(store.database, wanted, viewer) if chosen else 0,
        examples=_examples(store, wanted, viewer, attribute) if chosen else (),
        sections=places(store.database, viewer)[1],
        reasons=tuple(REASONS.values()),
        decides=viewer.decides,
    )
    return render("histogram.html", frame(request, viewer), page)


@router.get("/scatter")
def show_scatter(request: Request, viewer: Reader, store: Data) -> Response:
    """Every comment by two attributes, those that no threshold stopped too: what single thresholds miss."""
    view = view_of(request.query_params)
    across, up = _attribute(view, "a", "toxicity"), _attribute(view, "b", "sarcasm")
    wanted = Filter(queue=Queue.ALL, site=view.filter.site, section=view.filter.section)
    cells = grid(store.database, across, up, wanted, viewer)
    limits = (_threshold(store, view, across), _threshold(store, view, up))
    made = dots(cells, across, up, view)
    page = ScatterPage(
        view=view,
        across=across,
        up=up,
        attributes=ATTRIBUTES,
        dots=tuple(made),
        total=sum(cells.values()),
        missed=sum(dot.count for dot in made if _is_missed(dot, (across, up), limits)),
        limits=limits,
        sections=places(store.database, viewer)[1],
    )
    return render("scatter.html", frame(request, viewer), page)


def _is_missed(dot: Dot, names: tuple[str, str], limits: tuple[float | None, float | None]) -> bool:
    """Neither score reaches its own threshold, and both come close: beyond two thirds of the way."""
    scores = (dot.across, dot.up)
    return all(
        limit is not None and (2 / 3 * limit <= score < limit if name not in BELOW else limit < score <= 1.5 * limit)
        for name, score, limit in zip(names, scores, limits, strict=True)
    )


@router.get("/range")
def show_preview(
    request: Request, viewer: Moderator, store: Data, resolution: Resolution, reason: str = "", explanation: str = ""
) -> Response:
    """What deciding a range would do; nothing is changed yet."""
    return _preview_page(request, viewer, store, view_of(request.query_params), resolution, reason, explanation)


def _preview_page(
    request: Request,
    viewer: Viewer,
    store: Store,
    view: View,
    resolution: Resolution,
    reason: str,
    explanation: str,
    *,
    notice: str = "",
) -> Response:
    chosen = _chosen_range(view)
    wanted = _waiting(view, ranged=False, ranges=(chosen,))
    reason_label = REASONS[reason].label if reason in REASONS and resolution is Resolution.REJECT else ""
    page = PreviewPage(
        view=view,
        range=chosen,
        verb=VERBS[resolution],
        resolution=resolution,
        reason=reason,
        reason_label=reason_label,
        explanation=explanation[:2000],
        preview=preview(store.database, wanted, viewer),
        most=MOST_AT_ONCE,
        examples=_examples(store, wanted, viewer, chosen.attribute),
    )
    return render("preview.html", frame(request, viewer, notice=notice), page, status=409 if notice else 200)


@router.post("/range")
def decide_range(
    request: Request,
    viewer: Moderator,
    store: Data,
    resolution: Annotated[Resolution, Form()],
    sealed: Words,
    back: Words,
    reason: Words = "",
    explanation: Words = "",
) -> Response:
    """Decide exactly the comments that were previewed; when one came or changed since, preview again instead."""
    view = view_of(query_of(back))
    wanted = _waiting(view, ranged=False, ranges=(_chosen_range(view),))
    judgement = judgement_of(resolution, reason, explanation)
    if (before := decided_before(store.database, viewer, judgement, sealed)) is not None:
        return after_many(before, resolution, "/")
    found = preview(store.database, wanted, viewer)
    if found.seal != sealed:
        notice = "The range changed since you looked: here is what it holds now. Nothing was decided."
        return _preview_page(request, viewer, store, view, resolution, reason, explanation, notice=notice)
    outcome = decide(store.database, viewer, judgement, found.targets)
    return after_many(outcome, resolution, "/")


def _waiting(view: View, *, ranged: bool, ranges: tuple[Range, ...] = ()) -> Filter:
    """The waiting comments of the view's site, section and article."""
    given = view.filter
    return Filter(
        site=given.site,
        section=given.section,
        article=given.article,
        search=given.search,
        ranges=given.ranges if ranged else ranges,
    )


def _attribute(view: View, name: str, default: str) -> str:
    return view.parameters[name] if view.parameters.get(name) in ATTRIBUTES else default


def _range(view: View, attribute: str) -> Range | None:
    if "lo" not in view.parameters and "hi" not in view.parameters:
        return None
    found = view.filter.ranges[0] if view.filter.ranges else Range(attribute)
    return Range(attribute, found.low, found.high)


def _chosen_range(view: View) -> Range:
    found = _range(view, _attribute(view, "a", "")) if view.parameters.get("a") in ATTRIBUTES else None
    if found is None:
        raise Refused("Choose an attribute and a range of its scores first.")
    return found


def _examples(store: Store, wanted: Filter, viewer: Viewer, attribute: str) -> list[QueuedComment]:
    """Some comments from both ends of the range, where its edges show whether they are right."""
    lowest = list_end(store.database, wanted, viewer, attribute, highest=False, limit=EXAMPLES)
    highest = list_end(store.database, wanted, viewer, attribute, highest=True, limit=EXAMPLES)
    found = {one.id: one for one in [*highest[: EXAMPLES // 2], *reversed(lowest[: EXAMPLES // 2])]}
    return [one for one in found.values() if one.state is State.WAITING]


def _threshold(store: Store, view: View, attribute: str) -> float | None:
    policy = current_policy(store.database, view.filter.site, view.filter.section).policy
    return policy.thresholds.get(attribute)
