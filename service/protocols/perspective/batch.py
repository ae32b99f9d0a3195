"""`POST /batch`: many calls of commentanalyzer in one request, scored together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from data.records import Article
from model.scores import CommentScores
from service.api.state import Service, service_of
from service.errors import MethodNotAllowed, NotFound, ServiceError, as_service_error, log_failure
from service.protocols.perspective.analyze import Analysis, answer, understand
from service.protocols.perspective.discovery import root_url
from service.protocols.perspective.errors import google_error, invalid_request
from service.protocols.perspective.multipart import Call, Part, Reply, read_batch, read_call, reply, write_batch
from service.protocols.perspective.routes import GOOGLE_ERRORS
from service.protocols.perspective.shapes import AnalyzeRequest, SuggestRequest, read_message
from service.protocols.perspective.suggest import suggest_score

router = APIRouter(tags=["Perspective"])
ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"
MAX_SCORES = 200_000  # in one answer, which then has some 15 MB
Scoring = tuple[Article | None, bool]
Place = tuple[int, Analysis]  # a call and where it stands in the batch
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
    parts = await run_in_threadpool(read_batch, body, request.headers.get("content-type", ""))
    service.check_count(len(parts))
    replies = await _Batch(service, request).replies(parts)
    written, content_type = await run_in_threadpool(write_batch, parts, replies)
    return Response(written, media_type=content_type)


class _Batch:
    """One batch: understand every call, score those about the same article together, put the answers in order."""

    def __init__(self, service: Service, request: Request) -> None:
        self.service = service
        self.request = request
        self.root = urlsplit(root_url(request)).path.rstrip("/")  # clients write it before each call's path
        self.found: dict[int, Reply] = {}
        self.groups: dict[Scoring, list[Place]] = defaultdict(list)
        self.scores = 0

    async def replies(self, parts: Sequence[Part]) -> list[Reply]:
        for place, part in enumerate(parts):
            try:
                await self._understand(place, part)
            except Exception as error:
                self.found[place] = _failed(error)
        for scoring, group in self.groups.items():
            for portion in portions(group, self.service.settings.max_comments):
                await self._score(scoring, portion)
        return [self.found[place] for place in range(len(parts))]

    async def _understand(self, place: int, part: Part) -> None:
        """Sort a call for scoring, or answer it at once."""
        call = read_call(part)
        await self.service.admit(self.request.scope, call.headers, call.query, key_in_query=True)
        path = call.path.removeprefix(self.root)
        if path not in (ANALYZE, SUGGEST):
            raise NotFound("A batch takes comments:analyze and comments:suggestscore.")
        if call.method != "POST":
            raise MethodNotAllowed("The methods of commentanalyzer are called by POST.")
        if path == SUGGEST:
            self.found[place] = await run_in_threadpool(self._suggest, call)
            return
        analysis = await run_in_threadpool(self._analysis, call)
        self.scores += len(analysis.wanted) * len(analysis.spans)
        if self.scores > MAX_SCORES:
            raise invalid_request(f"A batch may ask for {MAX_SCORES} scores at most: attributes times spans.")
        self.groups[analysis.article, analysis.any_language].append((place, analysis))

    def _suggest(self, call: Call) -> Reply:
        return reply(200, suggest_score(self.service, read_message(call.body, SuggestRequest)))

    def _analysis(self, call: Call) -> Analysis:
        return understand(read_message(call.body, AnalyzeRequest), self.service.settings)

    async def _score(self, scoring: Scoring, portion: Sequence[Place]) -> None:
        article, any_language = scoring
        comments = [comment for _, analysis in portion for comment in analysis.comments]
        try:
            scored = await self.service.engine.score(comments, article, any_language=any_language)
        except Exception as error:
            self.found.update((place, _failed(error)) for place, _ in portion)
            return
        self.found.update(await run_in_threadpool(_answers, portion, scored))


def portions(group: Sequence[Place], most: int) -> Iterator[list[Place]]:
    """Cut what is scored together into so many texts at a time, or one call: a batch must not fill the line."""
    portion: list[Place] = []
    texts = 0
    for place, analysis in group:
        if portion and texts + analysis.size > most:
            yield portion
            portion, texts = [], 0
        portion.append((place, analysis))
        texts += analysis.size
    if portion:
        yield portion


def _answers(portion: Sequence[Place], scored: Sequence[CommentScores]) -> dict[int, Reply]:
    replies = {}
    start = 0
    for place, analysis in portion:
        end = start + analysis.size
        try:
            replies[place] = reply(200, answer(analysis, scored[start:end]))
        except ServiceError as error:
            replies[place] = _failed(error)
        start = end
    return replies


def _failed(error: Exception) -> Reply:
    known = as_service_error(error)
    if known.status == 500:
        log_failure(error)
    body = google_error(known)
    return reply(body["error"]["code"], body, known.retry_after)
