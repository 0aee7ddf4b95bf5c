"""The requests of each path, as lines that the client sends."""

import json
import uuid
from collections.abc import Iterator
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
    users = len(world["tokens"])
    for place in range(n):
        attributes = ATTRIBUTES | ({"orders": 1000 + next(_serial)} if changed else {})
        body = {
            "userId": f"u_{place % users}",
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


def _bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def write(lines: Iterator[dict], file: Path) -> Path:
    with open(file, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    return file
