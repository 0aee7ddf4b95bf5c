"""One call with both ids: the visitor is the user from then on, and what the user said counts."""

from datetime import UTC, datetime, timedelta

import pytest

from glu_admin import config
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.workspaces.audit import Actor
from tests.factories import identity_of
from users import people, registration
from users.identity import devices
from users.models import EndUser, UserChange
from users.registration import register
from users.registration_form import parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SUPPORT = Actor("Support")


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)


@pytest.fixture
def say(opened):
    def call(now=NOW, **body):
        return register(opened, parse(body), now=now)

    return call


def row(registered):
    return EndUser.objects.get(pk=registered.record.id)


def test_the_visitor_becomes_an_alias_and_the_user_stays_the_user(say):
    user, visitor = say(userId="u_1"), say(anonymousId="v")

    both = say(userId="u_1", anonymousId="v", now=NOW + timedelta(minutes=1))

    assert both.record.glu_id == user.record.glu_id
    assert (both.created, both.changed, both.record.anonymous_id) == (False, True, "v")
    alias = row(visitor)
    assert (alias.merged_into_id, alias.merged_at) == (user.record.id, NOW + timedelta(minutes=1))
    assert (alias.user_id, alias.anonymous_id) == (None, "v")


def test_the_same_call_again_changes_nothing(say):
    say(userId="u_1"), say(anonymousId="v")
    say(userId="u_1", anonymousId="v")

    again = say(userId="u_1", anonymousId="v")

    assert (again.changed, EndUser.objects.count()) == (False, 2)
    assert UserChange.objects.filter(kind="merged").count() == 1


def test_the_users_own_word_counts_and_the_visitors_fills_what_it_lacks(say):
    say(userId="u_1", userName="Asha", customAttributes={"a": 1}, profile={"city": "Pune"})
    say(
        anonymousId="v",
        userName="Somebody",
        email="v@x.io",
        customAttributes={"a": 2, "b": [3]},
        profile={"city": "Goa", "age": "30"},
        identities={"google_id": "g"},
    )

    person = row(say(userId="u_1", anonymousId="v"))

    assert (person.user_name, person.email) == ("Asha", "v@x.io")
    assert person.attributes == {"a": 1, "b": [3]}
    assert (person.profile, person.identities) == ({"city": "Pune", "age": "30"}, {"google_id": "g"})


def test_attributes_beyond_the_limit_stay_with_the_visitor(say):
    say(userId="u_1", customAttributes={f"a{n}": n for n in range(255)})
    say(anonymousId="v", customAttributes={"b": 1, "c": 2})

    person = row(say(userId="u_1", anonymousId="v"))

    assert len(person.attributes) == 256


def test_what_the_call_itself_says_comes_last(say):
    say(userId="u_1"), say(anonymousId="v", customAttributes={"a": "visitor"})

    person = row(say(userId="u_1", anonymousId="v", customAttributes={"a": "call"}))

    assert person.attributes == {"a": "call"}


def test_the_history_tells_of_the_merge_by_name_only(say):
    say(userId="u_1"), say(anonymousId="v", email="v@x.io", customAttributes={"a": 1})

    person = row(say(userId="u_1", anonymousId="v"))

    change = UserChange.objects.get(kind="merged")
    assert change.user == person
    assert change.changes == {"anonymousId": None, "email": None, "attributes.a": [None, 1]}


def test_devices_of_both_are_the_users(say, opened):
    say(userId="u_1", deviceId="pad", firebaseToken="f1")
    say(anonymousId="v", deviceId="phone", firebaseToken="f2", now=NOW + timedelta(minutes=1))

    person = row(say(userId="u_1", anonymousId="v"))

    found = devices.of(opened.id, people.ids_of(opened.id, person.pk))
    assert [each.device_id for each in found] == ["phone", "pad"]
    assert person.device == {"deviceId": "pad", "firebaseToken": "f1"}


def test_one_device_of_both_is_one(say, opened):
    say(userId="u_1"), say(anonymousId="v", deviceId="phone", firebaseToken="f")

    person = row(say(userId="u_1", anonymousId="v", deviceId="phone", firebaseToken="f"))

    found = devices.of(opened.id, people.ids_of(opened.id, person.pk))
    assert [(each.device_id, each.firebase_token) for each in found] == [("phone", "f")]


def test_the_next_visitor_of_the_device_is_somebody_new_until_signed_in(say, opened):
    say(userId="u_1"), say(anonymousId="v")
    user = row(say(userId="u_1", anonymousId="v"))

    second = say(anonymousId="v")
    assert second.created and second.record.id not in people.ids_of(opened.id, user.pk)

    say(userId="u_1", anonymousId="v")
    assert second.record.id in people.ids_of(opened.id, user.pk)


