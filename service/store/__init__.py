"""The store of the desk and the HTTP service: SQLite by default, PostgreSQL by URL."""

from service.store.errors import Conflict, Refused, StoreError, UnknownComment
from service.store.records import Decision, Key, Note, Resolution, Saved, Scored, State, article_key, section_of
from service.store.store import Store, open_store

__all__ = [
    "Conflict",
    "Decision",
    "Key",
    "Note",
    "Refused",
    "Resolution",
    "Saved",
    "Scored",
    "State",
    "Store",
    "StoreError",
    "UnknownComment",
    "article_key",
    "open_store",
    "section_of",
]
