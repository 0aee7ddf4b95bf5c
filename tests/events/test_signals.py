"""What SDKs say of themselves is taken, whatever it is."""

import json

import pytest

from tests.api import decoders
from tests.factories import EndUserFactory, token_of
from users.events.models import Event, SdkSignal

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client, write_key):
    def call(body, path="/v4/sdk", **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(path, raw, "application/json", headers={"X-API-KEY": write_key} | headers)

    return call


@pytest.mark.parametrize(("path", "kind"), [("/v4/sdk", "analytics"), ("/sdk/v4", "diagnostics")])
def test_a_signal_goes_to_the_stream_of_its_kind(send, path, kind):
    content = {"event_name": "ENTRY_POINT_LOAD", "user_id": "u_1", "type": "track"}

    answer = send(content, path)

    row = SdkSignal.objects.get()
    decoders.taken(answer.status_code, answer.json())
    assert answer.json() == {
        "success": True,
        "SequenceNumber": str(row.id),
        "ShardId": "shardId-000000000000",
        "data": {"accepted": 1},
    }
    assert (row.kind, row.name, row.client_id, row.content) == (kind, "ENTRY_POINT_LOAD", "u_1", content)
    assert not Event.objects.exists()


def test_a_batch_is_taken(send):
    assert send([{"event_name": "A"}, {"event_name": "B"}]).json()["data"] == {"accepted": 2}


@pytest.mark.parametrize(
    "body",
    [7, None, "text", {}, {"event_name": None}, {"event_name": ["x"]}, {"a\0b": "\0"}, {"a": "x" * 50_000},
     {"event_name": "x" * 1000, "user_id": 42}, {"a": 1e300}],
)  # fmt: skip
def test_whatever_is_json_is_taken(send, body):
    assert send(body).status_code == 200
    assert len(json.dumps(SdkSignal.objects.get().content)) < 25_000


def test_what_is_not_json_is_refused(send):
    answer = send(b"nope")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_json")
    assert answer.json()["success"] is False


def test_a_token_names_whom_the_body_does_not(send, test_env):
    token = token_of(EndUserFactory(environment=test_env, user_id="u_7"))

    send({"event_name": "A"}, **{"X-GLU-AUTH": f"Bearer {token}"})
    send({"event_name": "A", "user_id": "u_1"}, **{"X-GLU-AUTH": f"Bearer {token}"})

    assert list(SdkSignal.objects.order_by("id").values_list("client_id", flat=True)) == ["u_7", "u_1"]


@pytest.mark.parametrize("header", ["Bearer nope", "nope", "Bearer "])
def test_a_token_that_is_no_good_is_passed_over(send, header):
    assert send({"event_name": "A"}, **{"X-GLU-AUTH": header}).status_code == 200


def test_a_token_of_another_environment_names_nobody(send, live_env):
    token = token_of(EndUserFactory(environment=live_env, user_id="u_7"))

    send({"event_name": "A"}, **{"X-GLU-AUTH": f"Bearer {token}"})

    assert SdkSignal.objects.get().client_id == ""
