"""`POST /v1/discussions`: parse or take a discussion, score it, store it, queue what the policy sends to review."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from data.records import Article, Comment, Discussion, Status
from service.api.body import documented, is_json, read_json
from service.api.fields import Address
from service.api.pages import charset_of, discussions_in, page_of
from service.api.responses import ERRORS
from service.api.schemas import (
    DiscussionArticle,
    DiscussionComment,
    DiscussionRequest,
    DiscussionResponse,
    host_of,
    paragraphs_of,
)
from service.api.state import Service, service_of
from service.engine.bridge import EngineScorer
from service.errors import CompactJson, InvalidRequest
from service.store import Saved, article_key
from service.store.intake import take_in

router = APIRouter(prefix="/v1", tags=["discussions"])
LOCAL_SITE = "local"  # whose comments they are when neither a site nor a URL says
PAGE_OR_DISCUSSION = documented(DiscussionRequest, "text/html", "text/plain")


@router.post(
    "/discussions",
    response_model=DiscussionResponse,
    responses=ERRORS,
    openapi_extra=PAGE_OR_DISCUSSION,
    summary="Store a discussion and queue its comments",
)
async def add_discussion(
    request: Request,
    url: Annotated[Address | None, Query(description="Where the page is from, for a body that is not JSON.")] = None,
    site: str | None = Query(None, max_length=2_000, description="Whose comments these are."),
) -> CompactJson:
    """Sent again it changes nothing; an edited text is scored and queued afresh; `deleted` leaves the queue."""
    service = service_of(request)
    body = await request.body()
    if is_json(request, body):
        asked = read_json(body, DiscussionRequest)
        discussions = await _discussions(service, asked)
    else:
        asked = DiscussionRequest(url=url)
        discussions = await discussions_in(service, body, url, None, charset_of(request))
    service.check_sizes([comment.text for discussion in discussions for comment in discussion.comments])
    site = asked.site or site or host_of(discussions[0].article.url) or LOCAL_SITE
    saved = [await _take_in(service, site, discussion, asked) for discussion in discussions]
    return CompactJson(
        {
            "site": site,
            "article": article_key(discussions[0].article),
            **{count.name: sum(getattr(one, count.name) for one in saved) for count in fields(Saved)},
            "model_version": service.engine.scorer.version,
        }
    )


async def _take_in(service: Service, site: str, discussion: Discussion, asked: DiscussionRequest) -> Saved:
    """Store one discussion off the event loop; its scores come through the engine like everybody's."""
    scorer = EngineScorer(service.engine, asyncio.get_running_loop())
    if asked.complete:
        known = await run_in_threadpool(service.store.known_texts, site, article_key(discussion.article))
        discussion = _with_deleted(discussion, known)
    return await run_in_threadpool(take_in, service.store, scorer, site, discussion, section=asked.section)


def _with_deleted(discussion: Discussion, known: dict[str, str]) -> Discussion:
    """Add what is stored but was not sent, as deleted."""
    sent = {comment.id for comment in discussion.comments}
    deleted = [Comment(name, text, status=Status.DELETED) for name, text in known.items() if name not in sent]
    return replace(discussion, comments=(*discussion.comments, *deleted))


async def _discussions(service: Service, asked: DiscussionRequest) -> list[Discussion]:
    if asked.comments is None:
        return await discussions_in(service, page_of(asked.html, asked.text), asked.url, asked.format)
    if asked.html is not None:
        raise InvalidRequest("Give either `html` or `comments`.")
    article = _article(asked.article or asked)
    comments = tuple(_comments(asked.comments))
    return [Discussion(article, comments, source=article.url or "-", kind=asked.kind, format="json")]


def _article(given: DiscussionArticle) -> Article:
    return Article(
        title=given.title,
        paragraphs=tuple(given.paragraphs) if given.paragraphs else paragraphs_of(given.text),
        byline=given.byline,
        published=given.published,
        url=given.url,
        language=given.language,
    )


def _comments(given: Sequence[DiscussionComment]) -> list[Comment]:
    """Comments without an id are named by what they say, so that sending them again finds them again."""
    seen: Counter[str] = Counter()
    comments = []
    for position, one in enumerate(given):
        comment = one.record(position)
        if one.id is None:
            seed = "\0".join((one.author or "", one.published or "", one.text))
            digest = sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:24]
            seen[digest] += 1
            comment = replace(comment, id=digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
        comments.append(replace(comment, depth=one.depth, status=one.status))
    return comments
