"""The queues: reading them, deciding one comment or a selection, undoing, claiming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from service.desk.access import Data, Moderator, Reader
from service.desk.cards import Card, card
from service.desk.guard import DeskRoute
from service.desk.pages import frame, render, safe_return
from service.desk.views import LARGEST, View, row_number, view_of
from service.settings import Settings
from service.store import Resolution, State, Store
from service.store import cards as surroundings
from service.store.decisions import Clash, Judgement, Outcome, Target, decide
from service.store.errors import Refused, UnknownComment
from service.store.filters import SORTS, Queue
from service.store.queue import claim, counts, find_comment, list_comments, places, release
from service.store.reasons import REASONS, RejectionReason
from service.store.undoing import undo_comment, undo_last
from service.store.viewers import Viewer

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
PAGE = 25  # comments; more make the page long, fewer make the moderator wait
PAST = {Resolution.APPROVE: "Approved", Resolution.REJECT: "Rejected", Resolution.DEFER: "Deferred"}
Words = Annotated[str, Form()]
RowId = Annotated[int, Path(ge=1, le=LARGEST)]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """What `review.html` shows."""

    view: View
    queue: Queue
    sort: str
    sorts: tuple[str, ...]
    cards: tuple[Card, ...]
    counts: Mapping[Queue, int]
    after: str | None
    sites: Sequence[str]
    sections: Sequence[str]
    article_title: str | None
    reasons: tuple[RejectionReason, ...]
    done: DonePage | None
    decides: bool


@dataclass(frozen=True, slots=True)
class DonePage:
    """What `_done.html` shows in the place of a card: what was done, and the way back."""

    comment_id: int | None
    words: str
    reason: str
    author: str | None
    back: str
    counts: Mapping[Queue, int]
    queue: Queue


@dataclass(frozen=True, slots=True)
class CardPage:
    """What `_card.html` shows when it comes alone."""

    one: Card


@router.get("/")
def review(request: Request, viewer: Reader, store: Data) -> Response:
    """One page of a queue."""
    view = view_of(request.query_params)
    return _review(request, viewer, store, view)


def _review(
    request: Request, viewer: Viewer, store: Store, view: View, *, notice: str = "", clash: Clash | None = None
) -> Response:
    wanted = view.filter
    page = list_comments(store.database, wanted, viewer, after=view.after, limit=PAGE)
    parents = surroundings.parents(store.database, page.comments)
    sites, sections = places(store.database, viewer)
    back = view.url(after=view.after)
    shown = [
        card(
            one,
            viewer_name=viewer.name,
            back=back,
            parent=parents.get(one.id),
            clash=clash if clash and clash.comment_id == one.id else None,
            blur=viewer.blur,
            decides=viewer.decides,
        )
        for one in page.comments
    ]
    content = ReviewPage(
        view=view,
        queue=wanted.queue,
        sort=wanted.sort,
        sorts=SORTS,
        cards=tuple(shown),
        counts=counts(store.database, wanted, viewer),
        after=page.after,
        sites=sites,
        sections=sections,
        article_title=page.comments[0].article_title if wanted.article and page.comments else None,
        reasons=tuple(REASONS.values()),
        done=_last_done(store, viewer, view, back),
        decides=viewer.decides,
    )
    fragment = request.headers.get("hx-request") == "true" and request.headers.get("hx-target", "").endswith("#queue")
    return render("_queue.html" if fragment else "review.html", frame(request, viewer, notice=notice), content)


def _last_done(store: Store, viewer: Viewer, view: View, back: str) -> DonePage | None:
    """The strip above the queue after a decision without scripts: the URL says which comment it was about."""
    number = row_number(view.parameters.get("done"))
    if number is None:
        return None
    try:
        decided = find_comment(store.database, number, viewer)
    except UnknownComment:
        return None
    words = {State.APPROVED: "Approved", State.REJECTED: "Rejected", State.DEFERRED: "Deferred"}.get(decided.state)
    if words is None:
        return None
    return DonePage(decided.id, words, "", decided.author, back, {}, view.filter.queue)


@dataclass(frozen=True, slots=True)
class CountsPage:
    """What `_counts.html` shows."""

    counts: Mapping[Queue, int]


@router.get("/counts")
def show_counts(request: Request, viewer: Reader, store: Data) -> Response:
    """The numbers on the tabs, for pages that stay open while others decide."""
    found = counts(store.database, view_of(request.query_params).filter, viewer)
    return render("_counts.html", frame(request, viewer), CountsPage(found))


@router.post("/comments/{comment_id}/decision")
def decide_one(
    request: Request,
    viewer: Moderator,
    store: Data,
    comment_id: RowId,
    resolution: Annotated[Resolution, Form()],
    version: Annotated[int, Form(ge=1, le=LARGEST)],
    reason: Words = "",
    explanation: Words = "",
    back: Words = "/",
) -> Response:
    """Approve, reject or defer one comment; a version that is gone shows the card anew instead."""
    judgement = judgement_of(resolution, reason, explanation)
    share = settings_of(request).second_opinion_share
    outcome = decide(store.database, viewer, judgement, [Target(comment_id, version)], second_share=share)
    if outcome.clashes:
        return clash_page(request, viewer, store, outcome.clashes[0], back)
    decided = find_comment(store.database, comment_id, viewer)
    if not wants_fragment(request):
        return RedirectResponse(_with_done(back, comment_id), status_code=303)
    view = view_of(query_of(back))
    label = REASONS[reason].label if judgement.reason else ""
    done = DonePage(
        comment_id,
        PAST[resolution],
        label,
        decided.author,
        back,
        counts(store.database, view.filter, viewer),
        view.filter.queue,
    )
    return render("_done.html", frame(request, viewer), done)


def judgement_of(resolution: Resolution, reason: str, explanation: str) -> Judgement:
    """A reason belongs to rejections only: the list is preset in the form whatever is pressed."""
    return Judgement(resolution, reason if resolution is Resolution.REJECT else None, explanation)


def clash_page(request: Request, viewer: Viewer, store: Store, clash: Clash, back: str) -> Response:
    """The card as it is now, with who was faster; deciding again from here is a decision with open eyes."""
    current = find_comment(store.database, clash.comment_id, viewer)
    full = "/comments/" in back
    one = card(
        current,
        viewer_name=viewer.name,
        back=safe_return(back),
        clash=clash,
        blur=viewer.blur,
        decides=viewer.decides,
        full=full,
    )
    template = "_card.html" if wants_fragment(request) else "clash.html"
    return render(template, frame(request, viewer), CardPage(one), status=409)


@router.post("/decisions")
def decide_selection(
    request: Request,
    viewer: Moderator,
    store: Data,
    resolution: Annotated[Resolution, Form()],
    pick: Annotated[list[str] | None, Form()] = None,
    reason: Words = "",
    explanation: Words = "",
    back: Words = "/",
) -> Response:
    """Decide every selected comment that still is as it was seen; the others are named and stay."""
    targets = [_target(text) for text in pick or []]
    outcome = decide(store.database, viewer, judgement_of(resolution, reason, explanation), targets)
    return after_many(request, viewer, store, outcome, PAST[resolution].lower(), back)


def _target(text: str) -> Target:
    number, _, version = text.partition(":")
    comment_id, seen = row_number(number), row_number(version)
    if comment_id is None or seen is None:
        raise Refused("A selected comment is missing its number or its version.")
    return Target(comment_id, seen)


def after_many(request: Request, viewer: Viewer, store: Store, outcome: Outcome, verb: str, back: str) -> Response:
    notice = f"{len(outcome.done)} {'comment' if len(outcome.done) == 1 else 'comments'} {verb}."
    if outcome.clashes:
        notice += f" {len(outcome.clashes)} had been changed by somebody else meanwhile and were left alone."
    return _review(request, viewer, store, view_of(query_of(safe_return(back))), notice=notice)


@router.post("/undo")
def undo(request: Request, viewer: Moderator, store: Data, back: Words = "/") -> Response:
    """Take back the moderator's last decision, the whole selection if it was one."""
    outcome = undo_last(store.database, viewer)
    return after_many(
        request, viewer, store, outcome, "put back where it was" if len(outcome.done) == 1 else "put back", back
    )


