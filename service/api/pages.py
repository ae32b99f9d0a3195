"""`POST /v1/parse`: a page or a text in, the discussion out. What `/v1/discussions` parses, it parses here too."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request

from data.decoding import charset_in
from data.parse import ParseError, parse
from data.records import Discussion
from service.api.body import documented, is_json, read_json
from service.api.fields import Address
from service.api.responses import ERRORS
from service.api.schemas import ParseRequest
from service.api.state import Service, service_of
from service.errors import (
    BUSY,
    RETRY_SECONDS,
    CompactJson,
    InvalidRequest,
    ServiceBusy,
    UnreadablePage,
    UnsupportedEncoding,
)

router = APIRouter(prefix="/v1", tags=["discussions"])
COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
MAX_PAGES_WAITING = 16  # a large page takes a second to parse
PAGE_OR_JSON = documented(ParseRequest, "text/html", "text/plain")


@router.post("/parse", responses=ERRORS, openapi_extra=PAGE_OR_JSON, summary="Separate an article from its comments")
async def parse_page(
    request: Request,
    url: Annotated[Address | None, Query(description="Where the page is from, for a body that is not JSON.")] = None,
) -> CompactJson:
    """Takes a page or a text as it is, or `{"html" or "text", "url"}`; several discussions come as a list."""
    service = service_of(request)
    body = await request.body()
    if is_json(request, body):
        asked = read_json(body, ParseRequest)
        found = await discussions_in(service, page_of(asked.html, asked.text), asked.url or url, asked.format)
    else:
        found = await discussions_in(service, body, url, None, charset_of(request))
    objects = [discussion.to_json() for discussion in found]
    return CompactJson(objects[0] if len(objects) == 1 else {"discussions": objects})


def charset_of(request: Request) -> str | None:
    """Return the charset that came with the body, which goes before what a page says itself."""
    return charset_in(request.headers.get("content-type", ""))


async def discussions_in(
    service: Service, page: bytes | str, url: str | None, format: str | None, charset: str | None = None
) -> list[Discussion]:
    """Parse off the event loop, a few pages at a time; raise `UnreadablePage` when nothing is there."""
    if isinstance(page, bytes) and page.startswith(COMPRESSED):
        raise UnsupportedEncoding("Send the page uncompressed.")
    if service.parsing.statistics().tasks_waiting >= MAX_PAGES_WAITING:
        raise ServiceBusy(BUSY, retry_after=RETRY_SECONDS)
    reading = partial(parse, page, url=url, format=format, source=url or "-", charset=charset)
    try:
        found = await to_thread.run_sync(reading, limiter=service.parsing)
    except ParseError as error:
        told = str(error)
        raise UnreadablePage(f"The page{told[1:]}" if told.startswith("-:") else told) from None
    if not found:
        raise UnreadablePage("There is no discussion in this page.")
    return found


def page_of(html: str | None, text: str | None) -> str:
    """Return the one of the two that is given."""
    if (html is None) == (text is None):
        raise InvalidRequest("Give either `html` or `text`.")
    return html if html is not None else text or ""
