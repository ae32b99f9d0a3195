"""Deployment settings: `BELOWLINE_*` environment variables, read once when a command starts.

Nothing is read at import. A misspelt name is refused, because a typing error in a limit must not pass silently.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "BELOWLINE_"


class SettingsError(ValueError):
    """A setting has a wrong name or value; the message is one sentence."""


class Settings(BaseSettings):
    """Every setting with its meaning, default and bounds; `docs/settings.md` lists them, by test."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", protected_namespaces=())

    model: str = Field("", description="Name of the weights under model/weights, or a folder; empty for the default.")
    database_url: str = Field(
        "sqlite:///belowline.sqlite3", description="Where the desk keeps its data: SQLite or PostgreSQL, as a URL."
    )
    threads: int = Field(0, ge=0, le=256, description="Threads that score; 0 takes one per core.")
    max_comments: int = Field(1000, ge=1, le=10_000, description="Comments in one request.")
    max_text_chars: int = Field(20_000, ge=100, le=1_000_000, description="Characters in one comment.")
    max_body_bytes: int = Field(5_000_000, ge=10_000, le=100_000_000, description="Bytes in one request body.")


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
    problems = getattr(error, "errors", list)()
    if not problems:
        return str(error)
    name = PREFIX + str(problems[0]["loc"][0]).upper()
    return f"The setting {name} is wrong: {problems[0]['msg']}."
