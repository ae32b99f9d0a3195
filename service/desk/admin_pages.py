"""The pages of admins: the audit log, accounts, webhooks."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from service.desk.access import Admin, Data
from service.desk.forms import RowId, Words
from service.desk.guard import DeskRoute
from service.desk.pages import frame, render
from service.desk.views import row_number
from service.store import Store, accounts
from service.store.accounts import Account
from service.store.audit import Entry, entries
from service.store.exports import LOG_COLUMNS, log_rows
from service.store.queue import places
from service.store.tabular import csv_row
from service.store.viewers import Role, Viewer
from service.store.webhooks import Delivery, Webhook, add_webhook, disable_webhook, list_webhooks, recent_deliveries

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
PAGE = 100
ACTIONS = (
    "approve",
    "reject",
    "defer",
    "undo",
    "note",
    "save policy",
    "judge anew",
    "add rule",
    "remove rule",
    "log in",
    "failed log in",
    "log out",
    "add account",
    "change account",
    "set password",
    "add webhook",
    "remove webhook",
    "erase author",
    "forget old comments",
)


@dataclass(frozen=True, slots=True)
class LogPage:
    """What `log.html` shows."""

    entries: Sequence[Entry]
    action: str
    actions: tuple[str, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """What `accounts.html` shows."""

    accounts: Sequence[Account]
    roles: tuple[Role, ...]
    sections: Sequence[str]


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """What `webhooks.html` shows; the secret only once, after the webhook was made."""

    webhooks: Sequence[Webhook]
    deliveries: Sequence[Delivery]
    sites: Sequence[str]
    secret: str


@router.get("/log")
def show_log(request: Request, viewer: Admin, store: Data, action: str = "", before: str = "") -> Response:
    """The newest entries, or those of one action."""
    chosen = action if action in ACTIONS else ""
    found = entries(store.database, viewer, before=row_number(before), action=chosen, limit=PAGE + 1)
    after = found[PAGE - 1].id if len(found) > PAGE else None
    return render("log.html", frame(request, viewer), LogPage(found[:PAGE], chosen, ACTIONS, after))


@router.get("/log.jsonl")
def log_as_json_lines(viewer: Admin, store: Data) -> Response:
    """The whole log, a line per entry."""
    lines = (json.dumps(row) + "\n" for row in log_rows(store.database, viewer))
    return _download(lines, "application/x-ndjson", "belowline-log.jsonl")


@router.get("/log.csv")
def log_as_csv(viewer: Admin, store: Data) -> Response:
    """The whole log as a table."""
    return _download(_csv_lines(store, viewer), "text/csv; charset=utf-8", "belowline-log.csv")


def _csv_lines(store: Store, viewer: Viewer) -> Iterator[str]:
    yield _csv_line(list(LOG_COLUMNS))
    for row in log_rows(store.database, viewer):
        yield _csv_line(csv_row([row[name] for name in LOG_COLUMNS]))


def _csv_line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "backslashreplace").decode()


def _download(lines: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=media_type, headers=headers)


@router.get("/accounts")
def show_accounts(request: Request, viewer: Admin, store: Data) -> Response:
    """Every account, and the form for a new one."""
    page = AccountsPage(accounts.list_accounts(store.database), tuple(Role), places(store.database, viewer)[1])
    return render("accounts.html", frame(request, viewer), page)


@router.post("/accounts")
def add_account(
    viewer: Admin, store: Data, name: Words, password: Words, role: Annotated[Role, Form()], sections: Words = ""
) -> Response:
    """Make an account."""
    accounts.add_account(
        store.database, name.strip(), password, role, _sections(sections), by=viewer.name, reach=viewer.sections
    )
    return RedirectResponse("/accounts", status_code=303)


@router.post("/accounts/{name}")
def change_account(
    viewer: Admin,
    store: Data,
    name: str,
    role: Annotated[Role, Form()],
    sections: Words = "",
    disabled: Words = "",
    password: Words = "",
) -> Response:
    """Change role, sections or access, and the password when one is given."""
    accounts.change_account(
        store.database,
        name,
        by=viewer.name,
        role=role,
        sections=_sections(sections),
        disabled=disabled == "on",
        reach=viewer.sections,
    )
    if password:
        accounts.set_password(store.database, name, password, by=viewer.name, reach=viewer.sections)
    return RedirectResponse("/accounts", status_code=303)


def _sections(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text[:5000].split(",") if part.strip())


@router.get("/webhooks")
def show_webhooks(request: Request, viewer: Admin, store: Data) -> Response:
    """Where decisions are announced, and how that went."""
    return _webhooks_page(request, viewer, store, "")


def _webhooks_page(request: Request, viewer: Admin, store: Store, secret: str) -> Response:
    page = WebhooksPage(
        list_webhooks(store.database), recent_deliveries(store.database), places(store.database, viewer)[0], secret
    )
    return render("webhooks.html", frame(request, viewer), page)


@router.post("/webhooks")
def new_webhook(request: Request, viewer: Admin, store: Data, url: Words, site: Words = "") -> Response:
    """Announce decisions at an address; the signing secret is shown this once."""
    _, secret = add_webhook(store.database, url.strip(), site[:100], moderator=viewer.name)
    return _webhooks_page(request, viewer, store, secret)


@router.post("/webhooks/{webhook_id}/removal")
def drop_webhook(viewer: Admin, store: Data, webhook_id: RowId) -> Response:
    """Announce nothing there any more."""
    disable_webhook(store.database, webhook_id, moderator=viewer.name)
    return RedirectResponse("/webhooks", status_code=303)
