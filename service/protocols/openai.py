"""OpenAI's `/v1/moderations`, with the categories that our attributes cover and no others."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from model.scores import CommentScores
from service.api.body import documented, read_json
from service.api.fields import FEW_COMMENTS, OneOf
from service.api.results import rounded
from service.api.state import as_comments, service_of
from service.errors import CompactJson, InvalidRequest, KeyRefused, RateLimited, ServiceError
from service.policy import Policy

router = APIRouter(tags=["OpenAI"])
# The other categories (sexual, self-harm, illicit, violence, and what is below them) are not modelled and left out.
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "harassment": ("toxicity", "insult"),  # the higher one
    "harassment/threatening": ("threat",),
    "hate": ("identity_attack",),
}


class InputPart(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str
    text: str | None = None


class ModerationRequest(BaseModel):
    """One text, several, or the parts of one message; images are refused."""

    model_config = ConfigDict(extra="ignore")

    input: Annotated[
        str | list[str] | list[InputPart],
        OneOf("should be a text, a list of texts, or the parts of a message"),
        FEW_COMMENTS,
    ]
    model: str | None = Field(default=None, description="Accepted; the answer names the model that answered.")


class Moderation(BaseModel):
    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]


class ModerationResponse(BaseModel):
    id: str
    model: str
    results: list[Moderation]


class OpenAiStatus(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAiError(BaseModel):
    error: OpenAiStatus


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAiError} for status in (400, 401, 403, 413, 415, 429, 503)
}


@router.post(
    "/v1/moderations",
    response_model=ModerationResponse,
    responses=ERRORS,
    openapi_extra=documented(ModerationRequest),
    summary="OpenAI's moderations, three categories",
)
async def moderations(request: Request) -> CompactJson:
    """One result per text; a category is flagged as soon as one of its attributes crosses the policy's threshold."""
    service = service_of(request)
    texts = _texts(read_json(await request.body(), ModerationRequest).input)
    service.check_sizes(texts)
    scored = await service.engine.score(as_comments(texts), any_language=service.settings.any_language)
    policy = await service.policy()
    results = [_moderation(one, policy) for one in scored]
    return CompactJson({"id": f"modr-{uuid.uuid4().hex}", "model": service.engine.scorer.version, "results": results})


def _texts(given: str | list[str] | list[InputPart]) -> list[str]:
    if isinstance(given, str):
        return [given]
    if not given:
        raise InvalidRequest("input: Give at least one text.")
    texts = [one for one in given if isinstance(one, str)]
    return texts or [_message([part for part in given if isinstance(part, InputPart)])]


def _message(parts: list[InputPart]) -> str:
    """The text of a message in parts, which is one input."""
    if any(part.type != "text" for part in parts):
        raise InvalidRequest("input: Only parts of the type text can be moderated here.")
    return "\n".join(part.text or "" for part in parts)


def _moderation(scored: CommentScores, policy: Policy) -> dict[str, Any]:
    flags: dict[str, bool] = {}
    scores: dict[str, float | None] = {}
    for category, attributes in CATEGORIES.items():
        known = {name: score for name in attributes if (score := scored.scores.get(name)) is not None}
        if known:
            scores[category] = rounded(max(known.values()))
            flags[category] = any(score >= policy.thresholds.get(name, 2.0) for name, score in known.items())
    return {
        "flagged": any(flags.values()),
        "categories": flags,
        "category_scores": scores,
        "category_applied_input_types": {category: ["text"] for category in scores},
    }


def render_openai(error: ServiceError) -> Response:
    """Render an error as the OpenAI clients read it."""
    code, kind = None, "invalid_request_error"
    if isinstance(error, KeyRefused):
        code = "invalid_api_key"
    elif isinstance(error, RateLimited):
        code = kind = "rate_limit_exceeded"
    elif error.status >= 500:
        kind = "server_error"
    param = "input" if isinstance(error, InvalidRequest) else None
    body = {"message": error.detail, "type": kind, "param": param, "code": code}
    return CompactJson({"error": body}, 400 if error.status == 422 else error.status)
