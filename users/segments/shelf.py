"""The writer of segments: create, change, duplicate, freeze to a list, delete.

A rule is stored only if it can be read and fits what there is, and leads back to no segment
that it is in: changes of one environment's segments wait for each other. Who is in a segment
that something live uses is changed only by somebody who was shown these uses.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from glu_admin.jobs import work
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.models import Segment
from users.segments import entry, fit, parse
from users.segments.naming import free_name, written_name
from users.segments.refusals import InUseError, SegmentError, SegmentFault
from users.segments.rule import RuleError
from users.segments.uses import Use, register_use, uses_of, uses_of_all

__all__ = [
    "InUseError",
    "SegmentDraft",
    "SegmentError",
    "SegmentFault",
    "Use",
    "change",
    "create",
    "delete",
    "duplicate",
    "freeze",
    "register_use",
    "uses_of",
    "uses_of_all",
]

FILL = "segment_fill"  # the job that copies people into a list
MOST_SEGMENTS = 1_000  # an environment
Kind = Segment.Kind
_WRITTEN = ("name", "description", "rule", "entry", "notify")


@dataclass(frozen=True)
class SegmentDraft:
    """What somebody wants a segment to be: `rule` of one by rules, `entry` of one by an event."""

    name: str
    description: str = ""
    kind: str = Kind.RULES
    rule: Any = None
    entry: Any = None
    notify: bool = False


def of(segment: Segment) -> SegmentDraft:
    """The draft that a segment was made of."""
    return SegmentDraft(kind=segment.kind, **{name: getattr(segment, name) for name in _WRITTEN})


def create(
    environment: Environment,
    draft: SegmentDraft,
    actor: Actor,
    *,
    is_demo: bool = False,
    pk: UUID | None = None,
) -> Segment:
    """Raises SegmentError with every fault."""
    with _alone(environment.id):
        _make_sure_of_room(environment)
        segment = Segment(id=pk or uuid4(), environment=environment, kind=draft.kind, is_demo=is_demo)
        checked = _checked(segment, draft)
        _fill(segment, checked)
        segment.save(force_insert=True)
        told_of = {name: [None, value] for name, value in _values(checked).items() if value}
        audit.record(environment, actor, "segment.create", segment, {"kind": [None, draft.kind], **told_of})
    return segment


def change(segment: Segment, draft: SegmentDraft, actor: Actor, *, confirmed: bool = False) -> Segment:
    """What the draft says instead; raises SegmentError, or InUseError unless it is `confirmed`."""
    with _alone(segment.environment_id):
        known = _locked(segment)
        checked = _checked(known, draft)
        before, after = _values(of(known)), _values(checked)
        changes = {
            name: [before[name], after[name]] for name in _WRITTEN if not _same(before[name], after[name])
        }
        if not changes:
            return known
        if changes.keys() & {"rule", "entry"} and not confirmed:
            _ask(known)
        _fill(known, checked)
        known.version += 1
        known.updated_at = timezone.now()
        known.save(update_fields=[*_WRITTEN, "fault", "version", "updated_at"])
        audit.record(known.environment, actor, "segment.change", known, changes)
    return known


def duplicate(segment: Segment, actor: Actor, *, name: str = "") -> Segment:
    """The same under another name; of a list, with its people, whom a job copies."""
    wanted = name or free_name(segment.environment_id, f"Copy of {segment.name}")
    with transaction.atomic():
        # a rule that doesn't fit any more may be copied to be mended
        made = _copy(segment, replace(of(segment), name=wanted), actor)
        if made.kind == Kind.STATIC:
            _copy_people(segment, made, actor)
    return made


def freeze(segment: Segment, actor: Actor, *, name: str = "", now: datetime) -> Segment:
    """A list of who is in the segment now, as a job fills it; the segment itself stays as it is."""
    wanted = name or free_name(segment.environment_id, f"{segment.name} ({now:%Y-%m-%d})")
    draft = SegmentDraft(wanted, segment.description, kind=Kind.STATIC)
    with transaction.atomic():
        made = create(segment.environment, draft, actor)
        _copy_people(segment, made, actor)
    return made


def delete(segment: Segment, actor: Actor) -> None:
    """With its members and its past; raises InUseError for one that is used at all."""
    with _alone(segment.environment_id):
        known = _locked(segment)
        if uses := uses_of(known):
            raise InUseError(uses)
        told = {name: [value, None] for name, value in _values(of(known)).items() if value}
        audit.record(known.environment, actor, "segment.delete", known, told)
        with connection.cursor() as cursor:  # the keys take along what hangs on it
            cursor.execute(
                "DELETE FROM users_segment WHERE environment_id = %s AND id = %s",
                [known.environment_id, known.id],
            )


def recheck(environment: Environment) -> int:
    """Say of each segment whether its rule still fits; how many changed their mind."""
    changed = 0
    for segment in Segment.objects.filter(environment=environment, kind=Kind.RULES):
        fault = _first_fault(segment)
        if fault != segment.fault:
            rows = Segment.objects.filter(environment=environment, id=segment.id, version=segment.version)
            changed += rows.update(fault=fault)
    return changed


def _first_fault(segment: Segment) -> str:
    try:
        faults = fit.faults(parse.parse(segment.rule), segment.environment, segment=segment.id)
    except RuleError as error:
        return str(error)[:300]
    return str(faults[0])[:300] if faults else ""


@contextmanager
def _alone(environment_id: UUID) -> Iterator[None]:
    """A transaction in which nobody else writes segments of the environment."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            key = f"segments:{environment_id}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        yield


