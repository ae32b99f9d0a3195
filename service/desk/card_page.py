"""One comment on its own page: thread, article, decisions, edits, notes, and the author's record."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.desk.access import Data, Moderator, Reader
from service.desk.cards import Card, card
from service.desk.forms import RowId, Words, comment_path
from service.desk.guard import DeskRoute
from service.desk.pages import frame, render, safe_return
from service.store.cards import Surroundings, add_note, surroundings
from service.store.queue import claim, find_comment
from service.store.reasons import REASONS
from service.store.records import Decision
from service.store.undoing import undoable

router = APIRouter(route_class=DeskRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class CommentPage:
    """What `comment.html` shows."""

    one: Card
    around: Surroundings
    reason_labels: dict[str, str]
    undoable: Decision | None  # of the decisions, the one that this viewer may take back
    back: str


@router.get("/comments/{comment_id}")
def show(request: Request, viewer: Reader, store: Data, comment_id: RowId) -> Response:
    """The whole card; looking at it claims it."""
    shown = find_comment(store.database, comment_id, viewer)
    if viewer.decides and shown.claimed_by is None:
        claim(store.database, comment_id, viewer)
    back = safe_return(request.query_params.get("back", "/"))
    one = card(shown, viewer, back=comment_path(comment_id, back), full=True)
    labels = {reason.code: reason.label for reason in REASONS.values()}
    around = surroundings(store.database, shown, viewer)
    page = CommentPage(one, around, labels, undoable(store.database, viewer, comment_id), back)
    return render("comment.html", frame(request, viewer), page)


@router.post("/comments/{comment_id}/notes")
def note(viewer: Moderator, store: Data, comment_id: RowId, text: Words = "", back: Words = "/") -> Response:
    """Leave a note for the other moderators."""
    find_comment(store.database, comment_id, viewer)
    add_note(store.database, viewer, comment_id, text)
    return RedirectResponse(comment_path(comment_id, safe_return(back)), status_code=303)
