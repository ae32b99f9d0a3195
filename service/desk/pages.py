"""Rendering: templates with strict variables, a frame around every page, static files under a name by content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from data.decoding import whole_characters
from service.desk.marks import BLURRED, Piece, pieces, shortened
from service.store.viewers import Viewer

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
LABELS = {
    "toxicity": "Toxicity",
    "severe_toxicity": "Severe toxicity",
    "identity_attack": "Identity attack",
    "insult": "Insult",
    "profanity": "Profanity",
    "threat": "Threat",
    "sarcasm": "Sarcasm",
    "relevance": "Relevance",
    "banned": "Banned word",
    "suspect": "Suspect word",
    "approve": "Approved",
    "reject": "Rejected",
    "defer": "Deferred",
}


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page: who is looking, where, and the words of the last action."""

    viewer: Viewer | None
    links: tuple[Link, ...]
    now: datetime
    notice: str = ""

    @property
    def veiled(self) -> frozenset[str]:
        """The attributes whose words this viewer wants blurred, wherever a comment is quoted."""
        return BLURRED if self.viewer is not None and self.viewer.blur else frozenset()


class Quoted(Protocol):
    """A comment as any page may quote it."""

    @property
    def text(self) -> str: ...

    @property
    def spans(self) -> Sequence[Mapping[str, Any]]: ...


# path, label, and whether only admins see it
NAVIGATION = (
    ("/", "Review", False),
    ("/histogram", "Histogram", False),
    ("/scatter", "Scatter", False),
    ("/policy", "Policy", False),
    ("/words", "Word lists", False),
    ("/quality", "Quality", False),
    ("/log", "Log", True),
    ("/accounts", "Accounts", True),
    ("/webhooks", "Webhooks", True),
)


def frame(request: Request, viewer: Viewer | None, *, notice: str = "") -> Frame:
    """Build the frame of one page."""
    path = request.url.path
    links = tuple(
        Link(label, href, path == href or (href != "/" and path.startswith(href)))
        for href, label, admins in NAVIGATION
        if viewer is not None and (viewer.rules or not admins)
    )
    return Frame(viewer, links, now_of(request), notice)


def now_of(request: Request) -> datetime:
    """The store's clock, so that tests have one clock for everything."""
    moment: datetime = request.app.state.store.database.now()
    return moment


def render(
    template: str, around: Frame, page: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Fill a template: its variables are the fields of `page`, a dataclass, and `frame`."""
    values = {field.name: getattr(page, field.name) for field in fields(page)}
    html = environment().get_template(template).render(frame=around, **values)
    shown = whole_characters(html).replace("\0", "\ufffd")  # HTML has neither; all else is shown as it is
    return HTMLResponse(shown, status_code=status, headers=headers)


@dataclass(frozen=True, slots=True)
class Problem:
    """What the page of an error says."""

    status: int
    sentence: str


def render_problem(request: Request, sentence: str, status: int) -> Response:
    """An error as a page, or as a fragment where htmx asked."""
    template = "_problem.html" if request.headers.get("hx-request") else "problem.html"
    viewer = getattr(request.state, "viewer", None)
    return render(template, frame(request, viewer), Problem(status, sentence), status=status)


def safe_return(path: str) -> str:
    """A path of this desk to go back to; anything that leads elsewhere becomes the start page."""
    local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if local and path.isprintable() and len(path) < 2000 else "/"


@cache
def environment() -> Environment:
    """The templates, escaped always, with an error for a variable that is not there."""
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static_url
    made.filters["label"] = label
    made.filters["ago"] = ago
    made.filters["marked"] = marked
    made.filters["shortened"] = shortened
    made.filters["moment"] = moment
    made.filters["percent"] = percent
    made.filters["two"] = two_digits
    return made


@cache
def static_url(name: str) -> str:
    """The address of a static file with the beginning of its digest, so that browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]}"


def static_file(name: str, version: str | None) -> Response:
    """One of the few files in the static folder; kept for a year when it was asked for by its digest."""
    known = {path.name: path for path in STATIC.iterdir() if path.is_file()}
    if name not in known:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    age = "public, max-age=31536000, immutable" if version else "no-cache"
    return FileResponse(known[name], headers={"Cache-Control": age})


def label(attribute: str) -> str:
    """The word that the desk uses for an attribute, a list, or what somebody decided."""
    return LABELS.get(attribute, attribute)


def marked(quoted: Quoted) -> list[Piece]:
    """The text of a comment that is quoted somewhere, in pieces."""
    return pieces(quoted.text, quoted.spans, ())


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, in one unit."""
    if at is None:
        return ""
    seconds = max((now - at).total_seconds(), 0)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def moment(at: datetime | str | None) -> str:
    """A moment for people; a platform's own date as exact as it is, and word for word where it is no date in UTC."""
    if at is None or at == "":
        return ""
    if isinstance(at, str):
        try:
            return _own_moment(datetime.fromisoformat(at))
        except (ValueError, OverflowError):  # OverflowError: UTC would be before the year 1 or after 9999
            return at
    return _in_utc(at)


def _own_moment(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}" if at.hour == at.minute == at.second == 0 else _in_utc(at)


def _in_utc(at: datetime) -> str:
    shown = at.astimezone(UTC) if at.tzinfo else at
    return f"{shown.day} {shown:%b %Y, %H:%M}"


def percent(share: float | None) -> str:
    """A share as a whole percentage, or a dash where there is nothing to count."""
    return "–" if share is None else f"{share * 100:.0f} %"


def two_digits(score: float | None) -> str:
    """A score as people read it; 0.995 is not yet 1."""
    if score is None:
        return "–"
    return f"{min(score, 0.99) if score < 1 else 1:.2f}"
