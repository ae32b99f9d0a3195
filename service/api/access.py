"""Who may call: API keys, and a service that is open to its own machine as long as no key was made."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from service.errors import ForeignOrigin, KeyRefused
from service.settings import Settings
from service.store import Store

REMEMBER_SECONDS = 2.0  # how long a revoked key may still work, and a new one may not yet be asked for
MAX_REMEMBERED = 10_000
OPEN_CALLER = "open"
GOOGLES = "x-goog-api-key"  # where newer libraries of Google's put it


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, by the name of its key, and how often it may call (0: the setting decides)."""

    name: str
    rate_per_minute: int = 0


class Access:
    """Finds the caller of a request; answers of the store are remembered for a few seconds."""

    def __init__(self, settings: Settings, store: Store, now: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._now = now
        self._loopback = is_loopback(settings.host)
        self._origins = frozenset(settings.origins)
        self._remembered: dict[str | None, tuple[float, Caller | None]] = {}

    async def caller(self, headers: Headers, query: bytes, *, key_in_query: bool) -> Caller:
        """Return the caller; raise `KeyRefused` where a key is needed and none, or a wrong one, is sent."""
        if self._loopback and (caller := await self._ask(None, self._open_caller)):
            self._refuse_foreign_pages(headers)
            return caller
        secrets = sent_keys(headers, query, key_in_query=key_in_query)
        if not secrets:
            raise KeyRefused("This service asks for an API key, in `Authorization: Bearer` or `X-API-Key`.")
        for secret in secrets:
            if caller := await self._ask(secret, partial(self._key_caller, secret)):
                return caller
        raise KeyRefused("This API key is not known here, or was revoked.")

    def _open_caller(self) -> Caller | None:
        """Nobody once a key was made, a revoked one too: revoking the last key must not open the service."""
        return None if self._store.list_keys() else Caller(OPEN_CALLER)

    def _key_caller(self, secret: str) -> Caller | None:
        found = self._store.find_key(secret)
        return None if found is None else Caller(found.name, found.rate_per_minute)

    async def _ask(self, secret: str | None, ask: Callable[[], Caller | None]) -> Caller | None:
        """Ask the store, off the event loop, unless it was asked a moment ago."""
        asked_at, caller = self._remembered.get(secret, (float("-inf"), None))
        if self._now() - asked_at < REMEMBER_SECONDS:
            return caller
        caller = await run_in_threadpool(ask)
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[secret] = (self._now(), caller)
        return caller

    def _refuse_foreign_pages(self, headers: Headers) -> None:
        """Keep pages of other sites, open in the operator's browser, from calling a service without keys."""
        origin = headers.get("origin")
        if origin is None or origin in self._origins or self._is_own(origin, headers.get("host", "")):
            return
        raise ForeignOrigin("Pages of another site may not call this service; see the setting BELOWLINE_CORS_ORIGINS.")

    def _is_own(self, origin: str, host: str) -> bool:
        """Whether a page is from this very service, under a name that no other site can take (DNS rebinding)."""
        named = re.fullmatch(r"https?://(\[[\da-fA-F:.]+\]|[\w.-]+)(:\d+)?", origin)
        return named is not None and origin.endswith(f"://{host}") and is_loopback(named[1])


def sent_keys(headers: Headers, query: bytes, *, key_in_query: bool) -> list[str]:
    """Return what may be the key of a request: a client of Google's libraries may also bring a token of another's."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    sent = [token if scheme.lower() == "bearer" else "", headers.get("x-api-key", ""), headers.get(GOOGLES, "")]
    if key_in_query:
        sent += parse_qs(query.decode("latin-1")).get("key", [])[:1]
    return [key for key in dict.fromkeys(key.strip() for key in sent) if key]


def has_keys(store: Store) -> bool:
    """Whether any key is valid."""
    return any(key.revoked_at is None for key in store.list_keys())


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
