"""The two methods of commentanalyzer as routes; the colon in the path is literal, or %3A."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from service.api.body import documented
from service.api.state import service_of
from service.errors import CompactJson
from service.protocols.perspective.analyze import answer, understand
from service.protocols.perspective.shapes import (
    AnalyzeRequest,
    AnalyzeResponse,
    SuggestRequest,
    SuggestResponse,
    read_message,
)
from service.protocols.perspective.suggest import suggest_score

router = APIRouter(tags=["Perspective"])


class GoogleStatus(BaseModel):
    code: int
    message: str
    status: str
    details: list[dict[str, Any]] | None = None


class GoogleError(BaseModel):
    error: GoogleStatus


GOOGLE_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": GoogleError, "description": "The request is not acceptable."},
    403: {"model": GoogleError, "description": "A page of another site called."},
    413: {"model": GoogleError, "description": "The body is too large."},
    415: {"model": GoogleError, "description": "The body is compressed, but not by gzip."},
    429: {"model": GoogleError, "description": "Over the rate of this key."},
    503: {"model": GoogleError, "description": "Try again after Retry-After."},
}


@router.post(
    "/v1alpha1/comments:analyze",
    response_model=AnalyzeResponse,
    responses=GOOGLE_ERRORS,
    openapi_extra=documented(AnalyzeRequest),
    summary="AnalyzeComment",
)
async def analyze(request: Request) -> CompactJson:
    """Scores of one comment, under the names asked for. Nothing is stored, whatever `doNotStore` says."""
    service = service_of(request)
    message = read_message(await request.body(), AnalyzeRequest)
    analysis = understand(message, service.settings)
    scored = await service.engine.score(analysis.comments, analysis.article, any_language=analysis.any_language)
    return CompactJson(answer(analysis, scored))


@router.post(
    "/v1alpha1/comments:suggestscore",
    response_model=SuggestResponse,
    responses=GOOGLE_ERRORS,
    openapi_extra=documented(SuggestRequest),
    summary="SuggestCommentScore",
)
async def suggest(request: Request) -> CompactJson:
    """Keeps a moderator's judgement as a label for later training."""
    service = service_of(request)
    message = read_message(await request.body(), SuggestRequest)
    return CompactJson(await run_in_threadpool(suggest_score, service, message))
