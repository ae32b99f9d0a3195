"""What the routes share: built once by `create_app`, found on the application's state."""

from __future__ import annotations

import time
from collections.abc import Sequence

from anyio import CapacityLimiter
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Scope

from data.records import Comment
from service.api.access import OPEN_CALLER, Access, Caller
from service.archive.models import cores
from service.engine.engine import Engine
from service.errors import TextTooLong, TooManyComments
from service.limits import RateLimits
from service.policy import Policy
from service.settings import Settings
from service.store import Store
from service.store.policies import current_policy

POLICY_SECONDS = 2.0  # how long a changed policy may take to reach the answers; stored comments see it at once


class Service:
    """Settings, engine and store of one application."""

    def __init__(self, settings: Settings, engine: Engine, store: Store) -> None:
        self.access = Access(settings, store)
        self.rates = RateLimits(settings.rate_per_minute)
        self.parsing = CapacityLimiter(cores())
        self.settings = settings
        self.engine = engine
        self.store = store
        self._policies: dict[tuple[str, str], tuple[float, Policy]] = {}

    async def admit(self, scope: Scope, headers: Headers, query: bytes, *, key_in_query: bool) -> Caller:
        """Return who calls, counted against their rate; raise `KeyRefused` or `RateLimited`."""
        caller = await self.access.caller(headers, query, key_in_query=key_in_query)
        client = scope.get("client") or ("",)
        self.rates.count(
            caller.name if caller.name != OPEN_CALLER else f"{OPEN_CALLER} {client[0]}", caller.rate_per_minute
        )
        scope["state"]["caller"] = caller.name
        return caller

    async def policy(self, site: str = "", section: str = "") -> Policy:
        """Return the newsroom's policy for a site and section; asked of the store every few seconds."""
        read_at, policy = self._policies.get((site, section), (float("-inf"), Policy()))
        if time.monotonic() - read_at > POLICY_SECONDS:
            policy = (await run_in_threadpool(current_policy, self.store.database, site, section)).policy
            if len(self._policies) > 1000:  # sites and sections are named by callers
                self._policies.clear()
            self._policies[site, section] = (time.monotonic(), policy)
        return policy

    def check_sizes(self, texts: Sequence[str]) -> None:
        """Refuse more comments, or longer ones, than the settings allow; the sentence names the limit."""
        self.check_count(len(texts))
        if any(len(text) > self.settings.max_text_chars for text in texts):
            raise TextTooLong(f"A comment may have {self.settings.max_text_chars} characters at most.")

    def check_count(self, comments: int) -> None:
        """Refuse more comments than the settings allow."""
        if comments > self.settings.max_comments:
            raise TooManyComments(f"A request may hold {self.settings.max_comments} comments at most.")


def service_of(request: Request) -> Service:
    """Return what `create_app` put together."""
    service: Service = request.app.state.service
    return service


def as_comments(texts: Sequence[str]) -> list[Comment]:
    """Bare texts as comments, numbered from 0."""
    return [Comment(str(number), text) for number, text in enumerate(texts)]
