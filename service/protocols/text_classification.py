"""Text classification as TEI (`/predict`, flat) and Hugging Face's Inference API (`/hf`, nested) speak it."""

from __future__ import annotations

from starlette.responses import Response

from service.errors import CompactJson, ServiceError

ERROR_TYPES = {400: "Empty", 413: "Validation", 422: "Validation", 429: "Overloaded", 503: "Overloaded"}


def render_tei(error: ServiceError) -> Response:
    """TEI's shape: a sentence and one of its kinds of error."""
    kind = ERROR_TYPES.get(error.status, "Backend" if error.status >= 500 else "Validation")
    return CompactJson({"error": error.detail, "error_type": kind}, error.status)


def render_hugging_face(error: ServiceError) -> Response:
    """The Inference API's shape: a sentence under `error`."""
    return CompactJson({"error": error.detail}, error.status)