def _make_sure_of_room(environment: Environment) -> None:
    if Segment.objects.filter(environment=environment).count() >= MOST_SEGMENTS:
        told = f"There are {MOST_SEGMENTS:,} segments here, as many as there may be. Delete some first."
        raise SegmentError("name", told)


def _locked(segment: Segment) -> Segment:
    """The segment as it is now; whoever aims a campaign at it waits."""
    rows = Segment.objects.filter(environment_id=segment.environment_id, id=segment.id)
    found = rows.select_for_update(of=("self",), no_key=True).select_related("environment__workspace").first()
    if found is None:
        raise SegmentError("id", "This segment was deleted in the meantime.")
    return found


def _checked(segment: Segment, draft: SegmentDraft) -> SegmentDraft:
    """The draft as it is stored; raises SegmentError with every fault."""
    faults: list[SegmentFault] = []
    if draft.kind != segment.kind or draft.kind not in Kind.values:
        faults.append(SegmentFault("kind", f"A segment is one of {', '.join(Kind.values)}, and stays it."))
    name, wrong = written_name(segment, draft.name)
    faults += [SegmentFault("name", wrong)] if wrong else []
    if len(draft.description) > 200 or "\0" in draft.description:
        faults.append(SegmentFault("description", "A description is text of up to 200 characters."))
    rule = _rule(segment, draft, faults)
    entering = _entry(draft, faults)
    if faults:
        raise SegmentError.of(faults)
    return replace(draft, name=name, description=draft.description.strip(), rule=rule, entry=entering)


def _rule(segment: Segment, draft: SegmentDraft, faults: list[SegmentFault]) -> Any:
    if draft.kind != Kind.RULES:
        faults += [SegmentFault("rule", "Only a segment by rules has a rule.")] if draft.rule else []
        return None
    if segment.rule is not None and _same(draft.rule, segment.rule):
        return segment.rule  # of which may be said that it doesn't fit any more, and no harm is done
    try:
        rule = parse.parse(draft.rule)
        faults += _at("rule", fit.faults(rule, segment.environment, segment=segment.id))
        return parse.dump(rule)
    except RuleError as error:
        faults += _at("rule", [error])
        return None


def _entry(draft: SegmentDraft, faults: list[SegmentFault]) -> Any:
    if draft.kind != Kind.EVENT:
        faults += [SegmentFault("entry", "Only a segment by an event has an entry.")] if draft.entry else []
        return None
    try:
        return entry.dump(entry.parse(draft.entry))
    except RuleError as error:
        faults.append(SegmentFault(error.path, error.message))
        return None


def _at(place: str, errors: Iterable[RuleError]) -> list[SegmentFault]:
    return [SegmentFault(f"{place}.{each.path}".rstrip("."), each.message) for each in errors]


def _values(draft: SegmentDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _WRITTEN}


def _fill(segment: Segment, checked: SegmentDraft) -> None:
    if not _same(segment.rule, checked.rule):
        segment.fault = ""
    for name, value in _values(checked).items():
        setattr(segment, name, value)


def _same(one: Any, other: Any) -> bool:
    """As JSON has it: for Python, true is 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _ask(segment: Segment) -> None:
    live = [use for use in uses_of(segment) if use.is_live]
    if live:
        raise InUseError(live, is_asked=True)


def _copy(segment: Segment, draft: SegmentDraft, actor: Actor) -> Segment:
    with _alone(segment.environment_id):
        _make_sure_of_room(segment.environment)
        made = Segment(
            environment=segment.environment, kind=segment.kind, rule=segment.rule, fault=segment.fault
        )
        _fill(made, _checked(made, draft))
        made.save(force_insert=True)
        origin = {"from": [None, str(segment.id)], "name": [None, made.name]}
        audit.record(segment.environment, actor, "segment.duplicate", made, origin)
    return made


def _copy_people(segment: Segment, made: Segment, actor: Actor) -> None:
    options: dict[str, object] = {"segment": str(made.id), "from": str(segment.id)}
    work.create(segment.environment, FILL, options=options, actor=actor)
