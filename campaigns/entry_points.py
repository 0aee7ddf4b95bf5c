"""Where apps show campaigns: the entry points, what people did with them, and the slots apps have.

The only writer of their states and of slots.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from campaigns import catalog, standings
from campaigns.entry_point_shapes import PLATFORMS, can_be_shown
from campaigns.models import EntryPoint, EntryPointState, Slot
from glu_admin.config import EnvironmentConfig
from users.people import Person

MOST_SLOTS = 2_000  # an environment; whoever has the public write key may report some


class UnknownEntryPoint(LookupError):
    """The environment has no entry point of this id."""


def listed(
    config: EnvironmentConfig, consumer: str, *, point_id: str = "", campaign_ids: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The visible entry points as SDKs read them; with `campaign_ids`, those that open one of them."""
    rows = EntryPoint.objects.filter(environment_id=config.id, visible=True).order_by("created_at", "id")
    return [
        _as_json(row)
        for row in rows
        # what came with the address is compared here: the database refuses to look for a NUL
        if row.consumer == consumer
        and point_id in ("", str(row.id))
        and can_be_shown(row.content)
        and (not campaign_ids or _opens(row.content, campaign_ids))
    ]


def for_person(
    config: EnvironmentConfig, person: Person, points: Sequence[dict[str, Any]], *, now: datetime
) -> list[dict[str, Any]]:
    """Those that don't only lead to campaigns which are not for this person."""
    known = catalog.of(config)
    outside = standings.why_not_each(config, known.campaigns, person.id, now=now)

    def is_shut(name: str) -> bool:
        campaign = known.by_id(name)
        return campaign is not None and bool(outside.get(campaign.id))

    return [
        point
        for point in points
        if not all(is_shut(str(each["campaignId"])) for each in point["mobile"]["content"])
    ]


def count(config: EnvironmentConfig) -> int:
    return EntryPoint.objects.filter(environment_id=config.id, visible=True).count()


def states(config: EnvironmentConfig, person: Person) -> list[dict[str, Any]]:
    """What this person did with each entry point."""
    rows = EntryPointState.objects.filter(environment_id=config.id, user_id=person.id).order_by("id")
    return [
        {
            "id": str(row.pk),
            "entrypointId": str(row.entry_point_id),
            "userId": person.user_id or person.anonymous_id,
            "campaignId": row.campaign_id,
            "client": str(config.id),
            "entryPointClicked": row.clicked,
            "entryPointCompleteStateViewed": row.complete_state_viewed,
            "v": 0,
        }
        for row in rows
    ]


def mark(
    config: EnvironmentConfig,
    person: Person,
    point_id: str,
    campaign_id: str,
    *,
    clicked: bool,
    complete_state_viewed: bool,
) -> None:
    """Note what happened; what was true once stays true. Raises UnknownEntryPoint."""
    point = _find(config, point_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO campaigns_entrypointstate AS s
                (environment_id, entry_point_id, user_id, campaign_id, clicked, complete_state_viewed)
            -- waits for a merge of the person, and then marks it for whoever that is
            SELECT u.environment_id, %s, coalesce(u.merged_into_id, u.id), %s, %s, %s
            FROM users_enduser u WHERE u.environment_id = %s AND u.id = %s FOR SHARE
            ON CONFLICT (environment_id, user_id, entry_point_id, campaign_id) DO UPDATE
            SET clicked = s.clicked OR excluded.clicked,
                complete_state_viewed = s.complete_state_viewed OR excluded.complete_state_viewed
            """,
            [point.id, campaign_id, clicked, complete_state_viewed, config.id, person.id],
        )


def record_slots(
    config: EnvironmentConfig,
    platform: str,
    names: Mapping[str, Sequence[str]],
    *,
    now: datetime | None = None,
) -> None:
    """Remember the screens, banners and embeds that an app reported."""
    rows = [
        Slot(environment_id=config.id, kind=kind, platform=platform, name=name, seen_at=now or timezone.now())
        for kind, listed in names.items()
        for name in sorted(set(listed))
    ]
    room = MOST_SLOTS - Slot.objects.filter(environment_id=config.id).count()
    if room < len(rows):
        known = {(each["kind"], each["platform"], each["name"]) for each in _slot_values(config)}
        rows = [each for each in rows if (each.kind, each.platform, each.name) in known]
    Slot.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=["seen_at"],
        unique_fields=["environment", "kind", "platform", "name"],
    )


def slots(config: EnvironmentConfig) -> dict[str, dict[str, list[str]]]:
    """All reported names by kind and platform, each kind and platform present."""
    found: dict[str, dict[str, list[str]]] = {
        str(kind): {platform: [] for platform in PLATFORMS} for kind in Slot.Kind.values
    }
    for row in _slot_values(config):
        found[row["kind"]].setdefault(row["platform"], []).append(row["name"])
    return found


def _slot_values(config: EnvironmentConfig) -> Any:
    return Slot.objects.filter(environment_id=config.id).order_by("name").values("kind", "platform", "name")


def _find(config: EnvironmentConfig, point_id: str) -> EntryPoint:
    try:
        return EntryPoint.objects.get(environment_id=config.id, id=UUID(point_id))
    except (EntryPoint.DoesNotExist, ValueError):
        raise UnknownEntryPoint(point_id) from None


def _opens(content: Mapping[str, Any], campaign_ids: Sequence[str]) -> bool:
    """Whether it opens the wallet, a page, or one of these campaigns."""
    opened = [str(each["campaignId"]) for each in content["content"]]
    return any(name == "" or name.startswith("http") or name in campaign_ids for name in opened)


def _as_json(row: EntryPoint) -> dict[str, Any]:
    return {
        "_id": str(row.id),
        "name": row.name,
        "client": str(row.environment_id),
        "consumer": row.consumer,
        "visible": row.visible,
        "createdAt": row.created_at.isoformat(),
        "updatedAt": row.updated_at.isoformat(),
        "__v": 0,
        "mobile": row.content,
    }
