"""The requests of each path, as lines that the client sends."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

_serial = count()
ATTRIBUTES = {
    "plan": "gold", "city": "Pune", "language": "en", "cart": 3, "orders": 12, "spent": 4210.5,
    "segment": "weekend", "vip": True, "last_item": "flat white", "store": "koregaon-park",
}  # fmt: skip
JSON = {"Content-Type": "application/json"}


def hello(n: int) -> Iterator[dict]:
    return ({"method": "GET", "path": "/hello"} for _ in range(n))


def register(n: int, path: str, world: dict, *, changed: bool) -> Iterator[dict]:
    """What an app sends at its start; changed: one of ten attributes is another each time."""
    users, step = len(world["tokens"]), world.get("step", 1)
    for place in range(n):
        attributes = ATTRIBUTES | ({"orders": 1000 + next(_serial)} if changed else {})
        body = {
            "userId": f"u_{place % users * step}",
            "writeKey": world["writeKey"],
            "userName": f"Person {place % users}",
            "email": f"person{place % users}@example.com",
            "deviceId": f"device-{place % users}",
            "deviceType": "android",
            "appVersion": "5.2.0",
            "profile": {"firstName": "Mia", "lastName": "Kapoor", "city": "Pune"},
            "customAttributes": attributes,
        }
        yield {"method": "POST", "path": path, "headers": JSON, "body": json.dumps(body)}


def wallet(n: int, path: str, world: dict) -> Iterator[dict]:
    tokens = world["tokens"]
    for place in range(n):
        yield {"method": "GET", "path": path, "headers": _bearer(tokens[place % len(tokens)])}


def play(n: int, world: dict) -> Iterator[dict]:
    tokens = world["tokens"]
    for place in range(n):
        headers = _bearer(tokens[place % len(tokens)]) | JSON | {"Idempotency-Key": str(uuid.uuid4())}
        path = f"/api/v1/campaigns/{world['campaign']}/play"
        yield {"method": "POST", "path": path, "headers": headers, "body": "{}"}


BATCH = 100


def event_body(user_id: str) -> dict:
    """What a shop's server tells of a purchase; its id comes once."""
    return {
        "event_id": str(uuid.uuid4()),
        "event_name": "purchase_completed",
        "user_id": user_id,
        "timestamp": datetime.now(UTC).isoformat(),
        "event_properties": {
            "amount": 1 + next(_serial) % 900, "currency": "INR", "items": ["flat white", "croissant"],
            "store": "koregaon-park", "first": False,
        },
    }  # fmt: skip


def event(n: int, world: dict) -> Iterator[dict]:
    return (_events(json.dumps(each), world) for each in event_bodies(n, world))


def batch(n: int, world: dict) -> Iterator[dict]:
    for _ in range(n):
        yield _events(json.dumps(list(event_bodies(BATCH, world))), world)


def event_bodies(n: int, world: dict) -> Iterator[dict]:
    """Events of one person after the other."""
    users = len(world["tokens"])
    return (event_body(f"u_{next(_serial) % users}") for _ in range(n))


def _events(body: str, world: dict) -> dict:
    return {
        "method": "POST",
        "path": "/server/v4",
        "headers": JSON | {"X-API-KEY": world["writeKey"]},
        "body": body,
    }


def _bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def write(lines: Iterator[dict], file: Path) -> Path:
    with open(file, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    return file
