"""Logging in and out, and one's own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.desk.access import COOKIE, Data, Reader
from service.desk.guard import DeskRoute, is_open
from service.desk.pages import frame, render, safe_return
from service.store import Refused, accounts
from service.store.queue import release

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
Words = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class LoginPage:
    """What `login.html` shows."""

    next: str
    name: str
    problem: str
    has_accounts: bool


@dataclass(frozen=True, slots=True)
class OwnAccountPage:
    """What `own_account.html` shows."""

    problem: str
    saved: str


@router.get("/login")
def login(request: Request, store: Data) -> Response:
    """The form; with an open desk there is nothing to log in to."""
    after = safe_return(request.query_params.get("next", "/"))
    if is_open(request):
        return RedirectResponse(after, status_code=303)
    return render("login.html", frame(request, None), LoginPage(after, "", "", store.has_accounts()))


@router.post("/login")
def log_in(
    request: Request,
    store: Data,
    name: Words = "",
    password: Words = "",
    after: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Start a session, or say in one sentence that it did not work."""
    try:
        token = accounts.log_in(store.database, name.strip()[:200], password)
    except Refused as problem:
        page = LoginPage(safe_return(after), name[:200], str(problem), store.has_accounts())
        return render("login.html", frame(request, None), page, status=401)
    response = RedirectResponse(safe_return(after), status_code=303)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(accounts.LONGEST_SESSION.total_seconds()),
        httponly=True,
        secure=_is_https(request),
        samesite="lax",
    )
    return response


def _is_https(request: Request) -> bool:
    """Whether the browser speaks HTTPS, to us or to the proxy in front."""
    public: str = request.app.state.settings.public_url
    return request.url.scheme == "https" or public.startswith("https://")


@router.post("/logout")
def log_out(request: Request, viewer: Reader, store: Data) -> Response:
    """End the session and give every claim back."""
    release(store.database, viewer)
    if token := request.cookies.get(COOKIE):
        accounts.log_out(store.database, token, viewer)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE)
    return response


@router.get("/account")
def own_account(request: Request, viewer: Reader) -> Response:
    """Password and comfort settings of whoever is logged in."""
    return render("own_account.html", frame(request, viewer), OwnAccountPage("", ""))


@router.post("/account/blur")
def choose_blur(viewer: Reader, store: Data, blur: Words = "") -> Response:
    """Blur the worst words until the pointer or the keyboard is on them, or stop doing so."""
    if viewer.account_id is not None:
        accounts.set_blur(store.database, viewer, blur=blur == "on")
    return RedirectResponse("/account", status_code=303)


@router.post("/account/password")
def choose_password(request: Request, viewer: Reader, store: Data, old: Words = "", new: Words = "") -> Response:
    """A new password needs the old one, and ends every session of the account."""
    if viewer.account_id is None:
        return RedirectResponse("/account", status_code=303)
    try:
        accounts.log_in(store.database, viewer.name, old)
        accounts.set_password(store.database, viewer.name, new, by=viewer.name)
    except Refused as problem:
        return render("own_account.html", frame(request, viewer), OwnAccountPage(str(problem), ""), status=422)
    return RedirectResponse("/login", status_code=303)
