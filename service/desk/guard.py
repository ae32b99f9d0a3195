"""What every page of the desk is wrapped in: host and origin checks, security headers, errors as pages.

Cross-site requests are told by their headers, without tokens in forms: browsers send Sec-Fetch-Site with every
request and Origin with every POST (Filippo Valsorda, "Cross-Site Request Forgery", 2025; datasette/csrf.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.responses import RedirectResponse

from service.api.access import is_loopback
from service.desk.errors import DeskError, LoginNeeded, NotAllowed, WrongHost
from service.desk.pages import render_problem
from service.errors import ServiceError
from service.settings import Settings
from service.store import Conflict, Refused, StoreError, UnknownComment

log = logging.getLogger("belowline.desk")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
STATUS: dict[type[Exception], int] = {UnknownComment: 404, Conflict: 409, Refused: 422, StoreError: 503}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DeskRoute(APIRoute):
    """A route whose requests are checked before, and whose answers are hardened after."""

    def get_route_handler(self) -> Handler:
        original = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                check_host(request)
                check_origin(request)
                response = await original(request)
            except (DeskError, StoreError, RequestValidationError, SQLAlchemyError) as error:
                response = _answer(request, error)
            return hardened(response)

        return guarded


def hardened(response: Response) -> Response:
    """Add the headers that keep a page from doing, or being used for, anything but what it is for."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def problem_page(request: Request, error: ServiceError) -> Response:
    """An error outside the desk's own routes, such as a mistyped address, as the desk's page."""
    return hardened(render_problem(request, error.detail, error.status))


def is_open(request: Request) -> bool:
    """Whether the desk asks for no login: with `serve --demo`, and on the machine's own address only."""
    settings: Settings = request.app.state.settings
    return settings.demo and is_loopback(settings.host)


def check_host(request: Request) -> None:
    """Refuse foreign names, under which a web page could reach an open desk by DNS rebinding."""
    settings: Settings = request.app.state.settings
    public = urlsplit(settings.public_url).hostname
    if not is_open(request) and public is None:
        return  # cookies belong to one name; under another one nobody is logged in
    allowed = LOOPBACK | {name for name in (public, settings.host) if name}
    if _host_name(request) not in allowed:
        raise WrongHost("The desk does not answer under this name; see the setting BELOWLINE_PUBLIC_URL.")


def _host_name(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None


def check_origin(request: Request) -> None:
    """Refuse a change that another site's page asked for; a client that is no browser sends neither header."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        origin = request.headers.get("origin")
        allowed = origin is None or _same_origin(request, origin)
    if not allowed:
        raise NotAllowed("This request comes from a page of another site and was refused.")


def _same_origin(request: Request, origin: str) -> bool:
    settings: Settings = request.app.state.settings
    own = {request.headers.get("host", ""), urlsplit(settings.public_url).netloc}
    return origin.partition("://")[2] in own - {""}


def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, LoginNeeded):
        return _to_login(request)
    if isinstance(error, RequestValidationError) and any(one["loc"][0] == "path" for one in error.errors()):
        return render_problem(request, "There is nothing at this address.", 404)
    if isinstance(error, (RequestValidationError, DataError)):  # the latter of a NUL, for one, which PostgreSQL lacks
        return render_problem(request, "The form is incomplete or has a value that is not allowed.", 422)
    if isinstance(error, SQLAlchemyError):
        log.error("the store failed: %s", type(error).__name__)
        return render_problem(request, _unanswered(request), 503)
    status = error.status if isinstance(error, DeskError) else _status(error)
    return render_problem(request, str(error), status)


def _unanswered(request: Request) -> str:
    """What is known when the database failed; it may have kept a change and lost only the answer."""
    if request.method in SAFE_METHODS:
        return "The database does not answer. Try again shortly."
    return "The database does not answer. It is not known whether this was kept: load the page anew shortly."


def _status(error: Exception) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def _to_login(request: Request) -> Response:
    """A browser goes to the login page and comes back; a fragment's page is sent there as a whole."""
    if request.headers.get("hx-request"):
        place = request.headers.get("hx-current-url", "").partition("://")[2].partition("/")[2]
        return Response(status_code=401, headers={"HX-Redirect": _login_before(f"/{place}")})
    path = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return RedirectResponse(_login_before(path + query), status_code=303)


def _login_before(place: str) -> str:
    return f"/login?next={quote(place, safe='')}"
