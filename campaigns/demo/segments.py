"""The segments of Brewline: by what people are, by what they do, by name and by an event."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns import publishing
from campaigns.demo import brand, calendar
from campaigns.demo.wheels import ACTOR
from campaigns.models import Campaign
from campaigns.targeting import AudienceDraft
from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces.models import Environment
from users.models import EndUser, Segment, SegmentSize
from users.segments import book, members, query, shelf
from users.segments.rule import InSegment
from users.segments.shelf import SegmentDraft

_SIZES = """
SELECT days.day, count(u.id) FROM unnest(%(days)s::date[], %(ends)s::timestamptz[]) AS days (day, before)
LEFT JOIN users_enduser u ON u.environment_id = %(environment)s AND u.merged_into_id IS NULL
    AND u.registered_at < days.before AND {rule}
GROUP BY days.day
"""


def _is(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": name, "operator": operator, "value": value}


def _ordered(operator: str, times: int, **more: Any) -> dict[str, Any]:
    did = {"event": "order_placed", "operator": operator, "value": times, "window": {"lastDays": 7}}
    return did | more


GOLD = "Gold members"
RULES = {
    GOLD: ("On the gold plan", _is("attributes.plan", "is", "gold")),
    "Mumbai and Pune regulars": (
        "Ten orders or more, in our two largest shops",
        {"all": [_is("attributes.city", "in", ["Mumbai", "Pune"]), _is("attributes.orders", "at_least", 10)]},
    ),
    "New this month": ("Say hello", _is("core.registeredAt", "in_last_days", 30)),
    "Ordered twice this week": ("Two orders in seven days", _ordered("at_least", 2)),
    "Gone quiet": (
        "Here for two months, and not seen for two weeks",
        {
            "all": [
                _is("core.registeredAt", "more_than_days_ago", 60),
                _is("core.lastSeenAt", "more_than_days_ago", 14),
                _ordered("at_most", 0),
            ]
        },
    ),
    "App needs an update": ("Below version 5.2", _is("device.appVersion", "version_less_than", "5.2.0")),
}
STAFF = "Staff and testers"
TEMPTED = "Tempted by cold brew"
ENTRY = {
    "event": "item_viewed",
    "where": [{"property": "item", "operator": "is", "value": "cold brew"}],
    "leave": {"event": "order_placed", "where": []},
    "afterDays": 7,
}


def open_doors(environment: Environment, now: datetime) -> None:
    """The segment by an event, before anything happens: who does it later is in it."""
    about = "Looked at a cold brew, and did not order yet"
    _make(environment, SegmentDraft(TEMPTED, about, kind=Segment.Kind.EVENT, entry=ENTRY), now)


def insert_segments(config: EnvironmentConfig, rows: Sequence[EndUser], now: datetime) -> None:
    """The others, once their people are there and have done what they do; and a month of sizes."""
    for name, (about, rule) in RULES.items():
        _make(config.environment, SegmentDraft(name, about, rule=rule), now)
    staff = _make(
        config.environment, SegmentDraft(STAFF, "The team's own phones", kind=Segment.Kind.STATIC), now
    )
    named = [row.pk for row in rows if row.user_id in brand.NAMED]
    members.add(staff, named, source=members.Source.HAND, why="hand", now=now)
    _aim_the_draft(config.environment)
    configs.forget()  # whose rules these are is known from now on
    fresh = configs.get(config.id) or config
    _insert_sizes(fresh, now)


def _aim_the_draft(environment: Environment) -> None:
    """What is not finished yet is for gold members: so one segment is in use."""
    draft = Campaign.objects.get(environment=environment, is_demo=True, status=Campaign.Status.DRAFT)
    gold = Segment.objects.get(environment=environment, name=GOLD)
    aimed = replace(publishing.draft_of(draft), audience=AudienceDraft(include=(gold.id,)))
    publishing.revise(draft, aimed, ACTOR)


def _make(environment: Environment, draft: SegmentDraft, now: datetime) -> Segment:
    made = shelf.create(
        environment, draft, ACTOR, is_demo=True, pk=uuid5(brand.NAMESPACE, f"segment:{draft.name}")
    )
    since = now - timedelta(days=brand.DAYS)
    Segment.objects.filter(environment=environment, id=made.id).update(created_at=since, updated_at=since)
    return made


def _insert_sizes(config: EnvironmentConfig, now: datetime) -> None:
    """Whom each would have held on each day of those who were there: a line that grows as the brand did."""
    zone = ZoneInfo(brand.TIME_ZONE)
    days = [calendar.day(now, zone, number) for number in range(brand.DAYS)]
    ends = [calendar.instant(each + timedelta(days=1), zone) for each in days]
    sizes = [
        SegmentSize(
            environment_id=config.id,
            segment_id=pk,
            day=day,
            size=size,
            counted_at=min(calendar.instant(day + timedelta(days=1), zone), now),
        )
        for pk in book.of(config).segments
        for day, size in _sizes(config, pk, {"days": days, "ends": ends}, now)
    ]
    SegmentSize.objects.bulk_create(sizes)


def _sizes(
    config: EnvironmentConfig, segment: UUID, days: dict[str, Any], now: datetime
) -> list[tuple[Any, int]]:
    rule, values = query.where(InSegment(segment), book.of(config), now=now)
    with connection.cursor() as cursor:
        cursor.execute(_SIZES.format(rule=rule), values | days | {"environment": config.id})
        found: list[tuple[Any, int]] = cursor.fetchall()
        return found
