"""The word lists as they are kept: per site, with who added a rule and when; every change is in the audit log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from service.store import audit
from service.store.database import Database
from service.store.errors import Refused
from service.store.tables import word
from service.wordlist import LONGEST_PATTERN, RuleKind, WordList, WordRule, WordRules, compiled

MOST_RULES = 2000  # per store: every rule is tried on every comment
_HOST = re.compile(r"(?:\*\.)?[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class StoredRule:
    """One rule with where it applies and where it comes from; an empty site is every site."""

    id: int
    site: str
    rule: WordRule
    moderator: str
    added_at: datetime


def list_rules(database: Database) -> list[StoredRule]:
    """Every rule, by site, list and pattern."""
    query = select(word).order_by(word.c.site, word.c.list, word.c.pattern)
    with database.read() as connection:
        return [
            StoredRule(
                row.id,
                row.site,
                WordRule(WordList(row.list), RuleKind(row.kind), row.pattern),
                row.moderator,
                row.added_at,
            )
            for row in connection.execute(query)
        ]


def rules_for(database: Database, site: str) -> WordRules:
    """The compiled rules that apply to a site."""
    return compiled(tuple(stored.rule for stored in list_rules(database) if stored.site in ("", site)))


def add_rule(database: Database, site: str, rule: WordRule, *, moderator: str) -> None:
    """Keep a rule; `Refused` when it matches nothing, is too long, or is there already."""
    _check(rule)
    at = database.now()
    values = {"site": site, "list": rule.list, "kind": rule.kind, "pattern": rule.pattern}
    try:
        with database.write() as connection:
            if len(connection.execute(select(word.c.id).limit(MOST_RULES)).all()) == MOST_RULES:
                raise Refused(f"The word lists hold at most {MOST_RULES} rules.")
            connection.execute(insert(word).values(**values, moderator=moderator, added_at=at))
            audit.record(
                connection, at, actor=moderator, action="add rule", subject=f"site {site or '*'}", detail=values
            )
    except IntegrityError:
        raise Refused(f"There is a rule for {rule.pattern!r} already.") from None


def remove_rule(database: Database, rule_id: int, *, moderator: str) -> None:
    """Take a rule off its list; `Refused` when it is not there."""
    at = database.now()
    with database.write() as connection:
        row = connection.execute(delete(word).where(word.c.id == rule_id).returning(word)).mappings().first()
        if row is None:
            raise Refused("This rule is not there any more.")
        detail = {name: row[name] for name in ("site", "list", "kind", "pattern")}
        audit.record(
            connection, at, actor=moderator, action="remove rule", subject=f"site {row['site'] or '*'}", detail=detail
        )


def _check(rule: WordRule) -> None:
    if not rule.pattern.strip("* ") and not (rule.kind is RuleKind.LINK and rule.pattern.strip() == "*"):
        raise Refused("A rule needs at least one letter or sign; for links, * means any link.")
    if len(rule.pattern) > LONGEST_PATTERN:
        raise Refused(f"A rule has at most {LONGEST_PATTERN} characters.")
    if rule.kind is RuleKind.LINK and rule.pattern.strip() != "*" and not _HOST.fullmatch(rule.pattern.strip()):
        raise Refused("A link rule is a host name such as example.org, or * for any link.")
