"""Deployment settings: `BELOWLINE_*` environment variables, read once when a command starts.

Nothing is read at import. A misspelt name is refused, because a typing error in a limit must not pass silently.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "BELOWLINE_"
PUBLIC_URL = re.compile(r"https?://(\[[\da-fA-F:.]+\]|[^\s/?#@:\[\]]+)(:\d{1,5})?(/[^\s?#]*)?")


class SettingsError(ValueError):
    """A setting has a wrong name or value; the message is one sentence."""


class Settings(BaseSettings):
    """Every setting with its meaning, default and bounds; `docs/settings.md` lists them, by test."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", protected_namespaces=())

    model: str = Field("", description="Name of the weights under model/weights, or a folder; empty for the default.")
    database_url: str = Field(
        "sqlite:///belowline.sqlite3", description="Where the desk keeps its data: SQLite or PostgreSQL, as a URL."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; others than this machine's own need a key.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    public_url: str = Field("", description="The service's address as clients see it, if a proxy does not say so.")
    device: Literal["cpu", "cuda"] = Field("cpu", description="Score on the processor, or on a GPU with extra `cuda`.")
    threads: int = Field(0, ge=0, le=256, description="Threads that score; 0 takes one per core.")
    max_comments: int = Field(1000, ge=1, le=10_000, description="Comments in one request.")
    max_text_chars: int = Field(20_480, ge=100, le=1_000_000, description="Characters in one comment.")
    max_body_bytes: int = Field(5_000_000, ge=10_000, le=100_000_000, description="Bytes in one request body.")
    max_waiting: int = Field(512, ge=1, le=100_000, description="Requests in front of the scorer; more are refused.")
    max_wait_ms: int = Field(
        100, ge=1, le=60_000, description="Milliseconds that a comment waits for the scorer before others are refused."
    )
    cache_entries: int = Field(10_000, ge=0, le=1_000_000, description="Comments whose scores are remembered.")
    rate_per_minute: int = Field(
        0, ge=0, description="Requests a minute of callers without a limit of their own; 0: any."
    )
    any_language: bool = Field(False, description="Score texts in languages that the model does not read as well.")
    perspective_profile: Literal["", "osmod", "coral"] = Field(
        "", description="Answer attributes that are not modelled by approximations: for osmod or for coral."
    )
    coral_secrets: str = Field("", description="Signing secrets of Coral's moderation phases, apart by commas.")
    second_opinion_share: float = Field(
        0.05, ge=0, le=1, description="Share of decided comments that a second moderator judges as well, untold."
    )
    retention_days: int = Field(
        0, ge=0, le=36_500, description="Days after which authors and texts are erased from the store; 0: never."
    )
    demo: bool = Field(False, description="Open the desk without login on this machine; set by `serve --demo`.")
    log_format: Literal["", "json", "text"] = Field(
        "", description="How the service logs: json, or text for people; empty: text on a terminal, json elsewhere."
    )
    cors_origins: str = Field("", description="Web origins whose pages may call the service, apart by commas.")

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, given: str) -> str:
        if given and not PUBLIC_URL.fullmatch(given):
            raise PydanticCustomError("no_address", "it is an address such as https://comments.paper.example")
        return given

    @field_validator("cors_origins")
    @classmethod
    def _names_origins(cls, given: str) -> str:
        for origin in _origins(given):
            if not re.fullmatch(r"[a-z][a-z\d+.-]*://[^/?#\s@*]+", origin):
                raise PydanticCustomError("no_origin", "each is an origin such as https://paper.example")
        return given

    @property
    def origins(self) -> list[str]:
        """The web origins as browsers name them, without a slash at the end."""
        return _origins(self.cors_origins)


def _origins(listed: str) -> list[str]:
    return [origin for given in listed.split(",") if (origin := given.strip().rstrip("/").lower())]


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; raise `SettingsError` for an unknown name or a value out of bounds."""
    environment = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name for name in environment if name.upper().startswith(PREFIX)}
    if unknown := sorted(name for name in given if name.upper() not in known):
        raise SettingsError(f"Unknown setting {unknown[0]}; the settings are {', '.join(sorted(known))}.")
    try:
        return Settings(**{name[len(PREFIX) :].lower(): environment[name] for name in given})  # type: ignore[arg-type]
    except ValueError as error:
        raise SettingsError(_first_problem(error)) from None


def _first_problem(error: ValueError) -> str:
    """One sentence out of pydantic's list: which setting, and what is wrong with it."""
    problems: list[dict[str, Any]] = getattr(error, "errors", list)()
    if not problems:
        return str(error)
    name = PREFIX + str(problems[0]["loc"][0]).upper()
    return f"The setting {name} is wrong: {problems[0]['msg']}."
