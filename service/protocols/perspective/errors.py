"""Errors as Google words them: clients match on `errorType` and on some of the messages."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from service.errors import CompactJson, KeyRefused, RateLimited, ServiceError

ERROR_TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
HELP = "type.googleapis.com/google.rpc.Help"
SERVICE = "commentanalyzer.googleapis.com"
MORE_CALLS = {"description": "Ask whoever runs this service for a key with a higher rate.", "url": "/docs"}
STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class CommentError(ServiceError):
    """A 400 with one of Perspective's error types."""

    status = 400

    def __init__(self, error_type: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.details = [{"@type": ERROR_TYPE, "errorType": error_type, **extra}]


def invalid_request(message: str) -> CommentError:
    """The error type of everything that has none of its own."""
    return CommentError("INVALID_REQUEST", message)


def language_not_supported(attribute: str, *, detected: list[str], requested: list[str]) -> CommentError:
    """Clients match on the type and on "does not support request languages"."""
    languages = ", ".join(requested or detected)
    return CommentError(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        f"Attribute {attribute} does not support request languages: {languages}",
        languageNotSupportedByAttributeError={
            "detectedLanguages": detected,
            "requestedLanguages": requested,
            "attribute": attribute,
        },
    )


def google_error(error: ServiceError) -> dict[str, Any]:
    """Return the body `{"error": {"code", "message", "status", "details"}}`."""
    code, message, details = error.status, error.detail, getattr(error, "details", [])
    if isinstance(error, KeyRefused):
        code, message = 400, "API key not valid. Please pass a valid API key."
        details = [_info("API_KEY_INVALID", {"service": SERVICE})]
    elif isinstance(error, RateLimited):
        details = [_info("RATE_LIMIT_EXCEEDED", _quota(error)), {"@type": HELP, "links": [MORE_CALLS]}]
        message = f"Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)'. {error.detail}"
    elif code == 422:
        code = 400  # Google has no other word for a wrong request
    status = STATUS_NAMES.get(code, "INTERNAL" if code >= 500 else "INVALID_ARGUMENT")
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    return {"error": {**body, "details": details} if details else body}


def render_google(error: ServiceError) -> Response:
    """Render any error on Perspective's paths."""
    body = google_error(error)
    return CompactJson(body, body["error"]["code"])


def _info(reason: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {"@type": ERROR_INFO, "reason": reason, "domain": "googleapis.com", "metadata": metadata}


def _quota(error: RateLimited) -> dict[str, str]:
    return {
        "service": SERVICE,
        "quota_metric": f"{SERVICE}/analyze_requests",
        "quota_limit": "AnalyzeRequestsPerMinutePerProject",
        "quota_limit_value": str(error.limit),
    }
