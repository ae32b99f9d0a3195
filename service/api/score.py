"""`POST /v1/score` and `GET /v1/model`."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request

from model.scores import ATTRIBUTES
from service.api.body import documented, read_json
from service.api.responses import ERRORS
from service.api.results import result_json
from service.api.schemas import ModelOut, ScoreRequest, ScoreResponse
from service.api.state import service_of
from service.errors import CompactJson

router = APIRouter(prefix="/v1", tags=["scores"])


@router.post(
    "/score",
    response_model=ScoreResponse,
    responses=ERRORS,
    openapi_extra=documented(ScoreRequest),
    summary="Score comments",
)
async def score(request: Request) -> CompactJson:
    """One result per comment, in order. `relevance` is null without an article, every score for other languages."""
    service = service_of(request)
    body = read_json(await request.body(), ScoreRequest)
    service.check_sizes([comment.text for comment in body.comments])
    scored = await service.engine.score(
        [comment.record(position) for position, comment in enumerate(body.comments)],
        body.article.record() if body.article else None,
        spans=body.spans,
        any_language=service.settings.any_language,
    )
    policy = await service.policy()
    results = [
        result_json(
            str(position) if comment.id is None else comment.id,
            scores,
            policy,
            body.attributes,
            spans=body.spans,
        )
        for position, (comment, scores) in enumerate(zip(body.comments, scored, strict=True))
    ]
    return CompactJson({"model_version": service.engine.scorer.version, "results": results})


@router.get("/model", response_model=ModelOut, responses=ERRORS, summary="What answers here")
async def model(request: Request) -> CompactJson:
    """The weights' version and manifest: training sources, calibration, metrics, checksums."""
    scorer = service_of(request).engine.scorer
    manifest = getattr(scorer, "manifest", None)  # a scorer without weights has none
    described = {} if manifest is None else asdict(manifest)
    return CompactJson({"version": scorer.version, "attributes": list(ATTRIBUTES), "manifest": described})
