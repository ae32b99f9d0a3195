"""Coral's external moderation phase: a signed callback for every comment, answered within its 200 ms.

Answers are no opinion (204), PREMOD for what only a person can judge, or SYSTEM_WITHHELD with a flag for toxic words;
never REJECTED. The payload names the story by URL only, so relevance needs an article that is stored already.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

import lxml.html
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from data.records import Article, Comment, Discussion
from model.scores import CommentScores
from service.api.body import documented, read_json
from service.api.fields import ShortText, storable
from service.api.responses import ERRORS
from service.api.schemas import host_of
from service.api.state import Service, service_of
from service.errors import CompactJson, KeyRefused, SignatureRefused, TextTooLong
from service.policy import Recommendation
from service.store import Scored, section_of
from service.store.intake import judged
from service.store.policies import current_policy
from service.store.words import rules_for

router = APIRouter(tags=["Coral"])
TOXIC = frozenset({"toxicity", "severe_toxicity", "identity_attack", "insult", "profanity", "threat", "banned"})
FLAGGED = {
    "status": "SYSTEM_WITHHELD",
    "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
}
HELD = {"status": "PREMOD"}
MARKUP = re.compile(r"</?(?:a|b|blockquote|br|div|em|i|li|ol|p|s|span|strong|u|ul)\b[^>]*>", re.IGNORECASE)
BREAK = re.compile(r"<(?:br|/div|/p|/li|/blockquote)\b[^>]*>", re.IGNORECASE)
MARKUP_TIMES = 4  # a comment with its markup may have so many times the characters of its text


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class PhaseComment(_Part):
    body: str | None = None
    parentID: ShortText | None = None  # noqa: N815 - Coral's name


class Named(_Part):
    id: ShortText | None = None


class Story(Named):
    url: ShortText | None = None


class PhaseRequest(_Part):
    """What Coral posts for a new or edited comment."""

    action: str | None = None
    comment: PhaseComment
    author: Named | None = None
    story: Story | None = None
    site: Named | None = None
    tenantDomain: ShortText | None = None  # noqa: N815 - Coral's name


@router.post(
    "/coral/phase",
    responses={**ERRORS, 200: {"description": "Hold the comment."}, 204: {"description": "No opinion."}},
    response_class=Response,
    openapi_extra=documented(PhaseRequest),
    summary="External moderation phase",
)
async def phase(request: Request) -> Response:
    """What the policy makes of one comment; a held one is stored with its reasons, for the card on our desk."""
    service = service_of(request)
    body = await request.body()
    await _check_sender(service, request, body)
    asked = read_json(body, PhaseRequest)
    text = await _text(service, asked.comment.body or "")
    if not text:
        return Response(status_code=204)
    url = asked.story.url if asked.story else None
    article = await run_in_threadpool(service.store.find_article, url) if url else None
    comment = _comment(asked, text)
    scores = await service.engine.score([comment], article, spans=True, any_language=service.settings.any_language)
    site = host_of(url) or asked.tenantDomain or "coral"
    scored = await run_in_threadpool(_judge, service, site, url, comment, scores[0])
    if scored.verdict.recommendation is Recommendation.PUBLISH:
        return Response(status_code=204)
    keep = BackgroundTask(_keep, service, site, url, scored)
    toxic = any(reason.attribute in TOXIC for reason in scored.verdict.reasons)
    return CompactJson(FLAGGED if toxic else HELD, background=keep)


async def _check_sender(service: Service, request: Request, body: bytes) -> None:
    """Ask for a signature where secrets are set; without any, only an open service answers."""
    secrets = [secret.strip() for secret in service.settings.coral_secrets.split(",") if secret.strip()]
    if secrets:
        if not is_signed(body, request.headers.get("x-coral-signature", ""), secrets):
            raise SignatureRefused("The X-Coral-Signature fits none of the secrets in BELOWLINE_CORAL_SECRETS.")
        request.scope["state"]["caller"] = "coral"
        return
    try:
        await service.admit(request.scope, request.headers, b"", key_in_query=False)
    except KeyRefused:
        raise SignatureRefused("Set BELOWLINE_CORAL_SECRETS to the signing secret of Coral's phase.") from None


def is_signed(body: bytes, header: str, secrets: Sequence[str]) -> bool:
    """Whether one of the header's `sha256=` values is the HMAC of the raw body under one of the secrets."""
    sent = [value.strip().removeprefix("sha256=") for value in header.split(",")]
    wanted = [hmac.new(secret.encode(), body, sha256).hexdigest() for secret in secrets]
    matches = [hmac.compare_digest(mine.encode(), theirs.encode()) for mine in wanted for theirs in sent]
    return any(matches)


async def _text(service: Service, body: str) -> str:
    """Return a comment's text, read off the event loop; raise `TextTooLong` before that where it can be known."""
    limit = service.settings.max_text_chars
    if len(body) > MARKUP_TIMES * limit:
        raise TextTooLong(f"A comment may have {limit} characters at most, and {MARKUP_TIMES * limit} with its markup.")
    text = await run_in_threadpool(plain_text, body)
    service.check_sizes([text])
    return text


def plain_text(body: str) -> str:
    """Return the text of a comment that Coral sends as HTML or as plain text, by what it looks like."""
    end = body.rfind(">") + 1  # where the last tag ends: a search for its end beyond would be made in vain, every time
    if MARKUP.search(body, 0, end):
        marked = BREAK.sub(lambda tag: f"{tag.group()}\n", body[:end]) + body[end:]
        marked = storable(marked)  # lxml ends at half a character
        tree = lxml.html.document_fromstring(f"<html><body>{marked}")
        body = str(tree.text_content())
    return body.replace("\xa0", " ").strip()


def _comment(asked: PhaseRequest, text: str) -> Comment:
    """Coral sends no id of the comment: who wrote what where names it instead."""
    author = asked.author.id if asked.author else None
    story = asked.story.id if asked.story else None
    digest = sha256("\0".join((story or "", author or "", text)).encode("utf-8", "surrogatepass")).hexdigest()
    return Comment(f"coral-{digest[:24]}", text, author=author, parent_id=asked.comment.parentID)


def _judge(service: Service, site: str, url: str | None, comment: Comment, scores: CommentScores) -> Scored:
    policy = current_policy(service.store.database, site, section_of(url)).policy
    rules = rules_for(service.store.database, site)
    return judged(comment, scores, policy, rules, service.engine.scorer.version)


def _keep(service: Service, site: str, url: str | None, scored: Scored) -> None:
    discussion = Discussion(Article(url=url), (scored.comment,), format="coral")
    service.store.save_discussion(site, discussion, [scored])
