"""The Segments tab of a person's page: which ones the person is in, with a way to each reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import timezone

from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from glu_admin.console.access import ConsoleRequest
from glu_admin.workspaces.models import Environment
from users.console import tabs
from users.models import EndUser
from users.segments import book, facts, kinds, words
from users.segments.book import SegmentEntry
from users.segments.console.checking import counted

MOST = 200


@dataclass(frozen=True)
class Place:
    """One segment as one person stands to it."""

    entry: SegmentEntry
    is_in: bool
    words: str


def register() -> None:
    tabs.register("segments", "Segments", _segments, 40)


def places(config: EnvironmentConfig, user_pk: int) -> list[Place]:
    """Those the person is in first; behaviour counted exactly, in one look at the person."""
    segments, now = book.of(config), timezone.now()
    entries = sorted(segments.segments.values(), key=lambda entry: entry.name)[:MOST]
    counting = [did for entry in entries for did in counted(entry.as_rule, segments)]
    needs = frozenset[str]().union(*(entry.needs for entry in entries))
    known = facts.load(config, [user_pk], now=now, needs=needs, counting=counting).get(user_pk)
    if known is None:
        return []
    names = {**kinds.names(config.id), **segments.names}
    found = [
        Place(
            entry,
            entry.predicate(known),
            words.sentence(entry.rule, names) if entry.rule is not None else "",
        )
        for entry in entries
    ]
    return sorted(found, key=lambda place: not place.is_in)


def _segments(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    config = configs.get(env.id)
    found = places(config, person.pk) if config and request.may("segments.people") else []
    named = (person.user_id or person.anonymous_id) if request.may("users.personal") else ""
    return render_to_string(
        "segments/person.html", {"places": found, "named": named, "kind": env.kind}, request
    )
