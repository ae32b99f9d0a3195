"""The errors that a route of our own may answer, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from service.api.schemas import ErrorOut

REASONS = {
    400: "The body is not JSON.",
    401: "No API key, or an unknown one.",
    403: "A page of another site called.",
    413: "The body, a comment or the number of comments is over its limit.",
    415: "The body is compressed, but not by gzip.",
    422: "The body has the wrong shape.",
    429: "Over the rate of this key.",
    503: "The scorer is full or cannot answer; Retry-After says when to try again.",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorOut, "description": reason} for status, reason in REASONS.items()
}
