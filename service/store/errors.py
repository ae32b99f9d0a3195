"""What the store may raise; each message is one sentence that a person can act on.

StoreError                 the store cannot do what was asked
├── UnknownComment         no such comment, or it is outside the moderator's sections
├── Conflict               somebody else changed the comment in between
└── Refused                the change breaks a rule of the desk, such as a rejection without a reason
"""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot do what was asked."""


class UnknownComment(StoreError):
    """No such comment, or it is outside the moderator's sections."""


class Outdated(StoreError):
    """A text was changed by another request since it was looked up; nothing was written."""


class Conflict(StoreError):
    """Somebody else changed the comment in between; nothing was written."""


class Refused(StoreError):
    """The change breaks a rule of the desk."""
