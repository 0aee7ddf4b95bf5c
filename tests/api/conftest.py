"""Calling the API as an app does."""

import json

import pytest

REGISTER = "/user/v1/user/sdk?token=true"


@pytest.fixture
def post(client):
    """Post a body (bytes as they are, else as JSON) and give back the response."""

    def call(path, body, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(path, raw, content_type="application/json", headers=headers)

    return call


@pytest.fixture
def register(post, write_key):
    """Register with the test environment's write key; the response."""

    def call(path=REGISTER, **body):
        return post(path, {"writeKey": write_key} | body)

    return call
