"""The newsroom's policies: thresholds per site and section, every version kept with who saved it and why.

The narrowest scope holds: site and section, then site, then section, then everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, not_, or_, select, text, update

from model.scores import ATTRIBUTES
from service.policy import Policy
from service.store import audit
from service.store.database import Database
from service.store.errors import Conflict, Refused
from service.store.tables import comment, policy_version

Scope = tuple[str, str]  # a site and a section, each empty for every one
_LOCK = 7_265_003  # on PostgreSQL policies are saved one at a time, or two would be made from the same version


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One saved policy; an empty site or section means every one. Number 0 is the product's own default."""

    id: int
    site: str
    section: str
    policy: Policy
    moderator: str
    why: str
    saved_at: datetime | None
    judging: bool = False  # what was stored before is still being judged anew


OWN = PolicyVersion(0, "", "", Policy(), "belowline", "The product's own thresholds.", None)


@dataclass(frozen=True, slots=True)
class InForce:
    """The newest version of every scope that has one."""

    versions: Mapping[Scope, PolicyVersion]

    def at(self, site: str, section: str) -> PolicyVersion:
        """The version of the narrowest scope that reaches a place."""
        return next((self.versions[scope] for scope in _scopes(site, section) if scope in self.versions), OWN)


def in_force(connection: Connection) -> InForce:
    """The policies of every place, in one reading."""
    newest = select(func.max(policy_version.c.id)).group_by(policy_version.c.site, policy_version.c.section)
    rows = connection.execute(select(policy_version).where(policy_version.c.id.in_(newest))).mappings()
    return InForce({(row["site"], row["section"]): _version(row) for row in rows})


def current_policy(database: Database, site: str = "", section: str = "") -> PolicyVersion:
    """The newest version of the narrowest scope that has one."""
    with database.read() as connection:
        return in_force(connection).at(site, section)


def version_that_governed(database: Database, version_id: int | None, site: str, section: str) -> PolicyVersion | None:
    """A version that was in force at a place once, or None for anything else; 0 is the product's own."""
    with database.read() as connection:
        row = connection.execute(select(policy_version).where(policy_version.c.id == version_id)).mappings().first()
    if row is None:
        return OWN if version_id == 0 else None
    return _version(row) if (row["site"], row["section"]) in _scopes(site, section) else None


def _scopes(site: str, section: str) -> list[Scope]:
    """The scopes that reach a place, the narrowest first."""
    return [(site, section), (site, ""), ("", section), ("", "")]


def governed(connection: Connection, site: str, section: str) -> ColumnElement[bool]:
    """The condition of the comments that a policy of this scope decides on: those that no narrower one has."""
    scopes = connection.execute(select(policy_version.c.site, policy_version.c.section).distinct()).all()
    narrower = [_within(*scope) for scope in scopes if _rank(*scope) > _rank(site, section)]
    return and_(_within(site, section), not_(or_(*narrower))) if narrower else _within(site, section)


def _rank(site: str, section: str) -> int:
    return 2 * bool(site) + bool(section)


def _within(site: str, section: str) -> ColumnElement[bool]:
    wanted = [column == value for column, value in ((comment.c.site, site), (comment.c.section, section)) if value]
    return and_(comment.c.id > 0, *wanted)


def policy_versions(database: Database, limit: int = 100) -> list[PolicyVersion]:
    """The newest versions of every scope, newest first."""
    query = select(policy_version).order_by(policy_version.c.id.desc()).limit(limit)
    with database.read() as connection:
        return [_version(row) for row in connection.execute(query).mappings()]


def save_policy(
    database: Database,
    site: str,
    section: str,
    thresholds: Mapping[str, float],
    *,
    moderator: str,
    why: str,
    judge_stored: bool = True,
    made_from: int | None = None,
) -> PolicyVersion:
    """Keep a new version, in force at once for what arrives from now on; `Refused` without a reason for it.

    `Conflict` when the version that it was `made_from` is not in force any more: its changes would be lost.
    With `judge_stored` the chores then judge anew what nobody has decided yet (`service.store.rejudging`).
    """
    _check(thresholds, why)
    scope = {"site": site, "section": section}
    kept = {"thresholds": dict(thresholds), "moderator": moderator, "why": why.strip(), "saved_at": database.now()}
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = in_force(connection).at(site, section)
        if made_from not in (None, before.id):
            raise Conflict(f"The policy was changed meanwhile: version {before.id} is in force.")
        older = update(policy_version).where(policy_version.c.site == site, policy_version.c.section == section)
        connection.execute(older.where(policy_version.c.judged_to.is_not(None)).values(judged_to=None))
        values = {**scope, **kept, "judged_to": 0 if judge_stored else None}
        row = connection.execute(insert(policy_version).values(**values).returning(policy_version)).mappings().one()
        detail = {**scope, "before": dict(before.policy.thresholds), "after": kept["thresholds"], "why": kept["why"]}
        audit.record(
            connection,
            row["saved_at"],
            actor=moderator,
            action="save policy",
            subject=f"policy {row['id']}",
            detail={**detail, "judge_stored": judge_stored},
        )
    return _version(row)


def _check(thresholds: Mapping[str, float], why: str) -> None:
    if not why.strip():
        raise Refused("Say why the policy changes; the next moderator will ask.")
    for attribute, threshold in thresholds.items():
        if attribute not in ATTRIBUTES or not 0 <= threshold <= 1:
            raise Refused(f"The threshold of {attribute} is not a number from 0 to 1.")


def _version(row: RowMapping) -> PolicyVersion:
    scope, judging = (row["site"], row["section"]), row["judged_to"] is not None
    policy = Policy(row["thresholds"])
    return PolicyVersion(row["id"], *scope, policy, row["moderator"], row["why"], row["saved_at"], judging)
