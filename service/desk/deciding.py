"""Deciding: one comment, a selection, undoing both, and telling others what one is looking at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.desk.access import Data, Moderator
from service.desk.cards import Card, card
from service.desk.forms import RowId, Words, query_of, settings_of, wants_fragment, with_done
from service.desk.guard import DeskRoute
from service.desk.pages import frame, label, render, safe_return
from service.desk.queue_page import DonePage
from service.desk.views import LARGEST, id_and_version, view_of
from service.store import Resolution, Store
from service.store import cards as surroundings
from service.store.decisions import Judgement, Outcome, Target, decide
from service.store.errors import Refused
from service.store.filters import Queue
from service.store.queue import claim, counts, find_comment, release
from service.store.reasons import REASONS
from service.store.standing import Clash
from service.store.undoing import undo_batch, undo_comment, undo_last
from service.store.viewers import Viewer

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
_ID = Form(ge=1, le=LARGEST)


@dataclass(frozen=True, slots=True)
class CardPage:
    """What `_card.html` shows when it comes alone."""

    one: Card


@dataclass(frozen=True, slots=True)
class UndonePage:
    """What `_undone.html` shows: the card again, and the numbers on the tabs."""

    one: Card
    counts: Mapping[Queue, int]


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
        return clash_page(request, viewer, store, outcome.clashes[0], back, judgement)
    decided = find_comment(store.database, comment_id, viewer)
    if not wants_fragment(request):
        return RedirectResponse(with_done(back, comment_id), status_code=303)
    view = view_of(query_of(back))
    reason_label = REASONS[reason].label if judgement.reason else ""
    done = DonePage(
        comment_id,
        outcome.decisions[0],
        label(resolution),
        reason_label,
        decided.author,
        back,
        counts(store.database, view.filter, viewer),
        view.filter.queue,
    )
    return render("_done.html", frame(request, viewer), done)


def judgement_of(resolution: Resolution, reason: str, explanation: str) -> Judgement:
    """A reason belongs to rejections only: the list is preset in the form whatever is pressed."""
    lines = explanation.replace("\r\n", "\n")  # as browsers send them; counted as they count
    return Judgement(resolution, reason if resolution is Resolution.REJECT else None, lines)


def clash_page(
    request: Request, viewer: Viewer, store: Store, clash: Clash, back: str, sent: Judgement | None = None
) -> Response:
    """The card as it is now, with who was faster; deciding again from here is a decision with open eyes.

    What the moderator sent is in the form again: nobody has to write it twice.
    """
    current = find_comment(store.database, clash.comment_id, viewer)
    one = card(current, viewer, back=safe_return(back), clash=clash, sent=sent, full="/comments/" in back)
    template = "_card.html" if wants_fragment(request) else "clash.html"
    return render(template, frame(request, viewer), CardPage(one), status=409)


@router.post("/decisions")
def decide_selection(
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
    return after_many(outcome, resolution, back)


def _target(text: str) -> Target:
    found = id_and_version(text)
    if found is None:
        raise Refused("A selected comment is missing its number or its version.")
    return Target(*found)


def after_many(outcome: Outcome, act: str, back: str) -> Response:
    """Back to the queue, which says what was done; loading it again does nothing again."""
    view = view_of(query_of(back))
    named = outcome.decisions[:1]  # any decision of it names the whole act, for undoing it
    said = "-".join(map(str, (act, len(outcome.done), len(outcome.clashes), *named)))
    return RedirectResponse(view.url(said=said, after=view.after), status_code=303)


@router.post("/undo")
def undo(viewer: Moderator, store: Data, decision: Annotated[int | None, _ID] = None, back: Words = "/") -> Response:
    """Take back the decision that the form names, or else the moderator's last one, with the whole selection."""
    outcome = undo_last(store.database, viewer) if decision is None else undo_batch(store.database, viewer, decision)
    return after_many(outcome, "undo", back)


@router.post("/comments/{comment_id}/undo")
def undo_one(
    request: Request,
    viewer: Moderator,
    store: Data,
    comment_id: RowId,
    decision: Annotated[int, _ID],
    back: Words = "/",
) -> Response:
    """Take back the decision that the form names and show the card again; where another one stands since, say so."""
    outcome = undo_comment(store.database, viewer, comment_id, decision)
    if outcome.clashes:
        return clash_page(request, viewer, store, outcome.clashes[0], back)
    if not wants_fragment(request):
        return RedirectResponse(safe_return(back), status_code=303)
    current = find_comment(store.database, comment_id, viewer)
    one = card(
        current,
        viewer,
        back=safe_return(back),
        parent=surroundings.parents(store.database, (current,), viewer).get(comment_id),
        record=surroundings.records(store.database, (current,), viewer).get(current.author_key or ""),
        full="/comments/" in back,
    )
    found = counts(store.database, view_of(query_of(back)).filter, viewer)
    return render("_undone.html", frame(request, viewer), UndonePage(one, found))


@router.post("/comments/{comment_id}/claim")
def claim_one(viewer: Moderator, store: Data, comment_id: RowId) -> Response:
    """Tell the others that this comment is being looked at; only scripts ask for it."""
    find_comment(store.database, comment_id, viewer)
    claim(store.database, comment_id, viewer)
    return Response(status_code=204)


@router.post("/comments/{comment_id}/release")
def release_one(viewer: Moderator, store: Data, comment_id: RowId) -> Response:
    """Give the comment back to everybody."""
    find_comment(store.database, comment_id, viewer)
    release(store.database, viewer, comment_id)
    return Response(status_code=204)
