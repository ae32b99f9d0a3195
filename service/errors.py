"""What can go wrong in a request, as classes with a status and a sentence; one table renders them per protocol.

ServiceError                  500
├── InvalidJson               400  the body is not JSON
├── KeyRefused                401  no API key, or an unknown one
├── SignatureRefused          401  a callback without a valid signature
├── ForeignOrigin             403  a web page of another site called a service that is open on this machine
├── NotFound                  404
├── MethodNotAllowed          405
├── HeadTooSlow               408  the request line and the headers did not arrive in time
├── BodyTooSlow               408  the body did not arrive in time
├── Changed                   409  somebody else was faster
├── BodyTooLarge              413
├── TooManyComments           413
├── TextTooLong               413
├── UnsupportedEncoding       415  a body compressed otherwise than by gzip, or a compressed page
├── InvalidRequest            422  JSON of the wrong shape
├── UnreadablePage            422  nothing to parse
├── RateLimited               429  with Retry-After
├── HeadTooLarge              431
├── ScorerFailed              503  the model cannot answer
├── ServiceBusy               503  the line is full, with Retry-After
└── StoreFailed               503  the database cannot answer
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from model.scores import ScorerError
from service.engine.engine import ScorerBusy
from service.store.errors import Conflict, StoreError, UnknownComment

log = logging.getLogger("belowline.http")


class ServiceError(Exception):
    """A request cannot be answered; `detail` is one sentence for the caller."""

    status = 500

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class InvalidJson(ServiceError):
    status = 400


class KeyRefused(ServiceError):
    status = 401


class SignatureRefused(ServiceError):
    status = 401


class ForeignOrigin(ServiceError):
    status = 403


class NotFound(ServiceError):
    status = 404


class MethodNotAllowed(ServiceError):
    status = 405


class HeadTooSlow(ServiceError):
    status = 408


class BodyTooSlow(ServiceError):
    status = 408


class Changed(ServiceError):
    status = 409


class BodyTooLarge(ServiceError):
    status = 413


class TooManyComments(ServiceError):
    status = 413


class TextTooLong(ServiceError):
    status = 413


class UnsupportedEncoding(ServiceError):
    status = 415


class InvalidRequest(ServiceError):
    status = 422


class UnreadablePage(ServiceError):
    status = 422


class RateLimited(ServiceError):
    status = 429

    def __init__(self, limit: int, *, retry_after: int) -> None:
        super().__init__(f"This caller may send {limit} requests a minute.", retry_after=retry_after)
        self.limit = limit


class HeadTooLarge(ServiceError):
    status = 431


class ScorerFailed(ServiceError):
    status = 503


class ServiceBusy(ServiceError):
    status = 503


class StoreFailed(ServiceError):
    status = 503


LONGEST_NAME = 100  # characters of a field's name that a sentence repeats: the caller may have made it up
NO_OBJECT = frozenset({"dict_type", "model_type", "model_attributes_type"})  # whose own words name our classes
RETRY_SECONDS = 1  # the line empties in a fraction of this
BUSY = "The scorer has as much work as it can finish in time; try again in a moment."

Renderer = Callable[[ServiceError], Response]


class CompactJson(Response):
    """JSON without spaces, non-ASCII as it is; a lone surrogate is escaped rather than failing the answer."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        try:
            return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()


def render_plain(error: ServiceError) -> Response:
    """The project's own shape: `{"error": class, "detail": sentence}`."""
    return CompactJson({"error": type(error).__name__, "detail": error.detail}, error.status)


def error_response(error: ServiceError, render: Renderer = render_plain) -> Response:
    """Render an error in a protocol's shape, with the headers that HTTP asks for."""
    response = render(error)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def as_service_error(error: Exception) -> ServiceError:
    """The one table from any exception to an error of this file; the unexpected keeps its text to itself."""
    match error:
        case ServiceError():
            return error
        case ScorerBusy():
            return ServiceBusy(BUSY, retry_after=RETRY_SECONDS)
        case ScorerError():
            return ScorerFailed("The model cannot answer at present.")
        case UnknownComment():
            return NotFound(str(error))
        case Conflict():
            return Changed(str(error))
        case StoreError():
            return InvalidRequest(str(error))
        case SQLAlchemyError():
            return StoreFailed("The database cannot answer at present.")
        case RequestValidationError():
            return _validation_error(error)
        case HTTPException():
            return _http_error(error)
    return ServiceError("Something went wrong on the server; the log has the details.")


def _validation_error(error: RequestValidationError) -> ServiceError:
    problem = dict(error.errors()[0])
    if problem["type"] == "json_invalid":
        return InvalidJson("The body is not valid JSON.")
    return InvalidRequest(first_problem({**problem, "loc": problem["loc"][1:]}))


def first_problem(problem: Mapping[str, Any]) -> str:
    """One of pydantic's problems as a sentence with its place; never the value, which is a reader's text."""
    where = ".".join(str(part)[:LONGEST_NAME] for part in problem["loc"])
    said = "Input should be an object" if problem["type"] in NO_OBJECT else str(problem["msg"]).rstrip(".")
    return f"{where or 'The body'}: {said}."


def _http_error(error: HTTPException) -> ServiceError:
    own_words = str(error.detail) not in ("Not Found", "Method Not Allowed")
    if error.status_code == 404 and not own_words:
        return NotFound("There is nothing at this address; /docs lists the routes.")
    if error.status_code == 405:
        return MethodNotAllowed("This address does not take that method; /docs lists the routes.")
    if error.status_code == 400:
        return InvalidJson("The body cannot be read as JSON.")
    known = ServiceError(str(error.detail))
    known.status = error.status_code
    return known


def install_handlers(app: FastAPI, renderer_for: Callable[[Request], Renderer]) -> None:
    """Answer every exception of a route in the shape that its caller expects."""

    def answer(request: Request, error: Exception) -> Response:
        known = as_service_error(error)
        if known.status >= 500 and not isinstance(known, ServiceBusy):
            log_failure(error)
        response = error_response(known, renderer_for(request))
        if isinstance(error, HTTPException) and error.headers:
            response.headers.update(error.headers)
        return response

    ours = (ServiceError, ScorerBusy, ScorerError, StoreError)
    for kind in (*ours, SQLAlchemyError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


def log_failure(error: Exception) -> None:
    """Log the kind of an exception and where it was raised, not its message, which may quote a comment."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
    log.error("request failed", extra={"exception": type(error).__name__, "places": places})
