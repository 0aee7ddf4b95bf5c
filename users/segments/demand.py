"""Which answers and which segments are to be kept: what something live asks for, and no more.

Behaviour that live campaigns or kept segments ask of is kept from when somebody asks; a segment
by rules is kept while webhooks are to hear who comes and goes. `watch` writes down what that is
now; filling.py then counts the past.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection, transaction

from glu_admin.config import EnvironmentConfig
from users.models import KeptBehaviour, Segment
from users.segments import behaviour_form, members
from users.segments import book as books
from users.segments.book import Book
from users.segments.checks import expanded
from users.segments.parse import digest, dump, leaves
from users.segments.rule import Did, InSegment, Rule

Demand = Callable[[EnvironmentConfig], Iterable[Rule]]

_demands: list[Demand] = []


def register_demand(demand: Demand) -> None:
    """Say which rules something live follows; call it from AppConfig.ready().

    It is asked anew for each version of an environment, so what it looks at must bump that.
    """
    _demands.append(demand)


def wanted(config: EnvironmentConfig) -> dict[str, Did]:
    """The behaviour conditions to keep, by digest."""
    book = books.of(config)
    kept = (entry.sound_rule for entry in book.segments.values() if entry.kept and book.inlined(entry.id))
    rules = [*kept, *(rule for demand in _demands for rule in demand(config))]
    asked = (leaf for rule in rules for leaf in expanded(rule, book))
    return {digest(leaf): leaf for leaf in asked if isinstance(leaf, Did)}


def watch(config: EnvironmentConfig, *, now: datetime) -> bool:
    """Write down what is to be kept from now on; whether that has changed.

    If it has, the environment has a new version, for which it is to be asked again.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # as shelf.py does
            key = f"segments:{config.id}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        # a version that was changed meanwhile is looked at when its book is here
        return _watch_segments(config, now) or _watch_behaviour(config)


def _watch_segments(config: EnvironmentConfig, now: datetime) -> bool:
    book, changed = books.of(config), False
    rows = Segment.objects.filter(environment_id=config.id, kind=Segment.Kind.RULES)
    for segment in rows.select_for_update(of=("self",), no_key=True).order_by("id"):
        entry = book.segments.get(segment.id)
        if segment.kept and not segment.notify:
            changed = True
            _let_go(segment, now)
        # of one that can't be read any more, who was in it last stays
        elif segment.notify and entry and book.inlined(segment.id) and entry.data == segment.rule:
            found = _digest_of(entry.sound_rule, book)
            if not segment.kept or found != segment.kept_digest:
                changed = True
                _keep(segment, kept=True, kept_at=now, kept_digest=found, kept_since=None)
    return changed


def _let_go(segment: Segment, now: datetime) -> None:
    members.remove(segment, why="rule", now=now, quietly=True)
    _keep(segment, kept=False, kept_at=None, kept_digest="", kept_since=None)


def _keep(segment: Segment, **values: object) -> None:
    rows = Segment.objects.filter(environment_id=segment.environment_id, id=segment.id)
    rows.update(**values)


def _digest_of(rule: Rule, book: Book) -> str:
    """Of the rule with all rules in it, and the zone of its weekdays: another is to be counted anew."""
    said: list[object] = [dump(rule), str(book.zone)]
    inner = {leaf.segment for leaf in leaves(rule) if isinstance(leaf, InSegment)}
    for segment in sorted(inner):
        entry = book.inlined(segment)
        said.append(_digest_of(entry.sound_rule, book) if entry else str(segment))
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _watch_behaviour(config: EnvironmentConfig) -> bool:
    asked = wanted(config)
    rows = KeptBehaviour.objects.filter(environment_id=config.id)
    there = set(rows.select_for_update().order_by("id").values_list("digest", flat=True))
    _forget(config.id, sorted(there - asked.keys()))
    fresh = [
        KeptBehaviour(environment_id=config.id, digest=key, condition=behaviour_form.dump(did))
        for key, did in sorted(asked.items())
        if key not in there
    ]
    KeptBehaviour.objects.bulk_create(fresh, ignore_conflicts=True)
    return there != asked.keys()


def _forget(environment_id: UUID, digests: list[str]) -> None:
    if digests:
        with connection.cursor() as cursor:  # the keys take the answers along
            cursor.execute(
                "DELETE FROM users_keptbehaviour WHERE environment_id = %s AND digest = ANY(%s)",
                [environment_id, digests],
            )