@router.post("/comments/{comment_id}/undo")
def undo_one(request: Request, viewer: Moderator, store: Data, comment_id: RowId, back: Words = "/") -> Response:
    """Take back the last decision on one comment and show its card again."""
    outcome = undo_comment(store.database, viewer, comment_id)
    if outcome.clashes:
        return clash_page(request, viewer, store, outcome.clashes[0], back)
    if not wants_fragment(request):
        return RedirectResponse(safe_return(back), status_code=303)
    current = find_comment(store.database, comment_id, viewer)
    one = card(
        current,
        viewer_name=viewer.name,
        back=safe_return(back),
        parent=surroundings.parents(store.database, (current,)).get(comment_id),
        blur=viewer.blur,
    )
    return render("_card.html", frame(request, viewer), CardPage(one))


@router.post("/comments/{comment_id}/claim")
def claim_one(request: Request, viewer: Moderator, store: Data, comment_id: RowId, back: Words = "/") -> Response:
    """Tell the others that this comment is being looked at."""
    find_comment(store.database, comment_id, viewer)
    claim(store.database, comment_id, viewer)
    return Response(status_code=204) if wants_fragment(request) else RedirectResponse(safe_return(back), 303)


@router.post("/comments/{comment_id}/release")
def release_one(request: Request, viewer: Moderator, store: Data, comment_id: RowId, back: Words = "/") -> Response:
    """Give the comment back to everybody."""
    find_comment(store.database, comment_id, viewer)
    release(store.database, viewer, comment_id)
    return Response(status_code=204) if wants_fragment(request) else RedirectResponse(safe_return(back), 303)


def wants_fragment(request: Request) -> bool:
    """Whether htmx asks, for a part of the page."""
    return request.headers.get("hx-request") == "true"


def settings_of(request: Request) -> Settings:
    """The application's settings."""
    settings: Settings = request.app.state.settings
    return settings


def query_of(back: str) -> Mapping[str, str]:
    return dict(parse_qsl(urlsplit(safe_return(back)).query))


def _with_done(back: str, comment_id: int) -> str:
    path = safe_return(back)
    if path.startswith("/comments/"):
        return path
    return view_of(query_of(back)).url(done=comment_id, after=query_of(back).get("after"))
