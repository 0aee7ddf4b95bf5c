"""Is this person in the segment, and why: the rule line by line, with what was found."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from glu_admin.config import EnvironmentConfig
from users.models import EndUser, SegmentMember
from users.segments import book, explain, facts, kinds
from users.segments.book import Book
from users.segments.explain import Line
from users.segments.models import Segment
from users.segments.parse import leaves
from users.segments.predicate import needs
from users.segments.rule import Did, InSegment, Rule
from users.v1 import search


@dataclass(frozen=True)
class Verdict:
    """`lines` are (depth, line); empty for a list, whose members are simply in it."""

    person: EndUser
    is_in: bool
    lines: tuple[tuple[int, Line], ...]


def check(config: EnvironmentConfig, segment: Segment, named: str) -> Verdict | None:
    """None if there is no such person."""
    person = search.named(config.id, named)
    if person is None:
        return None
    entry = book.of(config).segments.get(segment.id)
    if entry is None or entry.rule is None:
        members = SegmentMember.objects.filter(environment=config.id, segment=segment, user=person)
        return Verdict(person, members.exists(), ())
    line = explained(config, entry.rule, person.pk)
    return Verdict(person, line.verdict, tuple(flat(line)))


def explained(config: EnvironmentConfig, rule: Rule, user_pk: int) -> Line:
    """The rule as this person stands to it now, behaviour counted exactly."""
    segments, now = book.of(config), timezone.now()
    counting = list(counted(rule, segments))
    known = facts.load(config, [user_pk], now=now, needs=needs(rule, segments), counting=counting)
    measured = facts.measured(config, user_pk, counting, now=now)
    names = kinds.names(config.id)
    return explain.explain(rule, known[user_pk], segments, names=names, measured=measured)


def counted(rule: Rule, segments: Book) -> Iterator[Did]:
    """Every condition on behaviour, those of the segments in it too."""
    for leaf in leaves(rule):
        if isinstance(leaf, Did):
            yield leaf
        elif isinstance(leaf, InSegment) and (entry := segments.inlined(leaf.segment)):
            yield from counted(entry.sound_rule, segments)


def flat(line: Line, depth: int = 0) -> Iterator[tuple[int, Line]]:
    yield depth, line
    for child in line.children:
        yield from flat(child, depth + 1)
