"""Apps that call the real API, and people who leave a trace in every table."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.utils import timezone

from campaigns import entry_points
from campaigns.models import Campaign, EntryPoint
from glu_admin import config as configs
from glu_admin.webhooks import endpoints
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from tests.factories import launched_campaign
from users import people
from users.events.drain import drain
from users.models import EndUser

SUPPORT = Actor("Support")
TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1
"""


@dataclass
class App:
    """One app of one environment."""

    client: Any
    environment: Environment
    key: str

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(path, json.dumps(body), content_type="application/json", headers=headers)

    def register(self, **body: Any) -> dict[str, Any]:
        response = self.post("/user/v1/user/sdk", {"writeKey": self.key} | body)
        assert response.status_code == 200, response.content
        return orjson.loads(response.content)["data"]

    def send(self, *events: dict[str, Any]) -> Any:
        response = self.post("/server/v4", list(events), **{"X-API-KEY": self.key})
        assert response.status_code in (200, 400), response.content
        drain(now=timezone.now())
        return orjson.loads(response.content)

    def play(self, campaign: Campaign, token: str, key: str) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return self.post(f"/api/v1/campaigns/{campaign.id}/play", {}, **headers)

    def event(self, user_id: str, name: str, **properties: Any) -> dict[str, Any]:
        return {
            "event_id": f"{properties.get('mark', '')}{name}-{timezone.now().timestamp()}",
            "event_name": name,
            "user_id": user_id,
            "timestamp": (timezone.now() - timedelta(seconds=5)).isoformat(),
            "event_properties": properties,
        }


@pytest.fixture
def app(client, test_env, write_key):
    return App(client, test_env, write_key)


@pytest.fixture
def campaign(test_env):
    """Always a coupon; one endpoint hears of each."""
    endpoints.create(test_env, "https://shop.example/hooks?secret=1", ["reward.won"])
    return launched_campaign(test_env, weights=(1, 0, 0, 0), codes=50)


@pytest.fixture
def lived(app, campaign):
    """A person with a row in every table that knows people; `mark` begins every value."""

    def live(mark: str) -> EndUser:
        visitor = app.register(
            anonymousId=f"{mark}-visitor",
            deviceId=f"{mark}-old-device",
            customAttributes={"seen": f"{mark}-seen"},
        )
        app.play(campaign, visitor["token"], f"{mark}-first-key")
        app.register(userId=f"{mark}-id", userName=f"{mark}-name", email=f"{mark}@example.com")
        user = app.register(
            userId=f"{mark}-id",
            anonymousId=f"{mark}-visitor",
            phone=f"{mark}-phone",
            profile={name: f"{mark}-{name}" for name in ("firstName", "lastName", "age", "city", "country")},
            identities={name: f"{mark}-{name}" for name in ("google_id", "segment_id", "mparticle_d")},
            deviceId=f"{mark}-device",
            deviceName=f"{mark}-device-name",
            deviceType="ios",
            cookieId=f"{mark}-cookie",
            appVersion=f"{mark}-version",
            firebaseToken=f"{mark}-firebase",
            apnsDeviceToken=f"{mark}-apns",
            customAttributes={
                "tier": f"{mark}-tier",
                "likes": [f"{mark}-tea"],
                "long": f"{mark}-{'x' * 2000}",
            },
        )
        app.register(userId=f"{mark}-id", customAttributes={"tier": f"{mark}-second-tier"})
        app.register(userId=f"friend of {mark[:3]}", referredBy=f"{mark}-id")
        app.play(campaign, user["token"], f"{mark}-second-key")
        app.send(
            app.event(f"{mark}-id", "order_placed", note=f"{mark}-note", mark=mark),
            app.event(f"{mark}-visitor", "app_opened", note=f"{mark}-other-note"),
            {"user_id": f"{mark}-id", "event_name": "refused", "event_properties": f"{mark}-no-object"},
        )
        config = configs.get(app.environment.id)
        person = people.find(config, f"{mark}-id")
        point = EntryPoint.objects.create(environment=app.environment, name="Banner", visible=True)
        entry_points.mark(
            config, person, str(point.id), f"{mark}-campaign", clicked=True, complete_state_viewed=False
        )
        return EndUser.objects.get(user_id=f"{mark}-id")

    return live


def rows_with(text: str) -> dict[str, int]:
    """In how many rows of which tables a text stands, in any column."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{text}%"])
            count = cursor.fetchone()[0]
            if count:
                found[table] = count
    return found


def sums() -> dict[str, Any]:
    """What must be the same before and after an erasure."""
    statements = {
        "plays": "SELECT count(*), sum(attempt), count(reward_id) FROM campaigns_play",
        "participations": "SELECT sum(plays), sum(wins), array_agg(status ORDER BY id)"
        " FROM campaigns_participation",
        "rewards": "SELECT array_agg((id, state, pool_id, coupon_number) ORDER BY id) FROM rewards_reward",
        "ledger": "SELECT reward_type, sum(amount), count(*) FROM rewards_ledgerentry GROUP BY 1",
        "coupons": "SELECT kind, count(*) FROM rewards_couponclaim GROUP BY 1",
        "tallies": "SELECT name, total FROM users_eventtally ORDER BY 1",
        "people": "SELECT count(*) FROM users_enduser",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, statement in statements.items():
            cursor.execute(statement)
            found[name] = cursor.fetchall()
    return found
