"""The newsroom's policies: thresholds per site and section, every version kept with who saved it and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, select

from model.scores import ATTRIBUTES
from service.policy import Policy
from service.store import audit
from service.store.database import Database
from service.store.errors import Refused
from service.store.tables import policy_version


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


def current_policy(database: Database, site: str = "", section: str = "") -> PolicyVersion:
    """The newest version of the narrowest scope: site and section, then site, then section, then everywhere."""
    scopes = list(dict.fromkeys([(site, section), (site, ""), ("", section), ("", "")]))
    with database.read() as connection:
        for scope in scopes:
            query = select(policy_version).where(
                policy_version.c.site == scope[0], policy_version.c.section == scope[1]
            )
            row = connection.execute(query.order_by(policy_version.c.id.desc()).limit(1)).mappings().first()
            if row is not None:
                return _version(row)
    return PolicyVersion(0, "", "", Policy(), "belowline", "The product's own thresholds.", None)


def policy_versions(database: Database, limit: int = 100) -> list[PolicyVersion]:
    """The newest versions of every scope, newest first."""
    query = select(policy_version).order_by(policy_version.c.id.desc()).limit(limit)
    with database.read() as connection:
        return [_version(row) for row in connection.execute(query).mappings()]


def save_policy(
    database: Database, site: str, section: str, thresholds: Mapping[str, float], *, moderator: str, why: str
) -> PolicyVersion:
    """Keep a new version, in force at once for what arrives from now on; `Refused` without a reason for it."""
    if not why.strip():
        raise Refused("Say why the policy changes; the next moderator will ask.")
    for attribute, threshold in thresholds.items():
        if attribute not in ATTRIBUTES or not 0 <= threshold <= 1:
            raise Refused(f"The threshold of {attribute} is not a number from 0 to 1.")
    before = current_policy(database, site, section)
    at = database.now()
    values = {
        "site": site,
        "section": section,
        "thresholds": dict(thresholds),
        "moderator": moderator,
        "why": why.strip(),
        "saved_at": at,
    }
    with database.write() as connection:
        query = insert(policy_version).values(**values).returning(policy_version)
        saved = _version(connection.execute(query).mappings().one())
        audit.record(
            connection,
            at,
            actor=moderator,
            action="save policy",
            subject=f"policy {saved.id}",
            detail={
                "site": site,
                "section": section,
                "before": dict(before.policy.thresholds),
                "after": dict(thresholds),
                "why": why.strip(),
            },
        )
    return saved


def _version(row: RowMapping) -> PolicyVersion:
    return PolicyVersion(
        row["id"], row["site"], row["section"], Policy(row["thresholds"]), row["moderator"], row["why"], row["saved_at"]
    )
