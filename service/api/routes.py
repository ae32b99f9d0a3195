"""Which paths belong to which protocol: who needs a key there, what may be refused early, how errors look."""

from __future__ import annotations

from dataclasses import dataclass

from service.errors import Renderer, render_plain
from service.protocols.discourse import render_discourse
from service.protocols.openai import render_openai
from service.protocols.perspective.errors import render_google
from service.protocols.text_classification import render_hugging_face, render_tei


@dataclass(frozen=True, slots=True)
class Area:
    """The paths that begin with `prefix`: `keyed` ones need an API key, `scoring` ones the scorer."""

    prefix: str
    render: Renderer = render_plain
    keyed: bool = True
    scoring: bool = False
    key_in_query: bool = False
    signed: bool = False  # the caller proves itself by a signature over the body instead


AREAS: tuple[Area, ...] = (
    Area("/v1alpha1/comments:suggestscore", render_google, key_in_query=True),
    Area("/v1alpha1/", render_google, scoring=True, key_in_query=True),
    Area("/batch", render_google, scoring=True, keyed=False),  # each call in it carries its own key
    Area("/$discovery/", render_google, keyed=False),
    Area("/coral/", scoring=True, signed=True),
    Area("/predict", render_tei, scoring=True),
    Area("/invocations", render_tei, scoring=True),
    Area("/info", render_tei),
    Area("/hf", render_hugging_face, scoring=True),
    Area("/v1/moderations", render_openai, scoring=True),
    Area("/v1/score", scoring=True),
    Area("/v1/discussions", scoring=True),
    Area("/v1/"),
    Area("/api/v1/classify", render_discourse, scoring=True),
    Area("/api/"),
    Area("/metrics"),
)
ELSEWHERE = Area("", keyed=False)  # the desk, which has accounts, the documentation and the health checks


def area_of(path: str) -> Area:
    """Return the first area that a path lies in."""
    return next((area for area in AREAS if path.startswith(area.prefix)), ELSEWHERE)


def renderer_for(path: str) -> Renderer:
    """Return how errors look at a path."""
    return area_of(path).render
