"""The file with everything that is known of one person, and of nobody else."""

import os
import random
import re

import orjson
import pytest
from django.utils import timezone

from tests.factories import EndUserFactory
from tests.privacy.conftest import SUPPORT
from users.models import EndUser, SdkSignal
from users.privacy import erasure, export, parts

pytestmark = pytest.mark.django_db
PARTS = {
    "devices",
    "changes",
    "events",
    "signals",
    "rewards",
    "ledger",
    "webhooks",
    "participations",
    "plays",
    "entryPoints",
}
MANY = 200 if os.environ.get("GLU_TEST_FULL") else 60
MARKS = re.compile(r"mark\d+e")


def file_of(environment, user):
    return b"".join(export.stream(environment, user))


def document_of(environment, user):
    return orjson.loads(file_of(environment, user))


def test_everything_of_a_person_is_in_it(lived, test_env):
    user = lived("c4nary")
    SdkSignal.objects.create(
        environment=test_env, kind="diagnostics", client_id="c4nary-id", content={"error": "c4nary-error"}
    )

    document = document_of(test_env, user)

    assert document.keys() >= {"format", "environment", "user", "aliases"} | PARTS
    assert document["environment"] == {"id": str(test_env.id), "kind": "test"}
    told = file_of(test_env, user).decode()
    for word in (
        *("visitor", "old-device", "seen", "first-key", "id", "name", "phone", "firstName", "lastName"),
        *("city", "country", "google_id", "segment_id", "device", "device-name", "cookie", "version"),
        *("firebase", "apns", "tea", "second-tier", "second-key", "note", "other-note", "no-object"),
        *("campaign", "error"),
    ):
        assert f"c4nary-{word}" in told, word
    assert "c4nary@example.com" in told
    assert {part: len(document[part]) for part in PARTS} == {
        "devices": 2,
        "changes": len(document["changes"]),
        "events": 3,
        "signals": 1,
        "rewards": 2,
        "ledger": 2,
        "webhooks": 0,
        "participations": 2,
        "plays": 2,
        "entryPoints": 1,
    }


def test_the_persons_own_codes_are_readable_in_it(lived, test_env):
    document = document_of(test_env, lived("c4nary"))

    assert all(re.fullmatch(r"CODE-[0-9A-F]{12}", reward["code"]) for reward in document["rewards"])


def test_history_and_aliases_are_told_in_order(lived, test_env):
    user = lived("c4nary")

    document = document_of(test_env, user)

    assert (document["user"]["userId"], [each["anonymousId"] for each in document["aliases"]]) == (
        "c4nary-id",
        ["c4nary-visitor"],
    )
    tiers = [
        each["changes"]["attributes.tier"]
        for each in document["changes"]
        if "attributes.tier" in each["changes"]
    ]
    assert tiers == [[None, "c4nary-tier"], ["c4nary-tier", "c4nary-second-tier"]]


def test_somebody_who_never_did_anything_has_an_export_too(test_env):
    person = EndUserFactory(environment=test_env, user_id="u_1")

    document = document_of(test_env, person)

    assert {name: document[name] for name in PARTS} == {name: [] for name in PARTS}


def test_an_alias_exports_the_person_it_became(lived, test_env):
    user = lived("c4nary")
    alias = EndUser.objects.get(merged_into=user)

    assert document_of(test_env, alias) == document_of(test_env, user)


def test_a_long_past_is_read_page_by_page(lived, test_env, monkeypatch, app):
    monkeypatch.setattr(parts, "PAGE", 2)
    user = lived("c4nary")
    for number in range(5):
        app.send(app.event("c4nary-id", f"e{number}"))

    document = document_of(test_env, user)

    assert len(document["events"]) == 8
    assert [each["name"] for each in document["events"]][-5:] == [f"e{number}" for number in range(5)]
    assert len(document["changes"]) > 2


def test_what_is_left_of_an_erased_person_names_nobody(lived, test_env):
    user = lived("c4nary")
    erasure.erase(user, SUPPORT, now=timezone.now())
    user.refresh_from_db()

    told = file_of(test_env, user).decode()

    assert "c4nary" not in told
    assert len(document_of(test_env, user)["plays"]) == 2


def test_of_many_people_each_export_holds_only_the_persons_own_ids(app, campaign, test_env):
    chance = random.Random(59)  # noqa: S311  the same people each time
    marks = [f"mark{number}e" for number in range(MANY)]
    for mark in marks:
        token = app.register(**_made_up(chance, mark, marks))["token"]
        if chance.random() < 0.3:
            app.register(userId=f"{mark}-id", anonymousId=f"{mark}-visitor", email=f"{mark}@example.com")
        if chance.random() < 0.2:
            app.play(campaign, token, f"{mark}-key")
    app.send(
        *(app.event(f"{mark}-id", "order_placed", mark=mark) for mark in chance.sample(marks, MANY * 3 // 4)),
        *(app.event(f"{mark}-visitor", "app_opened", mark=mark) for mark in chance.sample(marks, MANY // 4)),
    )
    names = {str(row.glu_id): row for row in EndUser.objects.all()}

    exported = 0
    for user in EndUser.objects.filter(environment=test_env, merged_into=None):
        told = file_of(test_env, user).decode()
        own = MARKS.match(user.user_id or user.anonymous_id)[0]
        assert set(MARKS.findall(told)) == {own}
        assert {(names[each].merged_into_id or names[each].pk) for each in names if each in told} == {user.pk}
        exported += 1

    assert exported == MANY


def _made_up(chance, mark, marks):
    """Somebody with an id of either kind; some were brought by somebody else."""
    known = chance.random() < 0.6
    facts = {"userId": f"{mark}-id"} if known else {"anonymousId": f"{mark}-visitor"}
    if chance.random() < 0.3:
        facts["referredBy"] = f"{chance.choice(marks)}-id"
    return facts | {
        "deviceId": f"{mark}-device",
        "firebaseToken": f"{mark}-push",
        "customAttributes": {"a": f"{mark}-a"},
    }
