"""Who looks at the desk: a name, a role, and the sections that the role reaches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, true

from service.store.tables import comment


class Role(StrEnum):
    """What an account may do: a viewer reads, a moderator decides, an admin sets the rules too."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is logged in. No sections means every section."""

    name: str
    role: Role = Role.MODERATOR
    sections: tuple[str, ...] = ()
    blur: bool = False
    account_id: int | None = None

    @property
    def decides(self) -> bool:
        return self.role in (Role.MODERATOR, Role.ADMIN)

    @property
    def rules(self) -> bool:
        """Whether this viewer may change policy, word lists, accounts and webhooks."""
        return self.role is Role.ADMIN

    def reaches(self, section: str) -> bool:
        return not self.sections or section in self.sections

    def scope(self) -> ColumnElement[bool]:
        """The condition that keeps a query inside the viewer's sections."""
        return comment.c.section.in_(self.sections) if self.sections else true()
