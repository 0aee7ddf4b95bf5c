"""Who is to be looked at anew, because of what may have let them into a kept segment, or out of one.

A registration leaves a check of whom it changed, if a kept segment reads what changed; so do
changes of lists. keeping.py looks within a second. Where nothing is kept, nothing is written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from users.differences import Changes
from users.segments import book as books
from users.segments import fields
from users.segments.book import Book
from users.segments.parse import leaves
from users.segments.rule import Condition, Field, InSegment, Rule

# Something changed: due at once, and before what is due by time alone.
AT_ONCE = "'epoch'::timestamptz"
_COLUMNS = {core.column: name for name, core in fields.CORE.items()}
UPSERT = """
    ON CONFLICT (environment_id, user_id) DO UPDATE SET due_at = excluded.due_at
    WHERE users_segmentcheck.due_at > excluded.due_at
"""
# of a registration: the person of the CTE `written`
INSERT = (
    "INSERT INTO users_segmentcheck (environment_id, user_id, due_at)"
    f" SELECT written.environment_id, written.id, {AT_ONCE} FROM written {UPSERT}"
)
# The people first, as a registration has them: a new check waits for whoever changes its person.
_MARK = f"""
WITH people AS MATERIALIZED (
    SELECT id FROM users_enduser WHERE environment_id = %(environment)s AND id = ANY(%(users)s::bigint[])
    ORDER BY id FOR KEY SHARE
)
INSERT INTO users_segmentcheck (environment_id, user_id, due_at)
SELECT %(environment)s, id, {AT_ONCE} FROM people ORDER BY id {UPSERT}
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the kept segments of an environment read: fields by source and key, and other needs."""

    fields: frozenset[tuple[str, str]] = frozenset()
    needs: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.needs)

    def reads(self, change: Changes, *, is_new: bool, is_seen: bool) -> bool:
        """Whether a registration that makes this change may move the person."""
        if is_new:
            return bool(self)
        if is_seen and ("core", "lastSeenAt") in self.fields:
            return True
        changed = {("core", _COLUMNS[column]) for column in change.columns if column in _COLUMNS}
        for part in change.parts:
            keys = (*change.merges.get(part, ()), *change.removals.get(part, ()))
            changed.update((part, key) for key in keys)
        return not changed.isdisjoint(self.fields)


NOTHING = Watched()


def watched(config: EnvironmentConfig) -> Watched:
    """Made once for each version of the environment."""
    return config.part("segment_checks", _watched)


def _watched(config: EnvironmentConfig) -> Watched:
    book = books.of(config)
    kept = [entry for entry in book.segments.values() if entry.kept and book.inlined(entry.id)]
    conditions = [leaf for entry in kept for leaf in expanded(entry.sound_rule, book)]
    if not kept:
        return NOTHING
    return Watched(
        frozenset((leaf.source, leaf.key) for leaf in conditions if isinstance(leaf, Field)),
        frozenset({"kept"}.union(*(entry.needs for entry in kept))),
    )


def expanded(rule: Rule, book: Book) -> Iterable[Condition]:
    """All conditions of a rule and of the segments in it."""
    for leaf in leaves(rule):
        entry = book.inlined(leaf.segment) if isinstance(leaf, InSegment) else None
        if entry is None:
            yield leaf
        else:
            yield from expanded(entry.sound_rule, book)


def asked_by_members(environment_id: UUID) -> bool:
    """Whether a kept segment reads who is in others."""
    config = configs.get(environment_id)
    return config is not None and "memberships" in watched(config).needs


def mark(config: EnvironmentConfig, user_pks: Sequence[int], need: str = "kept") -> None:
    """Have these people looked at, if a kept segment reads such facts ("campaign", "reward", …)."""
    if user_pks and need in watched(config).needs:
        mark_in(config.id, user_pks)


def mark_about(environment_id: UUID, user_pks: Sequence[int]) -> None:
    """The same without a configuration at hand."""
    config = configs.get(environment_id)
    if config is not None:
        mark(config, user_pks)


def mark_in(environment_id: UUID, user_pks: Sequence[int]) -> None:
    """The same, whatever is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"environment": environment_id, "users": list(user_pks)})


def part(source: str, column: str, condition: str) -> str:
    """The same as a part of a larger statement, for the people of `source`, if a parameter says so."""
    return f"""
    checked AS (
        INSERT INTO users_segmentcheck (environment_id, user_id, due_at)
        SELECT %(environment)s, {column}, {AT_ONCE} FROM {source} WHERE %({condition})s
        ORDER BY {column} {UPSERT}
    )"""
