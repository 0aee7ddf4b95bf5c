"""Events through the API: a verdict each, a row each, one statement a call. Exact JSON."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.api import decoders
from tests.events.conftest import event
from tests.factories import EndUserFactory
from users.events.models import Event, PendingEvent, SeenEvent

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNKNOWN = (
    "Nobody is registered with this id yet. The event is kept for 24 hours and counts as soon as the"
    " user registers."
)
pytestmark = pytest.mark.django_db


def fresh(client_id="u_1", **parts):
    """An event of this moment."""
    return event(client_id) | {"timestamp": timezone.now().isoformat()} | parts


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


@pytest.fixture
def send(client, write_key):
    def call(body, path="/server/v4", **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-API-KEY": write_key} | headers
        return client.post(path, raw, content_type="application/json", headers=headers)

    return call


def rows():
    return list(Event.objects.order_by("id"))


@pytest.mark.parametrize("path", ["/server/v4", "/v3/server"])
def test_an_event_of_a_known_user_is_accepted(send, person, path):
    answer = send(fresh(event_id="e-1"), path)

    row = Event.objects.get()
    decoders.taken(answer.status_code, answer.json())
    assert answer.json() == {
        "success": True,
        "SequenceNumber": str(row.id),
        "ShardId": "shardId-000000000000",
        "data": {
            "accepted": 1,
            "duplicate": 0,
            "rejected": 0,
            "events": [{"id": row.id, "eventId": "e-1", "verdict": "accepted"}],
        },
    }
    assert (row.user_id, row.verdict, row.source) == (person.pk, "accepted", "server")
    pending = PendingEvent.objects.get()
    assert (pending.shard, pending.event_id, pending.received_at) == (person.pk % 16, row.id, row.received_at)


def test_an_app_is_told_from_a_server_by_its_sdk(send, person):
    send(fresh(), **{"cg-sdk-version": "3.1.6"})

    assert Event.objects.get().source == "sdk"


def test_an_event_sent_again_is_a_duplicate_and_counts_once(send, person):
    sent = fresh()

    first, again = send(sent).json(), send(sent).json()

    assert first["data"]["accepted"] == again["data"]["duplicate"] == 1
    assert [row.verdict for row in rows()] == ["accepted", "duplicate"]
    assert PendingEvent.objects.count() == SeenEvent.objects.count() == 1


def test_an_event_twice_in_one_batch_counts_once_and_the_order_is_kept(send, person):
    one, two = fresh(), fresh()

    answer = send([one, two, one]).json()

    assert [each["verdict"] for each in answer["data"]["events"]] == ["accepted", "accepted", "duplicate"]
    assert [row.event_id for row in rows()] == [one["event_id"], two["event_id"], one["event_id"]]
    assert [each["id"] for each in answer["data"]["events"]] == [row.id for row in rows()]


def test_an_event_of_somebody_unknown_is_accepted_with_a_warning_and_waits(send, test_env):
    answer = send(fresh("stranger")).json()

    assert answer["success"] is True
    assert answer["data"]["events"][0]["verdict"] == "accepted"
    assert answer["data"]["events"][0]["warnings"] == [
        {"code": "user_unknown", "field": "user_id", "message": UNKNOWN}
    ]
    assert (Event.objects.get().verdict, Event.objects.get().user_id) == ("waiting", None)
    assert not PendingEvent.objects.exists()


def test_a_visitor_is_found_by_the_anonymous_id_and_later_as_the_user(send, test_env, person):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="a-1")
    adopted = EndUserFactory(environment=test_env, user_id="u_2", anonymous_id="a-2")
    EndUserFactory(environment=test_env, user_id=None, anonymous_id="a-3", merged_into=person, merged_at=NOW)

    send([fresh("a-1"), fresh("a-2"), fresh("a-3")])

    assert [row.user_id for row in rows()] == [visitor.pk, adopted.pk, person.pk]
    assert {row.verdict for row in rows()} == {"accepted"}


def test_nobody_is_found_in_another_environment(send, live_env):
    EndUserFactory(environment=live_env, user_id="u_1")

    send(fresh("u_1"))

    assert Event.objects.get().verdict == "waiting"


def test_the_same_event_id_may_come_in_test_and_in_live(client, test_env, live_env):
    for environment in (test_env, live_env):
        key = environment.write_keys.get().key
        answer = client.post(
            "/server/v4", json.dumps(fresh(event_id="e-1")), "application/json", headers={"X-API-KEY": key}
        )
        assert answer.json()["data"]["accepted"] == 1


def test_an_event_that_comes_alone_and_is_bad_is_refused_and_kept(send, person):
    answer = send(fresh(user_id=42, event_id="e-1"))

    row = Event.objects.get()
    body = answer.json()
    message = 'user_id must be text; put it into quotes: "user_id": "…".'
    assert answer.status_code == 400
    assert body["error"].pop("requestId")
    assert body == {
        "success": False,
        "message": message,
        "error": {"code": "wrong_type", "message": message, "field": "user_id"},
        "SequenceNumber": str(row.id),
        "ShardId": "shardId-000000000000",
        "data": {
            "accepted": 0,
            "duplicate": 0,
            "rejected": 1,
            "events": [
                {
                    "id": row.id,
                    "eventId": "e-1",
                    "verdict": "rejected",
                    "reason": "wrong_type",
                    "field": "user_id",
                    "message": message,
                }
            ],
        },
    }
    assert (row.verdict, row.reason, row.field, row.client_id) == ("rejected", "wrong_type", "user_id", "42")
    assert row.properties["user_id"] == 42


def test_a_refused_event_id_can_be_sent_again_mended(send, person):
    send(fresh(event_id="e-1", event_name=None))

    assert send(fresh(event_id="e-1")).json()["data"]["accepted"] == 1


def test_a_mixed_batch_is_answered_200_with_a_verdict_each(send, person):
    answer = send([fresh(), {"event_id": "e-2"}, 7, fresh("nobody")])

    body = answer.json()
    assert answer.status_code == 200 and body["success"] is True
    assert [each["verdict"] for each in body["data"]["events"]] == [
        "accepted", "rejected", "rejected", "accepted",
    ]  # fmt: skip
    assert (body["data"]["events"][1]["reason"], body["data"]["events"][1]["field"]) == (
        "missing",
        "event_name",
    )
    assert len(rows()) == 4


def test_a_batch_of_which_nothing_is_taken_is_refused(send, person):
    answer = send([{}, 3])

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("None of the 2 events was taken.")


def test_what_is_not_json_is_refused_and_can_be_looked_at(send, test_env):
    answer = send(b'{"event_id": ')

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_json")
    assert Event.objects.get().properties == {"cut": '{"event_id": '}


def test_always_200_changes_the_status_only(send, test_env):
    refused = send(fresh(user_id=42))
    test_env.always_200 = True
    test_env.save()

    answer = send(fresh(user_id=42))

    assert (refused.status_code, answer.status_code) == (400, 200)
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == "wrong_type"


def test_a_blocked_user_is_refused_and_the_event_can_come_again(send, person):
    person.blocked_at = NOW
    person.save()
    sent = fresh()

    answer = send(sent)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "user_blocked")
    person.blocked_at = None
    person.save()
    assert send(sent).json()["data"]["accepted"] == 1


def test_lines_and_gzip_are_taken(send, person):
    lines = b"\n".join(json.dumps(fresh()).encode() for _ in range(3))

    answer = send(gzip.compress(lines), **{"Content-Encoding": "gzip"})

    assert answer.json()["data"]["accepted"] == 3


def test_a_thousand_events_are_taken_in_one_statement(send, person):
    send(fresh())  # what a process keeps in memory is there by now
    batch = [fresh() for _ in range(1000)]

    with CaptureQueriesContext(connection) as queries:
        answer = send(batch)

    # in tests the configuration is asked for anew each time
    own = [each["sql"] for each in queries if 'FROM "workspaces_' not in each["sql"]]
    assert answer.json()["data"]["accepted"] == 1000
    assert len([sql for sql in own if "users_event" in sql]) == 1
    assert len(own) == 1


@pytest.mark.parametrize(
    "properties",
    [
        {"it's": 1, 'a "b"': 2, "a.b": 3, "%s": 4, "__class__": 5, "7": 6, "x" * 10_000: 7, "\\": 8, "{}": 9},
        {"text": 'new\nline, \ttab, \\ back, "quotes", {braces}, NULL, ключ, \N{GRINNING FACE}'},
        {"deep": [[[{"a": [1, {"b": None}]}]]], "big": 2**63, "small": -1e-20, "huge": 9e18},
    ],
)
def test_properties_are_stored_as_they_came(send, person, properties):
    send(fresh("u_1", event_properties=properties))

    assert Event.objects.get().properties == properties


@pytest.mark.parametrize("text", ["NULL", "a,b", 'a"b', "a\\b", "{a}", "ключ", "%(env)s", "'; --"])
def test_ids_and_names_are_stored_as_they_came(send, test_env, text):
    send(fresh(text, event_id=text, event_name=text))

    row = Event.objects.get()
    assert (row.event_id, row.name, row.client_id) == (text, text, text)


def test_a_wrong_key_is_refused_in_the_settled_shape(send, test_env):
    assert send(fresh(), **{"X-API-KEY": "wk_test_nope"}).json()["error"]["code"] == "key_unknown"
    assert not Event.objects.exists()


def test_a_wrong_key_runs_into_the_limit_of_its_address(send, test_env, settings):
    settings.THROTTLES = settings.THROTTLES | {"address": 2}

    answers = [send(fresh(), **{"X-API-KEY": "wk_test_nope"}).status_code for _ in range(3)]

    assert answers == [401, 401, 503]


def test_a_batch_counts_as_one_call_of_its_key(send, person, settings):
    settings.THROTTLES = settings.THROTTLES | {"key": 2, "address": 1}

    answers = [send([fresh(), fresh(), fresh()]).status_code for _ in range(3)]

    assert answers == [200, 200, 503]


def test_get_is_not_allowed(client, db):
    assert client.get("/server/v4").status_code == 405
