"""What is kept of a change, and what is only named."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from tests.factories import EndUserFactory
from users.differences import Changes
from users.history import changes
from users.models import UserChange
from users.records import Record

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def known(**parts):
    plain = {part: {} for part in ("device", "profile", "identities", "attributes")}
    return Record(
        id=1,
        glu_id=uuid4(),
        user_id="u_1",
        anonymous_id=None,
        user_name="Ana",
        email=None,
        phone=None,
        referral_code="GLU-AAAAAAAA",
        referred_by=None,
        token_version=1,
        is_blocked=False,
        last_seen_at=NOW,
        **plain | parts,
    )


def test_an_attribute_is_kept_with_its_old_and_new_value():
    change = Changes(merges={"attributes": {"tier": "gold", "n": 1}}, removals={"attributes": ["old"]})

    found = changes.described(known(attributes={"tier": "silver", "old": [1, 2]}), change)

    assert found == {
        "attributes.tier": ["silver", "gold"],
        "attributes.n": [None, 1],
        "attributes.old": [[1, 2], None],
    }


def test_personal_fields_are_named_without_their_values():
    change = Changes(
        columns={"user_id": "u_1", "email": "ana@example.com", "user_name": None, "referred_by": "u_2"},
        merges={
            "profile": {"firstName": "Ana"},
            "identities": {"google_id": "g"},
            "device": {"deviceId": "d", "deviceName": "Ana's phone", "firebaseToken": "t"},
        },
        removals={"profile": ["age"], "device": ["apnsDeviceToken"]},
    )

    found = changes.described(known(profile={"age": 30}, device={"apnsDeviceToken": "x"}), change)

    assert found == dict.fromkeys(
        [
            "userId",
            "email",
            "userName",
            "referredBy",
            "profile.firstName",
            "profile.age",
            "identities.google_id",
            "device.deviceId",
            "device.deviceName",
            "device.firebaseToken",
            "device.apnsDeviceToken",
        ]
    )


def test_the_version_of_the_app_is_kept_and_a_session_is_no_change():
    change = Changes(merges={"device": {"appVersion": "2.0", "deviceType": "ios", "sessionId": "s"}})

    assert changes.described(known(device={"appVersion": "1.0"}), change) == {
        "device.appVersion": ["1.0", "2.0"],
        "device.deviceType": [None, "ios"],
    }


def test_for_somebody_new_everything_was_nothing_before():
    change = Changes(
        columns={"user_id": "u"}, merges={"attributes": {"a": False}}, removals={"attributes": ["b"]}
    )

    assert changes.described(None, change) == {"userId": None, "attributes.a": [None, False]}


@pytest.mark.parametrize("long", ["x" * 1025, ["x" * 1021]])
def test_of_a_long_value_the_beginning_is_kept(long):
    found = changes.described(None, Changes(merges={"attributes": {"a": long}}))

    [old, new] = found["attributes.a"]
    assert (old, len(new), new[-1]) == (None, 201, "…")


def test_an_attribute_with_a_hostile_name_is_only_a_name():
    name = "a'b\"c.d%s__e"
    found = changes.described(None, Changes(merges={"attributes": {name: 1}}))

    assert found == {f"attributes.{name}": [None, 1]}


@pytest.mark.parametrize("is_new", [True, False])
def test_the_statement_that_writes_a_person_appends_the_change(test_env, is_new):
    person = EndUserFactory(environment=test_env)
    made = person.glu_id if is_new else None
    described = {"attributes.tier": ["silver", "gold"], "email": None}

    with connection.cursor() as cursor:
        cursor.execute(
            "WITH written AS (UPDATE users_enduser SET email = 'a@b.c' WHERE id = %s RETURNING id, glu_id),"
            f" noted AS ({changes.INSERT}) SELECT id FROM written",
            [person.pk, *changes.values(test_env.id, made, source="sdk", changes=described, at=NOW)],
        )

    change = UserChange.objects.get(environment=test_env, user=person)
    assert (change.kind, change.source, change.changes, change.at) == (
        "registered" if is_new else "changed",
        "sdk",
        described,
        NOW,
    )


def test_a_rare_change_is_appended_by_its_kind(test_env):
    person = EndUserFactory(environment=test_env)

    changes.record(test_env.id, person.pk, "blocked", source="console", changes={}, at=NOW)

    assert UserChange.objects.get(user=person).kind == "blocked"
