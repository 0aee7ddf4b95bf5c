"""The people of Brewline: who they are, and the rows that say so."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from campaigns.demo import brand
from campaigns.demo.bulk import copy_rows
from glu_admin.workspaces.models import Environment
from users.models import EndUser

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def make_people(environment: Environment, rng: Random, today: datetime) -> list[EndUser]:
    """Unsaved rows, the named people first; the same all day, for an equal rng."""
    named = [_named(*each) for each in brand.NAMED.items()]
    count = brand.PEOPLE - len(named)
    known = [_known(rng, number) for number in range(count - brand.VISITORS)]
    visitors = [_visitor(rng, number) for number in range(brand.VISITORS)]
    rows = [*named, *known, *visitors]
    joined = sorted(_joined(rng, today) for _ in rows)
    rng.shuffle(known_order := joined[len(named) :])
    return [
        _row(environment, rng, number, fields, at)
        for number, (fields, at) in enumerate(zip(rows, [*joined[: len(named)], *known_order], strict=True))
    ]


def insert_people(rows: list[EndUser]) -> None:
    """The only bulk writer of demo people: who joined first has the lowest number, as in life."""
    in_order = sorted(rows, key=lambda row: row.registered_at)
    copy_rows(in_order)


def pick[Value](rng: Random, shares: Mapping[Value, float]) -> Value:
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def _named(user_id: str, facts: tuple[str, str, str, str]) -> dict[str, Any]:
    first, last, city, plan = facts
    return {
        "user_id": user_id,
        "user_name": f"{first} {last[0]}.",
        "email": f"{user_id.removeprefix('u_')}@brewline.example",
        "profile": {"firstName": first, "lastName": last, "city": city, "country": "India"},
        "attributes": {"city": city, "plan": plan, "language": "en"},
    }


def _known(rng: Random, number: int) -> dict[str, Any]:
    first, last = rng.choice(brand.FIRST_NAMES), rng.choice(brand.LAST_NAMES)
    city = pick(rng, brand.CITIES)
    user_id = f"u_{18_000 + number}"
    return {
        "user_id": user_id,
        "user_name": f"{first} {last}",
        "email": f"{user_id}@people.brewline.example",
        "profile": {"firstName": first, "lastName": last, "city": city, "country": "India"},
        "attributes": {
            "city": city,
            "plan": pick(rng, brand.PLANS),
            "language": pick(rng, brand.LANGUAGES),
            "orders": int(rng.expovariate(1 / 9)),
        },
    }


def _visitor(rng: Random, number: int) -> dict[str, Any]:
    return {
        "anonymous_id": f"anon-{rng.getrandbits(64):016x}",
        "attributes": {"language": pick(rng, brand.LANGUAGES)},
    }


def _joined(rng: Random, today: datetime) -> datetime:
    """Within the last 120 days, more of them late, and on weekends twice as likely."""
    while True:
        at = today - timedelta(days=120 * (1 - rng.random() ** 0.8), seconds=rng.randrange(86_400))
        if at.weekday() >= 5 or rng.random() < 0.5:
            return at


def _row(
    environment: Environment, rng: Random, number: int, fields: dict[str, Any], joined: datetime
) -> EndUser:
    return EndUser(
        environment=environment,
        glu_id=uuid.uuid5(brand.NAMESPACE, f"person:{number}"),
        referral_code="GLU-" + "".join(rng.choices(CODE_ALPHABET, k=8)),
        device=_device(rng),
        is_demo=True,
        registered_at=joined,
        updated_at=joined,
        last_seen_at=joined,
        **fields,
    )


def _device(rng: Random) -> dict[str, str]:
    kind = pick(rng, brand.DEVICE_TYPES)
    return {
        "deviceType": kind,
        "deviceId": f"{rng.getrandbits(64):016x}",
        "appVersion": pick(rng, brand.APP_VERSIONS),
    }
