"""Where a segment is used: in campaigns, in other segments, in whatever else registers itself.

A use is live if somebody out there sees something by it now; a segment within a segment is
used as the outer one is.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from users.models import Segment


@dataclass(frozen=True, slots=True)
class Use:
    """`kind` is campaign, segment…; `id` and `name` are those of the user of the segment."""

    kind: str
    id: UUID
    name: str
    is_live: bool


Uses = Mapping[UUID, list[Use]]
FindUses = Callable[[UUID, Collection[UUID]], Uses]  # (environment, segments): the uses of each

_registered: list[FindUses] = []


def register_use(find: FindUses) -> None:
    """Say who else uses segments; call it from AppConfig.ready()."""
    _registered.append(find)


def uses_of(segment: Segment) -> list[Use]:
    """Where one segment is used, the live uses first."""
    return uses_of_all(segment.environment_id, [segment.id])[segment.id]


def uses_of_all(environment_id: UUID, segments: Collection[UUID]) -> Uses:
    """The same for many, each with its list."""
    outer = _outer(environment_id)
    wanted, around = set(segments), set(segments)
    while more := {each.id for pk in around for each in outer.get(pk, ())} - wanted:
        wanted, around = wanted | more, more
    direct: dict[UUID, list[Use]] = {pk: [] for pk in wanted}
    for find in _registered:
        for pk, uses in find(environment_id, wanted).items():
            direct[pk] += uses
    return {pk: sorted(_all(pk, direct, outer), key=lambda use: not use.is_live) for pk in segments}


def _all(pk: UUID, direct: Uses, outer: Mapping[UUID, list[Segment]]) -> list[Use]:
    within = [
        Use("segment", each.id, each.name, _is_live(each.id, direct, outer, {pk}))
        for each in outer.get(pk, ())
    ]
    return [*direct[pk], *within]


def _is_live(pk: UUID, direct: Uses, outer: Mapping[UUID, list[Segment]], seen: set[UUID]) -> bool:
    if pk in seen:  # which no rule that was stored here can make, but an older version's might
        return False
    seen.add(pk)
    return any(use.is_live for use in direct[pk]) or any(
        _is_live(each.id, direct, outer, seen) for each in outer.get(pk, ())
    )


def _outer(environment_id: UUID) -> dict[UUID, list[Segment]]:
    """By each segment, those whose rules ask for it."""
    found: dict[UUID, list[Segment]] = {}
    rules = Segment.objects.filter(environment_id=environment_id, rule__isnull=False)
    for segment in rules.only("id", "name", "rule").order_by("name"):
        for pk in set(segments_in(segment.rule)):
            found.setdefault(pk, []).append(segment)
    return found


def segments_in(rule: Any) -> Iterator[UUID]:
    """The segments that a rule asks for; also of one that can't be read any more."""
    if isinstance(rule, list):
        for each in rule:
            yield from segments_in(each)
    elif isinstance(rule, dict):
        try:
            yield UUID(rule["segment"])
        except (KeyError, TypeError, ValueError, AttributeError):
            for each in rule.values():
                yield from segments_in(each)
