"""What partners forward becomes events: their documented formats, with data of our own."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.events.conftest import event
from tests.factories import EndUserFactory
from users.events.forms import Refusal, Sent
from users.events.models import Event
from users.events.sources import SOURCES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HALF_PAST_NINE = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SEGMENT = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u_1",
    "anonymousId": "a-1",
    "messageId": "m-1",
    "timestamp": "2026-11-22T09:30:00.000Z",
    "sentAt": "2026-11-22T09:30:01.000Z",
    "receivedAt": "2026-11-22T09:30:02.000Z",
    "properties": {"revenue": 25.5},
    "context": {"ip": "203.0.113.7"},
    "integrations": {},
    "version": 2,
}
CLEVERTAP = {
    "targetId": 1795339800,
    "key_values": {"event_name": "Charged", "event_id": "c-1", "timestamp": "1795339800", "store": "7"},
    "profiles": [{"identity": "u_1", "objectId": "-2ce3", "event_properties": {"Amount": 25.5}}],
}
MOENGAGE = {
    "app_name": "Brewline",
    "source": "MOENGAGE",
    "moe_request_id": "r-1",
    "events": [
        {
            "event_name": "Order Completed",
            "event_code": "order_completed",
            "event_uuid": f"m-{number}",
            "event_time": 1795339800,
            "event_type": "USER_ACTION_EVENT",
            "uid": "u_1",
            "event_attributes": {"amount": number},
            "user_attributes": {"moengage_user_id": "67404"},
            "device_attributes": {},
        }
        for number in (1, 2)
    ],
}
AMPLITUDE = {
    "$insert_id": "i-1",
    "uuid": "c1f8b6de",
    "amplitude_id": 832109487511,
    "event_type": "Order Completed",
    "event_time": "2026-11-22 09:30:00.000000",
    "user_id": "u_1",
    "device_id": "pixel-7",
    "event_properties": {"amount": 25.5},
    "user_properties": {"tier": "gold"},
}
WEBENGAGE = {
    "event_name": "order_completed",
    "category": "application",
    "event_time": "2026-11-22T09:30:00+0000",
    "user_id": "u_1",
    "license_code": "~2024b5b2",
    "event_data": {"amount": 25.5},
    "system_data": {"sdk_id": 2},
}
ONE_EACH = {
    "segment": (SEGMENT, "m-1", "Order Completed", {"revenue": 25.5}),
    "clevertap": (CLEVERTAP, "c-1", "Charged", {"store": "7", "Amount": 25.5}),
    "moengage": (MOENGAGE, "m-1", "Order Completed", {"amount": 1}),
    "amplitude": (AMPLITUDE, "i-1", "Order Completed", {"amount": 25.5}),
    "webengage": (WEBENGAGE, None, "order_completed", {"amount": 25.5}),
}


def read(slug, raw, now=NOW):
    return SOURCES[slug].read(raw, now=now)


def test_every_partner_has_its_fixture():
    assert ONE_EACH.keys() == SOURCES.keys()


@pytest.mark.parametrize("slug", ONE_EACH)
def test_an_event_of_a_partner_is_an_event_of_ours(slug):
    raw, event_id, name, properties = ONE_EACH[slug]

    sent = read(slug, raw)[0]

    assert isinstance(sent, Sent)
    assert event_id in (None, sent.event_id)
    assert (sent.name, sent.client_id, sent.properties) == (name, "u_1", properties)
    assert sent.happened_at == HALF_PAST_NINE
    assert sent.warnings == ()


@pytest.mark.parametrize("slug", ONE_EACH)
def test_the_same_delivery_again_has_the_same_ids(slug):
    raw = ONE_EACH[slug][0]

    first = [each.event_id for each in read(slug, raw)]
    again = [each.event_id for each in read(slug, raw, NOW + timedelta(hours=5))]

    assert first == again


@pytest.mark.parametrize("kind", ["identify", "page", "screen", "group", "alias"])
def test_a_call_of_segment_that_is_no_event_says_so(kind):
    refused = read("segment", {"type": kind, "userId": "u_1", "traits": {"tier": "gold"}})[0]

    assert (refused.reason, refused.field) == ("not_an_event", "type")


def test_a_visitor_of_segment_goes_by_the_anonymous_id():
    assert read("segment", SEGMENT | {"userId": None})[0].client_id == "a-1"


def test_segment_may_send_a_batch():
    assert [
        each.event_id for each in read("segment", {"batch": [SEGMENT, SEGMENT | {"messageId": "m-2"}]})
    ] == [
        "m-1",
        "m-2",
    ]


def test_clevertap_without_id_and_time_is_known_again_for_some_minutes():
    raw = CLEVERTAP | {"key_values": {"event_name": "Charged"}, "profiles": CLEVERTAP["profiles"][0]}

    first, again = read("clevertap", raw)[0], read("clevertap", raw, NOW + timedelta(seconds=30))[0]
    later = read("clevertap", raw, NOW + timedelta(hours=1))[0]

    assert first.event_id == again.event_id != later.event_id
    assert first.warnings == ("timestamp_missing", "event_id_missing")


def test_one_id_of_clevertap_for_several_people_makes_several_events():
    two = CLEVERTAP | {"profiles": [{"identity": "u_1"}, {"identity": "u_2"}]}

    assert [each.event_id for each in read("clevertap", two)] == ["c-1:u_1", "c-1:u_2"]


def test_clevertap_must_name_the_event():
    refused = read("clevertap", CLEVERTAP | {"key_values": {}})[0]

    assert (refused.reason, refused.field) == ("missing", "key_values.event_name")


def test_what_amplitude_tells_of_users_is_no_event():
    assert read("amplitude", {"user_id": "u_1", "user_properties": {}})[0].reason == "not_an_event"
    assert read("amplitude", AMPLITUDE | {"event_type": "$identify"})[0].reason == "not_an_event"


@pytest.mark.parametrize("slug", ONE_EACH)
@pytest.mark.parametrize(
    "bad", [{}, {"events": [7]}, {"batch": [None]}, {"profiles": [[]]}, {"profiles": None}, {"type": []}]
)
def test_anything_else_is_refused_and_never_a_fault(slug, bad):
    assert all(isinstance(each, Refusal) for each in read(slug, bad))


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ONE_EACH)
def test_a_receiver_answers_with_verdicts_and_names_its_partner(client, test_env, write_key, slug):
    EndUserFactory(environment=test_env, user_id="u_1")
    raw = ONE_EACH[slug][0]

    answer = client.post(
        f"/{SOURCES[slug].path}", json.dumps(raw), "application/json", headers={"X-API-KEY": write_key}
    )

    count = len(raw.get("events", [raw]))
    assert answer.status_code == 200
    assert answer.json()["data"]["accepted"] == count
    assert set(Event.objects.values_list("source", "verdict")) == {(slug, "accepted")}


@pytest.mark.django_db
def test_what_is_no_event_is_answered_200_and_kept(client, write_key):
    answer = client.post(
        "/segment/v4", '{"type": "identify"}', "application/json", headers={"X-API-KEY": write_key}
    )

    assert answer.status_code == 200
    assert answer.json()["data"]["events"][0]["reason"] == "not_an_event"
    assert Event.objects.get().verdict == "rejected"


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ONE_EACH)
@pytest.mark.parametrize("bad", [{"batch": []}, {"events": []}, {"profiles": []}])
def test_an_envelope_with_nothing_in_it_is_answered(client, write_key, slug, bad):
    answer = client.post(
        f"/{SOURCES[slug].path}", json.dumps(bad), "application/json", headers={"X-API-KEY": write_key}
    )

    assert answer.status_code in (200, 400)
    assert answer.json()["data"]["rejected"] == 1


@pytest.mark.parametrize("beside", [{"junk": "x" * 30_000}, {"key_values": {"event_name": "x" * 30_000}}])
def test_what_stands_beside_the_profiles_is_not_read_again_for_each(beside):
    refused = read("clevertap", CLEVERTAP | beside | {"profiles": [{"identity": "u_1"}] * 3})

    assert [(each.reason, each.field) for each in refused] == [("too_large", "key_values")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "envelope"), [("segment", "batch"), ("moengage", "events"), ("clevertap", "profiles")]
)
def test_events_beyond_what_a_call_may_hold_are_not_even_read(client, write_key, monkeypatch, slug, envelope):
    unread = dataclasses.replace(SOURCES[slug], read=lambda raw, now: pytest.fail("it was read"))
    monkeypatch.setitem(SOURCES, slug, unread)

    answer = client.post(
        f"/{SOURCES[slug].path}",
        json.dumps([{envelope: [{}] * 600}] * 2),
        "application/json",
        headers={"X-API-KEY": write_key},
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_many_events")
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_partner_without_headers_may_name_the_key_in_the_address(client, write_key):
    answer = client.post(f"/webengage/v4?writekey={write_key}", json.dumps(WEBENGAGE), "application/json")
    elsewhere = client.post(f"/server/v4?writekey={write_key}", json.dumps(event()), "application/json")

    assert (answer.status_code, elsewhere.status_code) == (200, 401)
