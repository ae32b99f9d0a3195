"""What the desk may answer instead of a page.

DeskError                  a sentence for the moderator, with a status
├── LoginNeeded        401 nobody is logged in; browsers are sent to the login page
├── NotAllowed         403 the role does not reach this page, or the request comes from another site
└── WrongHost          421 the desk is open to this machine only and was asked under another name
"""

from __future__ import annotations


class DeskError(Exception):
    """A sentence for the moderator."""

    status = 400


class LoginNeeded(DeskError):
    """Nobody is logged in."""

    status = 401


class NotAllowed(DeskError):
    """The role does not reach this page, or the request comes from another site."""

    status = 403


class WrongHost(DeskError):
    """The desk is open to this machine only and was asked under another name."""

    status = 421
