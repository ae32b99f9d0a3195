"""The queues: one page of comments in order, with the numbers on the tabs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.desk.access import Data, Reader, Watcher
from service.desk.cards import Card, card
from service.desk.guard import DeskRoute
from service.desk.pages import frame, label, render
from service.desk.views import View, id_and_version, row_number, view_of
from service.store import Store
from service.store import cards as surroundings
from service.store.errors import UnknownComment
from service.store.filters import SORTS, Queue
from service.store.queue import Glance, counts, find_comment, glances, list_comments, places
from service.store.reasons import REASONS, RejectionReason
from service.store.undoing import is_undoable, undoable
from service.store.viewers import Viewer

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
PAGE = 25  # comments; more make the page long, fewer make the moderator wait
MOST_SEEN = 100  # comments that an open page asks about


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
    author: str | None
    reasons: tuple[RejectionReason, ...]
    done: DonePage | None
    act: int | None  # a decision of the last act on many comments, if that can be undone
    decides: bool


@dataclass(frozen=True, slots=True)
class DonePage:
    """What `_done.html` shows in the place of a card: what was done, and the way back."""

    comment_id: int
    decision: int
    words: str
    reason: str
    author: str | None
    back: str
    counts: Mapping[Queue, int]
    queue: Queue


@router.get("/")
def review(request: Request, viewer: Reader, store: Data) -> Response:
    """One page of a queue, with what was just done above it."""
    view = view_of(request.query_params)
    wanted = view.filter
    page = list_comments(store.database, wanted, viewer, after=view.after, limit=PAGE)
    parents = surroundings.parents(store.database, page.comments, viewer)
    records = surroundings.records(store.database, page.comments, viewer)
    sites, sections = places(store.database, viewer)
    back = view.url(after=view.after)
    shown = [
        card(one, viewer, back=back, parent=parents.get(one.id), record=records.get(one.author_key or ""))
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
        author=page.comments[0].author if wanted.by and page.comments else None,
        reasons=tuple(REASONS.values()),
        done=_last_done(store, viewer, view, back),
        act=view.act if view.act and is_undoable(store.database, viewer, view.act) else None,
        decides=viewer.decides,
    )
    return render("review.html", frame(request, viewer, notice=view.notice), content)


def _last_done(store: Store, viewer: Viewer, view: View, back: str) -> DonePage | None:
    """The strip above the queue after a decision without scripts: what the viewer did to the comment in the URL.

    The comment's own state may be another one, after a second opinion.
    """
    number = row_number(view.parameters.get("done"))
    if number is None:
        return None
    try:
        decided = find_comment(store.database, number, viewer)
    except UnknownComment:
        return None
    made = undoable(store.database, viewer, number, own=True)
    if made is None:
        return None
    reason = REASONS[made.reason].label if made.reason else ""
    return DonePage(decided.id, made.id, label(made.resolution), reason, decided.author, back, {}, view.filter.queue)


@dataclass(frozen=True, slots=True)
class CountsPage:
    """What `_pulse.html` shows."""

    counts: Mapping[Queue, int]
    glances: Sequence[Glance]
    viewer_name: str


@router.get("/counts")
def show_counts(
    request: Request, viewer: Watcher, store: Data, seen: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The numbers on the tabs and what others do with the comments shown, for pages that stay open meanwhile."""
    found = counts(store.database, view_of(request.query_params).filter, viewer)
    versions = dict(pair for text in (seen or [])[:MOST_SEEN] if (pair := id_and_version(text)) is not None)
    around = glances(store.database, versions, viewer) if versions else []
    return render("_pulse.html", frame(request, viewer), CountsPage(found, around, viewer.name))
