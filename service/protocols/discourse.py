"""The toxicity interface of Discourse before November 2024; its successor speaks TEI's `/predict`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from data.records import Comment
from service.api.body import documented, read_json
from service.api.state import service_of
from service.errors import CompactJson, ServiceError

router = APIRouter(tags=["Discourse"])
# Discourse compares each of these with a threshold of its own, so none may be missing.
FIELDS = {
    "toxicity": "toxicity",
    "severe_toxicity": "severe_toxicity",
    "obscene": "profanity",
    "identity_attack": "identity_attack",
    "insult": "insult",
    "threat": "threat",
}
NOT_MODELLED = {"sexual_explicit": 0.0}


class ClassifyRequest(BaseModel):
    model_config = ConfigDict(extra="ignore")

    content: str
    model: str | None = None


class ClassifyResponse(BaseModel):
    toxicity: float
    severe_toxicity: float
    obscene: float
    identity_attack: float
    insult: float
    threat: float
    sexual_explicit: float


class DiscourseError(BaseModel):
    detail: str


class NotClassified(ServiceError):
    """Discourse takes 415 for "no answer for this post", and goes on."""

    status = 415


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": DiscourseError} for status in (400, 401, 403, 413, 415, 422, 429, 503)
}


@router.post(
    "/api/v1/classify",
    response_model=ClassifyResponse,
    responses=ERRORS,
    openapi_extra=documented(ClassifyRequest),
    summary="Discourse's toxicity module, 0 to 100",
)
async def classify(request: Request) -> CompactJson:
    """Percentages for one post; `sexual_explicit` is not modelled and always 0."""
    service = service_of(request)
    content = read_json(await request.body(), ClassifyRequest).content
    service.check_sizes([content])
    scored = (await service.engine.score([Comment("0", content)], any_language=service.settings.any_language))[0]
    if scored.reason is not None:
        raise NotClassified("This post has no text in a language that the model reads.")
    percent = {field: round(100 * (scored.scores.get(name) or 0.0), 2) for field, name in FIELDS.items()}
    return CompactJson({**percent, **NOT_MODELLED})


def render_discourse(error: ServiceError) -> Response:
    """Discourse reads the status only; the body is for people."""
    return CompactJson({"detail": error.detail}, error.status)