def test_the_call_with_both_ids_may_come_before_that_of_the_visitor(say, opened):
    user = row(say(userId="u_1", anonymousId="v"))
    late = say(anonymousId="v")

    say(userId="u_1", anonymousId="v")

    assert people.ids_of(opened.id, user.pk) == [user.pk, late.record.id]


def test_the_same_visitor_is_not_merged_into_a_second_user(say, opened):
    say(userId="u_1"), say(userId="u_2")
    visitor = say(anonymousId="v")
    first = row(say(userId="u_1", anonymousId="v"))

    second = row(say(userId="u_2", anonymousId="v"))

    assert row(visitor).merged_into_id == first.pk
    assert people.ids_of(opened.id, second.pk) == [second.pk]


def test_a_token_of_the_visitor_acts_as_the_user_in_one_statement(say, django_assert_num_queries):
    user, visitor = row(say(userId="u_1")), row(say(anonymousId="v"))
    say(userId="u_1", anonymousId="v")

    identity = identity_of(visitor)
    with django_assert_num_queries(1):
        person = people.load(identity)

    assert (person.id, person.user_id, person.glu_id) == (user.pk, "u_1", user.glu_id)


def test_revoking_the_users_tokens_revokes_the_visitors_too(say):
    user, visitor = row(say(userId="u_1")), row(say(anonymousId="v"))
    say(userId="u_1", anonymousId="v")

    registration.revoke_tokens(user, SUPPORT)

    for each in (user, visitor):
        each.token_version = 1
        with pytest.raises(Unauthorized) as refused:
            people.load(identity_of(each))
        assert refused.value.code == "token_revoked"


def test_tokens_that_were_revoked_as_a_visitor_stay_revoked(say):
    say(userId="u_1")
    visitor = row(say(anonymousId="v"))
    registration.revoke_tokens(visitor, SUPPORT)
    say(userId="u_1", anonymousId="v")

    visitor.token_version = 1
    with pytest.raises(Unauthorized):
        people.load(identity_of(visitor))


def test_blocking_the_user_or_one_of_the_aliases_blocks_all_of_them(say):
    user, visitor = row(say(userId="u_1")), row(say(anonymousId="v"))
    say(userId="u_1", anonymousId="v")

    for named in (user, row(say(userId="u_1"))), (visitor, None):
        registration.block(EndUser.objects.get(pk=named[0].pk), SUPPORT)
        for each in (user, visitor):
            with pytest.raises(ApiError) as refused:
                people.load(identity_of(each))
            assert refused.value.status == 403
        registration.unblock(EndUser.objects.get(pk=named[0].pk), SUPPORT)
        assert people.load(identity_of(visitor)).user_id == "u_1"


def test_a_blocked_visitor_is_not_washed_clean_by_signing_in(say):
    say(userId="u_1")
    visitor = row(say(anonymousId="v"))
    registration.block(visitor, SUPPORT)

    with pytest.raises(ApiError) as refused:
        say(userId="u_1", anonymousId="v")

    assert refused.value.code == "user_blocked"
    assert row_of(visitor).merged_into_id is None


def row_of(person):
    return EndUser.objects.get(pk=person.pk)


def test_a_test_user_is_marked_with_an_entry_in_history_and_audit_log(say):
    user = row(say(userId="u_1"))

    registration.mark_test(user, True, SUPPORT)
    registration.mark_test(user, True, SUPPORT)

    assert row_of(user).is_test
    assert UserChange.objects.get(kind="changed").changes == {"isTest": [False, True]}


def test_blocking_and_signing_out_are_in_the_persons_history(say):
    user = row(say(userId="u_1"))

    registration.block(user, SUPPORT)
    registration.unblock(user, SUPPORT)
    registration.revoke_tokens(user, SUPPORT)

    kinds = UserChange.objects.order_by("id").values_list("kind", "source")
    assert list(kinds) == [
        ("registered", "sdk"),
        ("blocked", "console"),
        ("unblocked", "console"),
        ("signed-out", "console"),
    ]


@pytest.mark.parametrize("name", ["userId", "anonymousId"])
def test_somebody_who_was_erased_and_registers_again_is_new(say, name):
    old = row(say(**{name: "x"}))
    EndUser.objects.filter(pk=old.pk).update(user_id=None, anonymous_id=None, erased_at=NOW)

    new = say(**{name: "x"})

    assert new.created and new.record.id != old.pk


def test_a_registration_tells_what_changed_where_it_came_from(say):
    say(userId="u_1", email="a@x.io", customAttributes={"tier": "silver"})
    say(userId="u_1", customAttributes={"tier": "gold"}, deviceId="d", sessionId="s")
    say(userId="u_1", sessionId="s2")

    told = UserChange.objects.order_by("id").values_list("kind", "source", "changes")
    assert list(told) == [
        ("registered", "sdk", {"userId": None, "email": None, "attributes.tier": [None, "silver"]}),
        ("changed", "sdk", {"attributes.tier": ["silver", "gold"], "device.deviceId": None}),
    ]
