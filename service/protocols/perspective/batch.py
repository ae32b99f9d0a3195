"""`POST /batch`: many calls of commentanalyzer in one request, scored together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from data.records import Article
from service.api.state import Service, service_of
from service.errors import MethodNotAllowed, NotFound, ServiceError, as_service_error, log_failure
from service.protocols.perspective.analyze import Analysis, answer, understand
from service.protocols.perspective.errors import google_error
from service.protocols.perspective.multipart import Call, Reply, read_batch, write_batch
from service.protocols.perspective.routes import GOOGLE_ERRORS
from service.protocols.perspective.shapes import AnalyzeRequest, SuggestRequest, read_message
from service.protocols.perspective.suggest import suggest_score

router = APIRouter(tags=["Perspective"])
ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"
Scoring = tuple[Article | None, bool]
MIXED: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/mixed": {"schema": {"type": "string"}}}}
}


@router.post(
    "/batch",
    responses={**GOOGLE_ERRORS, 200: {"content": {"multipart/mixed": {}}, "description": "One part for each call."}},
    response_class=Response,
    openapi_extra=MIXED,
    summary="Batch of calls",
)
async def batch(request: Request) -> Response:
    """Each part carries its own key; a part that fails leaves the others alone."""
    service = service_of(request)
    body = await request.body()
    calls = await run_in_threadpool(read_batch, body, request.headers.get("content-type", ""))
    replies = await _Batch(service, request).replies(calls)
    written, content_type = await run_in_threadpool(write_batch, calls, replies)
    return Response(written, media_type=content_type)


class _Batch:
    """One batch: understand every call, score those about the same article together, put the answers in order."""

    def __init__(self, service: Service, request: Request) -> None:
        self.service = service
        self.request = request
        self.found: dict[int, Reply] = {}
        self.groups: dict[Scoring, list[tuple[int, Analysis]]] = defaultdict(list)

    async def replies(self, calls: Sequence[Call]) -> list[Reply]:
        for place, call in enumerate(calls):
            try:
                await self._understand(place, call)
            except Exception as error:
                self.found[place] = _failed(error)
        for scoring, group in self.groups.items():
            await self._score(scoring, group)
        return [self.found[place] for place in range(len(calls))]

    async def _understand(self, place: int, call: Call) -> None:
        """Sort a call for scoring, or answer it at once."""
        await self.service.admit(self.request.scope, call.headers, call.query, key_in_query=True)
        if call.path not in (ANALYZE, SUGGEST):
            raise NotFound("A batch takes comments:analyze and comments:suggestscore.")
        if call.method != "POST":
            raise MethodNotAllowed("The methods of commentanalyzer are called by POST.")
        if call.path == SUGGEST:
            message = read_message(call.body, SuggestRequest)
            self.found[place] = Reply(200, await run_in_threadpool(suggest_score, self.service, message))
            return
        settings = self.service.settings
        asked = read_message(call.body, AnalyzeRequest)
        analysis = understand(asked, profile=settings.perspective_profile, any_language=settings.any_language)
        self.groups[analysis.article, analysis.any_language].append((place, analysis))

    async def _score(self, scoring: Scoring, group: Sequence[tuple[int, Analysis]]) -> None:
        article, any_language = scoring
        comments = [comment for _, analysis in group for comment in analysis.comments]
        try:
            scored = await self.service.engine.score(comments, article, any_language=any_language)
        except Exception as error:
            self.found.update((place, _failed(error)) for place, _ in group)
            return
        start = 0
        for place, analysis in group:
            end = start + len(analysis.comments)
            try:
                self.found[place] = Reply(200, answer(analysis, scored[start:end]))
            except ServiceError as error:
                self.found[place] = _failed(error)
            start = end


def _failed(error: Exception) -> Reply:
    known = as_service_error(error)
    if known.status == 500:
        log_failure(error)
    body = google_error(known)
    return Reply(body["error"]["code"], body, known.retry_after)
