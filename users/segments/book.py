"""All segments of an environment as rules see them, compiled when they are first asked for.

It hangs on the environment's configuration, so that a changed segment is a new book. What
can't be looked up by its rule, because it is a list, or can't be read, or leads back to
itself, is looked up among its members.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from glu_admin.config import EnvironmentConfig
from users.models import KeptBehaviour, Segment
from users.segments import predicate
from users.segments.parse import leaves, parse
from users.segments.rule import InSegment, Rule, RuleError

MOST_CONDITIONS = 1_000  # of a rule with all that is in it
MOST_LEVELS = 16  # of segments in segments


class _Unsound(Exception):
    """The segment leads back to itself, or to too much."""


@dataclass
class SegmentEntry:
    """One segment. `fault` says why its rule can't be followed; then its members are looked up."""

    id: UUID
    name: str
    kind: str
    data: Any = field(repr=False)
    kept: bool
    book: "Book" = field(repr=False)

    @cached_property
    def rule(self) -> Rule | None:
        """The rule as it was stored; None of a list, or if it can't be read any more."""
        try:
            return parse(self.data) if self.kind == Segment.Kind.RULES else None
        except RuleError:
            return None

    @cached_property
    def fault(self) -> str:
        if self.kind != Segment.Kind.RULES:
            return ""
        try:
            parse(self.data)
            self.size()
        except (RuleError, _Unsound) as why:
            return str(why)
        return ""

    @property
    def sound_rule(self) -> Rule:
        """The rule; raises ValueError where there is none to follow."""
        if self.rule is None or self.fault:
            raise ValueError(self.fault)
        return self.rule

    @cached_property
    def predicate(self) -> predicate.Predicate:
        return predicate.compile(self.as_rule, self.book)

    @cached_property
    def needs(self) -> frozenset[str]:
        return predicate.needs(self.as_rule, self.book)

    @property
    def as_rule(self) -> Rule:
        """The rule that is followed, or the look among its members."""
        return InSegment(self.id) if self.rule is None or self.fault else self.rule

    def size(self, path: tuple[UUID, ...] = ()) -> int:
        """How many conditions it has with all that is in it; raises _Unsound."""
        if self.id in path:
            raise _Unsound("The segment leads back to itself.")
        if len(path) >= MOST_LEVELS:
            raise _Unsound(f"Segments are in segments in more than {MOST_LEVELS} levels.")
        if self.rule is None:
            return 1
        total = sum(self.book.size_of(leaf, (*path, self.id)) for leaf in leaves(self.rule))
        if total > MOST_CONDITIONS:
            raise _Unsound(f"With the segments in it, the rule has more than {MOST_CONDITIONS:,} conditions.")
        return total

    def leads_to(self, segment: UUID) -> bool:
        """Whether it, or one that is in it, has that segment as a condition."""
        seen: set[UUID] = set()
        open_: list[SegmentEntry] = [self]
        while open_:
            rule = open_.pop().rule
            for leaf in leaves(rule) if rule else ():
                if isinstance(leaf, InSegment) and leaf.segment not in seen:
                    seen.add(leaf.segment)
                    open_ += [entry] if (entry := self.book.segments.get(leaf.segment)) else []
        return segment in seen


class Book:
    """The segments of one environment at one version, and which behaviour is kept."""

    def __init__(
        self, environment_id: UUID, zone: ZoneInfo, rows: Iterable[Segment] = (), kept: Mapping[int, str] = {}
    ) -> None:
        self.environment_id, self.zone = environment_id, zone
        self.kept_behaviour = kept  # the digests by the key of their row
        self.segments: Mapping[UUID, SegmentEntry] = {
            row.id: SegmentEntry(row.id, row.name, row.kind, row.rule, row.kept, self) for row in rows
        }

    def inlined(self, segment: UUID) -> SegmentEntry | None:
        """The segment, if its rule is to be followed; None if its members are to be looked up."""
        entry = self.segments.get(segment)
        return entry if entry and entry.rule is not None and not entry.fault else None

    def size_of(self, leaf: Rule, path: tuple[UUID, ...]) -> int:
        entry = self.segments.get(leaf.segment) if isinstance(leaf, InSegment) else None
        return entry.size(path) if entry else 1

    @property
    def names(self) -> Mapping[UUID, str]:
        return {entry.id: entry.name for entry in self.segments.values()}


def of(config: EnvironmentConfig) -> Book:
    """The book of this version of the environment, made once a process."""
    return config.part("segments", _read)


def _read(config: EnvironmentConfig) -> Book:
    segments = Segment.objects.filter(environment_id=config.id).only("id", "name", "kind", "rule", "kept")
    kept = KeptBehaviour.objects.filter(environment_id=config.id).values_list("id", "digest")
    return Book(config.id, config.zone, segments, dict(kept))
