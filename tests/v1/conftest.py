"""Calling `/api/v1/` as a client's server does: with an API key of every scope."""

import json
from types import SimpleNamespace

import pytest
from django.utils import timezone

from glu_admin import config
from glu_admin.workspaces import keys
from tests.factories import EndUserFactory
from users.events import forms, ingest
from users.models import Event


@pytest.fixture
def secret(test_env):
    return keys.create_api_key(test_env, "Shop", list(keys.SCOPES))[1]


@pytest.fixture
def ask(client, secret):
    """Ask an address below /api/v1/; the status and the parsed answer."""

    def call(method, path, body=None, key=None, **query):
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        if query:
            sent["query_params"] = query
        headers = {"X-API-KEY": key or secret}
        answer = getattr(client, method)(f"/api/v1/{path}", headers=headers, **sent)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return SimpleNamespace(status=answer.status_code, headers=answer.headers, **json.loads(content))

    return call


@pytest.fixture
def asha(test_env):
    return EndUserFactory(
        environment=test_env,
        user_id="u_1",
        user_name="Asha Rao",
        email="asha@example.com",
        phone="+911",
        referral_code="GLU-7Q2MXKAB",
        attributes={"tier": "silver"},
    )


@pytest.fixture
def send(test_env):
    """Take an event as if an app had sent it; the row."""

    def call(name="order_placed", user_id="u_1", **properties):
        now = timezone.now()
        raw = {
            "event_id": f"e-{Event.objects.count()}",
            "event_name": name,
            "user_id": user_id,
            "timestamp": now.isoformat(),
            "event_properties": properties,
        }
        read = forms.read(raw, now=now)
        ingest.take(config.get(test_env.id), [read], source="server", now=now)
        return Event.objects.order_by("-id").first()

    return call
