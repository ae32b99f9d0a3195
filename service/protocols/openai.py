"""OpenAI's `/v1/moderations`, with the categories that our attributes cover and no others."""

from __future__ import annotations

from starlette.responses import Response

from service.errors import CompactJson, KeyRefused, RateLimited, ServiceError


def render_openai(error: ServiceError) -> Response:
    """Render an error as the OpenAI clients read it."""
    code, kind = None, "invalid_request_error"
    if isinstance(error, KeyRefused):
        code = "invalid_api_key"
    elif isinstance(error, RateLimited):
        code = kind = "rate_limit_exceeded"
    elif error.status >= 500:
        kind = "server_error"
    body = {"message": error.detail, "type": kind, "param": getattr(error, "param", None), "code": code}
    return CompactJson({"error": body}, 400 if error.status == 422 else error.status)
