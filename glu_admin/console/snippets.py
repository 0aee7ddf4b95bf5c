"""The requests of an app, ready to paste into a shell."""

import shlex
from dataclasses import dataclass

import orjson
from django.conf import settings
from django.http import HttpRequest

from glu_admin.api.json import dumps

ANY_CAMPAIGN = "CAMPAIGN_ID"
EVENT = {
    "event_id": "order-1042",
    "event_name": "order_placed",
    "user_id": "ada",
    "timestamp": "2026-01-31T12:00:00Z",
    "event_properties": {"amount": 120, "currency": "EUR"},
}


@dataclass(frozen=True)
class Snippet:
    title: str
    text: str


def base_url(request: HttpRequest) -> str:
    """Where apps reach this installation: GLU_PUBLIC_URL, else as this request did."""
    return str(settings.PUBLIC_URL) or request.build_absolute_uri("/").rstrip("/")


def curls(base: str, write_key: str, campaign_id: str = ANY_CAMPAIGN) -> list[Snippet]:
    """Register, load, play. The second and third read the token from the shell's TOKEN."""
    body = orjson.dumps({"userId": "ada", "writeKey": write_key, "userName": "Ada"}).decode()
    register = (
        f"curl -sS -X POST {shlex.quote(f'{base}/user/v1/user/sdk?token=true')} \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(body)}"
    )
    load = f'curl -sS {shlex.quote(f"{base}/reward/v1.1/user")} \\\n  -H "Authorization: Bearer $TOKEN"'
    play = (
        f"curl -sS -X POST {shlex.quote(f'{base}/api/v1/campaigns/{campaign_id}/play')} \\\n"
        f"  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Idempotency-Key: play-1' \\\n"
        f"  -H 'Content-Type: application/json' -d '{{}}'"
    )
    return [
        Snippet("1. Register a person; the answer holds their token", register),
        Snippet("2. Load their campaigns", load),
        Snippet("3. Play", play),
    ]


def event(base: str, write_key: str, sent: object = EVENT) -> Snippet:
    """One event of a person, as the client's server sends it."""
    body = dumps(sent).decode()
    text = (
        f"curl -sS -X POST {shlex.quote(f'{base}/server/v4')} \\\n"
        f"  -H {shlex.quote(f'X-API-KEY: {write_key}')} \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(body)}"
    )
    return Snippet("Send an event", text)
