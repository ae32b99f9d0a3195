"""The toxicity interface of Discourse before November 2024; its successor speaks TEI's `/predict`."""

from __future__ import annotations

from starlette.responses import Response

from service.errors import CompactJson, ServiceError


def render_discourse(error: ServiceError) -> Response:
    """Discourse reads the status only; the body is for people."""
    return CompactJson({"detail": error.detail}, error.status)
