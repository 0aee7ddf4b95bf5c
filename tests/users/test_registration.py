"""The one writer of people: what it writes and when; and finding people again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import listening
from glu_admin import config
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from users import people, registration, statements, tokens
from users.models import EndUser
from users.registration import register
from users.registration_form import parse
from users.segments import checks

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SUPPORT = Actor("Support")


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)


def test_an_unchanged_call_is_written_down_at_most_once_an_hour(opened):
    form = parse({"userId": "u_1", "customAttributes": {"a": 1}})
    register(opened, form, now=NOW)

    early = register(opened, form, now=NOW + HOUR - timedelta(seconds=1))
    assert (early.changed, EndUser.objects.get().last_seen_at) == (False, NOW)

    late = register(opened, form, now=NOW + HOUR)
    person = EndUser.objects.get()
    assert (late.changed, person.last_seen_at, person.updated_at) == (False, NOW + HOUR, NOW)


@pytest.mark.parametrize(
    ("first", "second", "statements"),
    [
        ({"userId": "u_1", "userName": "A"}, {"userId": "u_1", "userName": "A"}, 1),
        ({"userId": "u_1", "deviceId": "d"}, {"userId": "u_1", "deviceId": "d"}, 1),
        ({"anonymousId": "v"}, {"anonymousId": "v"}, 1),
        ({"userId": "u_1", "anonymousId": "v"}, {"userId": "u_1", "anonymousId": "v"}, 1),
        ({"userId": "u_1", "referredBy": "u_0"}, {"userId": "u_1", "referredBy": "u_0"}, 1),
        ({"userId": "u_1"}, {"userId": "u_1", "customAttributes": {"a": 1}}, 2),
        ({"userId": "u_1"}, {"userId": "u_1", "deviceId": "d", "firebaseToken": "f"}, 2),
        # whoever has a new id is asked for the events that waited for it
        (None, {"userId": "u_1"}, 3),
        (None, {"anonymousId": "v"}, 3),
        ({"anonymousId": "v"}, {"anonymousId": "v", "userId": "u_1"}, 3),
        # a referrer costs a lock, a look for aliases and a walk, once
        ({"userId": "u_1"}, {"userId": "u_1", "referredBy": "u_0"}, 5),
    ],
)
def test_looking_takes_one_statement_and_writing_one_more(opened, first, second, statements):
    checks.watched(opened)  # which a process keeps in memory, like the campaigns
    listening.by_name(opened)
    if first:
        register(opened, parse(first), now=NOW)

    with CaptureQueriesContext(connection) as captured:
        register(opened, parse(second), now=NOW)

    # the test's own transaction guards a write with savepoints
    made = [each["sql"] for each in captured if "SAVEPOINT" not in each["sql"]]
    assert len(made) == statements, made


def test_registering_says_whether_the_person_is_new_and_what_changed(opened):
    new = register(opened, parse({"userId": "u_1"}), now=NOW)
    same = register(opened, parse({"userId": "u_1"}), now=NOW)
    more = register(opened, parse({"userId": "u_1", "email": "a@x.io"}), now=NOW)

    assert [(each.created, each.changed) for each in (new, same, more)] == [
        (True, True),
        (False, False),
        (False, True),
    ]


def test_a_taken_referral_code_is_drawn_again(opened, monkeypatch):
    first = register(opened, parse({"userId": "u_1"}), now=NOW).record
    drawn = iter(first.referral_code.removeprefix("GLU-") + "ZZZZZZZZ")
    monkeypatch.setattr(statements.secrets, "choice", lambda _: next(drawn))

    second = register(opened, parse({"userId": "u_2"}), now=NOW).record

    assert second.referral_code == "GLU-ZZZZZZZZ"


def test_a_blocked_person_is_refused_until_unblocked(opened, workspace):
    form = parse({"userId": "u_1"})
    registered = register(opened, form, now=NOW)
    identity = tokens.read(tokens.issue(opened, registered.subject, now=NOW), now=NOW)
    person = EndUser.objects.get()

    registration.block(person, SUPPORT, now=NOW)
    for call in (lambda: register(opened, form, now=NOW), lambda: people.load(identity)):
        with pytest.raises(ApiError) as refused:
            call()
        assert (refused.value.code, refused.value.status) == ("user_blocked", 403)

    registration.unblock(person, SUPPORT)
    assert people.load(identity).user_id == "u_1"
    assert list(AuditEntry.objects.order_by("id").values_list("action", "object_id", "changes")) == [
        ("user.block", str(person.pk), {"blocked_at": [None, "2026-11-20T12:00:00+00:00"]}),
        ("user.unblock", str(person.pk), {"blocked_at": ["2026-11-20T12:00:00+00:00", None]}),
    ]


def test_blocking_twice_is_one_entry_of_the_audit_log(opened):
    register(opened, parse({"userId": "u_1"}), now=NOW)
    person = EndUser.objects.get()

    registration.block(person, SUPPORT, now=NOW)
    registration.block(person, SUPPORT, now=NOW + HOUR)

    assert (EndUser.objects.get().blocked_at, AuditEntry.objects.count()) == (NOW, 1)


def test_revoking_a_persons_tokens_ends_the_old_ones_and_not_the_next(opened):
    form = parse({"userId": "u_1"})
    old = tokens.issue(opened, register(opened, form, now=NOW).subject, now=NOW)

    registration.revoke_tokens(EndUser.objects.get(), SUPPORT)
    new = tokens.issue(opened, register(opened, form, now=NOW).subject, now=NOW)

    with pytest.raises(Unauthorized) as refused:
        people.load(tokens.read(old, now=NOW))
    assert refused.value.code == "token_revoked"
    assert people.load(tokens.read(new, now=NOW)).user_id == "u_1"
    assert AuditEntry.objects.get().changes == {"token_version": [1, 2]}


def test_a_person_is_loaded_in_one_statement(opened, django_assert_num_queries):
    form = parse(
        {
            "userId": "u_1",
            "anonymousId": "v",
            "userName": "Asha",
            "profile": {"timezone": "Asia/Kolkata"},
            "customAttributes": {"a": [1, "b"]},
        }
    )
    registered = register(opened, form, now=NOW)
    identity = tokens.read(tokens.issue(opened, registered.subject, now=NOW), now=NOW)

    with django_assert_num_queries(1):
        person = people.load(identity)

    assert person == people.Person(
        id=registered.record.id,
        glu_id=registered.record.glu_id,
        user_id="u_1",
        anonymous_id="v",
        name="Asha",
        time_zone="Asia/Kolkata",
        token_version=1,
        is_test=False,
    )
    assert people.find(opened, "u_1") == person
    assert people.find(opened, "u_2") is None
    assert people.find(opened, "u_1\0") is None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", 5, None])
def test_a_time_zone_that_does_not_exist_is_no_time_zone(opened, zone):
    register(opened, parse({"userId": "u_1", "profile": {"timezone": zone}}), now=NOW)

    assert people.find(opened, "u_1").time_zone is None


def test_the_token_of_a_person_who_was_erased_names_nobody(opened):
    registered = register(opened, parse({"userId": "u_1"}), now=NOW)
    identity = tokens.read(tokens.issue(opened, registered.subject, now=NOW), now=NOW)
    EndUser.objects.update(user_id=None, erased_at=NOW)

    with pytest.raises(Unauthorized) as refused:
        people.load(identity)

    assert refused.value.code == "token_unknown_user"
