"""A week of what Brewline's people did, as its app and its till told it; and their devices.

Events go in through the ingest, an hour at a time, with that hour as the time of arrival. One
comes without a time, and is refused.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from campaigns.demo import brand
from campaigns.demo.bulk import copy_rows
from glu_admin.config import EnvironmentConfig
from users.events import drain, forms, ingest
from users.models import Device, EndUser

DAYS = 7
BUSY = 240  # people of whom events are told
ITEMS = {"flat white": 210, "filter coffee": 140, "cold brew": 190, "croissant": 160}


def insert_devices(rows: Sequence[EndUser]) -> None:
    """The device that each person's app named."""
    copy_rows(
        [
            Device(
                environment_id=row.environment_id,
                user_id=row.pk,
                device_id=row.device["deviceId"],
                device_type=row.device["deviceType"],
                app_version=row.device["appVersion"],
                first_seen_at=row.registered_at,
                last_seen_at=row.last_seen_at,
            )
            for row in rows
        ]
    )


def tell_events(config: EnvironmentConfig, rows: Sequence[EndUser], rng: Random, now: datetime) -> None:
    """Send the week's events, the oldest first, and hand them on at once."""
    people = [row for row in rows if row.user_id][:BUSY]
    for hour in _hours(now):
        told = list(_of_hour(people, rng, hour, now))
        read = [forms.read(raw, now=now) for raw in told]
        ingest.take(config, read, source="server", now=min(hour + timedelta(hours=1), now))
    while drain.drain(now=now):
        pass


def _hours(now: datetime) -> Iterator[datetime]:
    start = now - timedelta(days=DAYS)
    return (start + timedelta(hours=each) for each in range(DAYS * 24))


def _of_hour(
    people: Sequence[EndUser], rng: Random, hour: datetime, now: datetime
) -> Iterator[dict[str, Any]]:
    count = brand.HOURS[hour.hour] + 1
    for number in range(count):
        person = rng.choice(people)
        name, properties = _event(rng)
        moment = hour + timedelta(seconds=rng.randrange(3600))
        yield _raw(f"{hour:%m%d%H}-{number}", name, person.user_id, moment, properties)
    if now - hour <= timedelta(hours=1):
        yield _raw("partner-1", "store_visited", brand.MIA, None, {"store": "Koregaon Park"})


def _event(rng: Random) -> tuple[str, dict[str, Any]]:
    kind = rng.random()
    if kind < 0.5:
        return "app_opened", {}
    item = rng.choice(list(ITEMS))
    if kind < 0.8:
        return "item_viewed", {"item": item}
    return "order_placed", {"item": item, "amount": ITEMS[item] * rng.randint(1, 3), "currency": "INR"}


def _raw(
    number: str, name: str, user_id: str | None, at: datetime | None, properties: dict[str, Any]
) -> dict[str, Any]:
    return {
        "event_id": f"{brand.EVENT_PREFIX}{number}",
        "event_name": name,
        "user_id": user_id,
        "timestamp": at.isoformat() if at else None,
        "event_properties": properties,
    }
