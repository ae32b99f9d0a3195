"""What the forms and addresses of the desk have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Form, Path, Request

from service.desk.pages import safe_return
from service.desk.views import LARGEST, view_of
from service.settings import Settings

Words = Annotated[str, Form()]
RowId = Annotated[int, Path(ge=1, le=LARGEST)]


def wants_fragment(request: Request) -> bool:
    """Whether htmx asks, for a part of the page."""
    return request.headers.get("hx-request") == "true"


def settings_of(request: Request) -> Settings:
    """The application's settings."""
    settings: Settings = request.app.state.settings
    return settings


def query_of(back: str) -> Mapping[str, str]:
    return dict(parse_qsl(urlsplit(safe_return(back)).query))


def comment_path(comment_id: int, back: str) -> str:
    """The page of a comment with the way back from there, which is left out where the address would be too long."""
    path = f"/comments/{comment_id}"
    whole = f"{path}?back={quote(back, safe='')}" if back != "/" else path
    return whole if safe_return(whole) == whole else path


def with_done(back: str, comment_id: int) -> str:
    """The way back, with the number of the comment that was decided."""
    path = safe_return(back)
    if path.startswith("/comments/"):
        return path
    return view_of(query_of(back)).url(done=comment_id, after=query_of(back).get("after"))
