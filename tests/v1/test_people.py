"""People for the client's servers: found by any id, changed by the rules of register, erased for good."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from glu_admin.api import pagination
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory, token_of
from users.models import Device, EndUser, Erasure
from users.privacy import erasure
from users.v1.shapes import stamp


def listed(user):
    return {
        "gluId": str(user.glu_id),
        "userId": user.user_id,
        "anonymousId": user.anonymous_id,
        "userName": user.user_name,
        "email": user.email,
        "phone": user.phone,
        "referralCode": user.referral_code,
        "referredBy": None,
        "isTest": False,
        "blockedAt": None,
        "registeredAt": stamp(user.registered_at),
        "updatedAt": stamp(user.updated_at),
        "lastSeenAt": stamp(user.last_seen_at),
    }


@pytest.fixture
def alias(test_env, asha):
    return EndUserFactory(
        environment=test_env,
        user_id=None,
        anonymous_id="visit-9",
        merged_into=asha,
        merged_at=timezone.now(),
    )


@pytest.mark.parametrize(
    "query",
    [
        {"userId": "u_1"},
        {"email": "ASHA@example.com"},
        {"phone": "+911"},
        {"referralCode": "GLU-7Q2MXKAB"},
        {"name": "asha r"},
        {"anonymousId": "visit-9"},
        {"deviceId": "pixel-7"},
        {"userId": "u_1", "name": "ASHA"},
        {},
    ],
    ids=str,
)
def test_a_person_is_found_by_any_id_or_contact_and_never_twice(ask, test_env, asha, alias, query):
    Device.objects.create(environment=test_env, user=alias, device_id="pixel-7")

    answer = ask("get", "users", **query)

    assert (answer.status, answer.data, answer.next) == (200, [listed(asha)], None)


@pytest.mark.parametrize(
    "query",
    [
        {"userId": "U_1"},
        {"email": "asha%"},
        {"name": "a_ha"},
        {"name": "%"},
        {"userId": "' OR 1=1 --"},
        {"userId": "u_1", "phone": "+912"},
        {"deviceId": ""},
    ],
    ids=str,
)
def test_what_only_looks_like_an_id_finds_nobody(ask, asha, query):
    answer = ask("get", "users", **query)

    assert answer.status == (400 if query == {"deviceId": ""} else 200)
    assert getattr(answer, "data", []) == []


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"limit": "0"}, "limit", "min_value"),
        ({"limit": "201"}, "limit", "max_value"),
        ({"limit": "ten"}, "limit", "invalid"),
        ({"userId": "x" * 10_000}, "userId", "max_length"),
        ({"userId": "a\0b"}, "userId", "null_characters_not_allowed"),
        ({"user_id__contains": "u"}, "user_id__contains", "unknown_field"),
        ({"name": ["a", "b"]}, "name", "repeated"),
    ],
    ids=str,
)
def test_a_hostile_filter_is_refused_by_its_name(ask, asha, query, field, code):
    answer = ask("get", "users", **query)

    assert answer.status == 400
    assert answer.error["field"] == field
    assert [(each["field"], each["code"]) for each in answer.error["fields"]] == [(field, code)]


@pytest.mark.parametrize("cursor", ["zzz", "e30", "eyJpZCI6LTF9", "eyJpZCI6InguIn0", "é", "eyJpZCI6dHJ1ZX0"])
def test_a_broken_cursor_is_a_400_of_that_field(ask, asha, cursor):
    answer = ask("get", "users", cursor=cursor)

    assert (answer.status, answer.error["code"], answer.error["field"]) == (400, "cursor_broken", "cursor")


@pytest.mark.parametrize("query", [{}, {"name": "person"}], ids=str)
def test_pages_stay_put_while_people_arrive(ask, test_env, query):
    for number in range(5):
        EndUserFactory(environment=test_env, user_id=f"u_{number}", user_name=f"Person {number}")
    before = [each["userId"] for each in ask("get", "users", **query).data]

    seen, cursor = [], {}
    for arrival in range(3):
        page = ask("get", "users", limit=2, **query, **cursor)
        seen += [each["userId"] for each in page.data]
        cursor = {"cursor": page.next}
        EndUserFactory(environment=test_env, user_id=f"new_{arrival}", user_name="AAA")

    assert page.next is None
    assert seen == before


def test_a_person_is_told_whole_also_by_the_id_of_a_former_visitor(ask, asha, alias):
    whole = listed(asha) | {
        "profile": {},
        "identities": {},
        "customAttributes": {"tier": "silver"},
        "aliases": [
            {"gluId": str(alias.glu_id), "anonymousId": "visit-9", "mergedAt": stamp(alias.merged_at)}
        ],
    }

    for glu_id in (asha.glu_id, alias.glu_id):
        answer = ask("get", f"users/{glu_id}")
        assert (answer.status, answer.data) == (200, whole)
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_person_is_a_404_that_says_so(ask, live_env):
    elsewhere = EndUserFactory(environment=live_env)

    answer = ask("get", f"users/{elsewhere.glu_id}")

    assert answer.status == 404
    assert (answer.success, answer.error["code"], answer.error["field"]) == (False, "user_not_found", "gluId")


def test_a_change_follows_the_rules_of_register(ask, asha):
    answer = ask(
        "patch",
        f"users/{asha.glu_id}",
        {"email": None, "customAttributes": {"tier": "gold", "12": 1}, "profile": {"city": "Pune"}},
    )

    assert answer.status == 200
    assert (answer.data["email"], answer.data["customAttributes"]) == (None, {"tier": "gold"})
    assert answer.data["profile"] == {"city": "Pune"}
    assert [(each["field"], each["code"]) for each in answer.warnings] == [
        ("customAttributes.12", "attribute_name")
    ]
    change = asha.changes.get()
    assert (change.source, change.changes["attributes.tier"]) == ("api", ["silver", "gold"])


@pytest.mark.parametrize(
    ("body", "field"),
    [({"phone": 12}, "phone"), ({"userId": "u_2"}, "userId"), ({"isTest": "maybe"}, "isTest"), ([], None)],
    ids=str,
)
def test_a_wrong_change_changes_nothing(ask, asha, body, field):
    answer = ask("patch", f"users/{asha.glu_id}", body)

    assert (answer.status, answer.error.get("field")) == (400, field)
    assert EndUser.objects.get(pk=asha.pk).updated_at == asha.updated_at


def test_a_number_beyond_64_bits_is_told_everywhere(ask, asha, send):
    answer = ask("patch", f"users/{asha.glu_id}", {"customAttributes": {"distance": 1e30}})
    event = send(distance=-1e30)  # which ingest refuses, and keeps

    assert answer.data["customAttributes"]["distance"] == 1e30
    assert ask("get", f"events/{event.pk}").data["verdict"] == "rejected"
    assert ask("get", f"users/{asha.glu_id}/export").data["user"]["customAttributes"]["distance"] == 1e30
    assert ask("get", f"users/{asha.glu_id}/timeline").status == 200


def test_a_test_user_is_marked_and_audited_under_the_name_of_the_key(ask, asha):
    answer = ask("patch", f"users/{asha.glu_id}", {"isTest": True})

    assert answer.data["isTest"] is True
    assert AuditEntry.objects.get(action="user.mark_test").actor == "API key Shop"


def test_a_blocked_person_is_refused_until_unblocked(ask, client, asha):
    def wallet():
        headers = {"Authorization": f"Bearer {token_of(asha)}"}
        return client.get("/reward/v1.1/user", headers=headers).status_code

    assert ask("post", f"users/{asha.glu_id}/block").data["blockedAt"] is not None
    blocked = wallet()
    assert ask("post", f"users/{asha.glu_id}/unblock").data["blockedAt"] is None
    unblocked = wallet()
    assert ask("post", f"users/{asha.glu_id}/revoke-tokens").status == 200

    assert (blocked, unblocked, wallet()) == (403, 200, 401)


def test_devices_tell_whether_they_can_be_pushed_to_and_no_token(ask, test_env, asha, alias):
    for user, device_id in ((asha, "pixel-7"), (alias, "old-phone")):
        Device.objects.create(environment=test_env, user=user, device_id=device_id, firebase_token="push-me")
    found = Device.objects.get(device_id="pixel-7")

    answer = ask("get", f"users/{asha.glu_id}/devices")

    assert [each["deviceId"] for each in answer.data] == ["old-phone", "pixel-7"]
    assert answer.data[1] == {
        "deviceId": "pixel-7",
        "deviceType": "",
        "deviceName": "",
        "appVersion": "",
        "cookieId": "",
        "hasFirebaseToken": True,
        "hasApnsToken": False,
        "firstSeenAt": stamp(found.first_seen_at),
        "lastSeenAt": stamp(found.last_seen_at),
    }


def test_a_timeline_is_paged_and_filtered_by_kind(ask, asha, send):
    for number in range(3):
        send(amount=number)

    first = ask("get", f"users/{asha.glu_id}/timeline", kind="event", limit=2)
    second = ask("get", f"users/{asha.glu_id}/timeline", kind="event", limit=2, cursor=first.next)

    amounts = [each["detail"]["properties"]["amount"] for each in first.data + second.data]
    assert (amounts, second.next) == ([2, 1, 0], None)
    assert set(first.data[0]) == {"at", "kind", "title", "detail", "ref"}
    assert ask("get", f"users/{asha.glu_id}/timeline", kind="nothing").status == 400


def test_an_export_is_one_document_and_is_audited(ask, asha, send):
    send(amount=7)

    answer = ask("get", f"users/{asha.glu_id}/export")

    assert answer.data["user"]["email"] == "asha@example.com"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="user-{asha.glu_id}.json"'
    assert AuditEntry.objects.get(action="user.exported").actor == "API key Shop"


def test_an_erasure_gives_a_receipt_that_can_be_found_again(ask, asha):
    receipt = ask("delete", f"users/{asha.glu_id}").data

    assert receipt["actor"] == "API key Shop"
    assert ask("get", f"erasures/{receipt['id']}").data == receipt
    assert ask("get", "erasures", userId="u_1").data == [receipt]
    assert ask("get", "erasures", userId="u_2").data == []
    assert ask("get", f"users/{asha.glu_id}").status == 404
    assert ask("delete", f"users/{asha.glu_id}").status == 404


def test_receipts_of_an_id_are_paged_the_last_erasure_first(ask, test_env):
    moment = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
    for number in range(3):
        person = EndUserFactory(environment=test_env, user_id="u_7")
        # two of them in the same moment: none is told twice, none is left out
        erasure.erase(person, Actor("a test"), now=moment + timedelta(hours=number // 2))

    first = ask("get", "erasures", userId="u_7", limit=2)
    last = ask("get", "erasures", userId="u_7", limit=2, cursor=first.next)

    stored = Erasure.objects.order_by("-at", "-id").values_list("id", flat=True)
    assert [each["id"] for each in first.data + last.data] == [str(each) for each in stored]
    assert (len(first.data), last.next) == (2, None)


@pytest.mark.parametrize(
    "place",
    [
        {"id": 1},
        {"at": "soon", "id": str(UUID(int=1))},
        {"at": "2026-11-20T12:00:00", "id": str(UUID(int=1))},
        {"at": "2026-11-20T12:00:00+00:00", "id": "x"},
    ],
)
def test_a_cursor_of_another_list_is_refused_by_receipts(ask, place):
    refused = ask("get", "erasures", userId="u_7", cursor=pagination.encode(place))

    assert (refused.status, refused.error["code"]) == (400, "cursor_broken")
