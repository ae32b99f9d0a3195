"""Who is asking: the session's account, and what its role reaches; each route names the role that it needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.desk.errors import LoginNeeded, NotAllowed
from service.desk.guard import is_open
from service.store import Store, accounts
from service.store.viewers import Role, Viewer

COOKIE = "belowline_session"
DEMO = Viewer("demo", Role.ADMIN)


def store_of(request: Request) -> Store:
    """The application's store."""
    store: Store = request.app.state.store
    return store


def reading(request: Request) -> Viewer:
    """Anybody with an account."""
    return _viewer(request, asked=True)


def watching(request: Request) -> Viewer:
    """The same, where an open page asks by itself: that alone keeps no session alive."""
    return _viewer(request, asked=False)


def _viewer(request: Request, *, asked: bool) -> Viewer:
    viewer = DEMO if is_open(request) else _logged_in(request, asked=asked)
    if viewer is None:
        raise LoginNeeded("Log in first.")
    request.state.viewer = viewer
    return viewer


def _logged_in(request: Request, *, asked: bool) -> Viewer | None:
    token = request.cookies.get(COOKIE)
    return accounts.viewer_of(store_of(request).database, token, asked=asked) if token else None


def deciding(viewer: Annotated[Viewer, Depends(reading)]) -> Viewer:
    """A moderator or an admin."""
    if not viewer.decides:
        raise NotAllowed("This account may read, not decide.")
    return viewer


def ruling(viewer: Annotated[Viewer, Depends(reading)]) -> Viewer:
    """An admin."""
    if not viewer.rules:
        raise NotAllowed("Only an admin may do this.")
    return viewer


Data = Annotated[Store, Depends(store_of)]
Reader = Annotated[Viewer, Depends(reading)]
Watcher = Annotated[Viewer, Depends(watching)]
Moderator = Annotated[Viewer, Depends(deciding)]
Admin = Annotated[Viewer, Depends(ruling)]
