"""Merges beside plays, registrations and other merges: real connections, each order that matters."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import catalog, engine, verification
from campaigns.models import Participation, Play
from glu_admin import config
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from rewards.models import Reward
from tests.campaigns.racing import Held, lock, sessions, wait_until_blocked
from tests.factories import identity_of, launched_campaign
from users import people, registration
from users.models import EndUser, UserChange
from users.registration import register
from users.registration_form import parse

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOCK_PERSON = "SELECT id FROM users_enduser WHERE id = %s FOR NO KEY UPDATE"


@pytest.fixture
def environment(transactional_db):
    return keys.create_workspace("Brewline").environments.get(kind="test")


def say(environment, **body):
    return register(config.get(environment.id), parse(body), now=NOW).record


@pytest.fixture
def user(environment):
    return EndUser.objects.get(pk=say(environment, userId="u_1").id)


@pytest.fixture
def visitor(environment):
    return EndUser.objects.get(pk=say(environment, anonymousId="v").id)


@pytest.fixture
def both(user, visitor):
    return {"user": user, "visitor": visitor}


@pytest.fixture
def limited(environment):
    """A campaign that everybody wins, and may play once."""
    return launched_campaign(environment, weights=(1, 0, 0, 0), plays_in_all=1, now=NOW - timedelta(days=1))


def play(person, campaign, key="key-1"):
    """The answer, or the code of the refusal."""
    try:
        return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=timezone.now())
    except ApiError as refusal:
        return refusal.code


def merged_once(user):
    assert [each.holds for each in verification.run("people")] == [True] * 3
    assert [each.name for each in verification.run("plays") if not each.holds] == []
    assert EndUser.objects.filter(merged_into=user).count() == 1
    assert UserChange.objects.filter(kind="merged").count() == 1


def sign_in(environment, user_id="u_1", anonymous_id="v"):
    return say(environment, userId=user_id, anonymousId=anonymous_id)


def test_two_merges_of_one_visitor_into_two_users_at_once_one_wins(environment, user, visitor):
    other = say(environment, userId="u_2")

    with sessions(3) as (holder, first, second):
        held = Held(holder, lock(LOCK_PERSON, visitor.pk))
        answers = [first.run(sign_in, environment, "u_1"), second.run(sign_in, environment, "u_2")]
        wait_until_blocked(2)
        held.commit()
        found = [each.result(20) for each in answers]

    assert [each.user_id for each in found] == ["u_1", "u_2"]
    assert EndUser.objects.get(pk=visitor.pk).merged_into_id in (user.pk, other.id)
    assert UserChange.objects.filter(kind="merged").count() == 1


def test_the_same_merge_twice_at_once_happens_once(environment, user, visitor, limited):
    play(visitor, limited)

    with sessions(3) as (holder, first, second):
        held = Held(holder, lock(LOCK_PERSON, user.pk))
        answers = [each.run(sign_in, environment) for each in (first, second)]
        wait_until_blocked(2)
        held.commit()
        assert {each.result(20).id for each in answers} == {user.pk}

    merged_once(user)
    assert Participation.objects.get(user=user).plays == 1


@pytest.mark.parametrize("who", ["user", "visitor"])
@pytest.mark.parametrize("have_entered", [True, False])
def test_a_merge_waits_for_a_play_that_runs_and_counts_it(environment, both, limited, who, have_entered):
    user, visitor = both.values()
    if have_entered:
        opened = config.get(environment.id)
        for each in both.values():
            known = catalog.of(opened).by_id(limited.id)
            engine.opened(opened, people.load(identity_of(each)), known, now=timezone.now())

    with sessions(2) as (first, second):
        running = Held(first, lambda: play(both[who], limited))
        merge = second.run(sign_in, environment)
        wait_until_blocked()
        won = running.commit()
        merge.result(20)

    assert won["won"]
    assert play(user, limited, "again") == play(visitor, limited, "again") == "no_plays_left"
    assert play(user, limited) == play(visitor, limited) == won
    merged_once(user)
    assert (Play.objects.count(), Reward.objects.count()) == (1, 1)


@pytest.mark.parametrize("who", ["user", "visitor"])
@pytest.mark.parametrize("has_played", ["user", "visitor"])
def test_a_play_that_waits_for_a_merge_finds_the_limit_of_both(environment, both, limited, who, has_played):
    play(both[has_played], limited, "before")

    with sessions(2) as (first, second):
        merge = Held(first, lambda: sign_in(environment))
        waiting = second.run(play, both[who], limited, "during")
        if who != has_played:  # else it is refused as it was read, before there is anything to wait for
            wait_until_blocked()
        merge.commit()
        assert waiting.result(20) == "no_plays_left"

    merged_once(both["user"])
    assert (Play.objects.count(), Reward.objects.count()) == (1, 1)


def test_a_play_that_ends_before_a_merge_begins_to_wait_is_counted_once(environment, user, visitor):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0), now=NOW - timedelta(days=1))
    with sessions(3) as (first, second, third):
        plays = [first.run(play, user, campaign, "a"), second.run(play, visitor, campaign, "b")]
        merge = third.run(sign_in, environment)
        plays += [first.run(play, user, campaign, "c"), second.run(play, visitor, campaign, "d")]
        merge.result(30)
        answers = [each.result(30) for each in plays]

    assert all(each["won"] for each in answers)
    assert Participation.objects.get(user=user).plays == 4
    merged_once(user)


def test_a_merge_that_comes_to_nothing_leaves_the_play_to_the_visitor(environment, user, visitor, limited):
    with sessions(2) as (first, second):
        merge = Held(first, lambda: sign_in(environment))
        waiting = second.run(play, visitor, limited)
        wait_until_blocked()
        merge.roll_back()
        won = waiting.result(20)

    assert won["won"]
    assert EndUser.objects.get(pk=visitor.pk).merged_into_id is None
    assert Participation.objects.get().user == visitor


def test_a_registration_of_the_visitor_that_waits_for_the_merge_makes_a_new_visitor(
    environment, user, visitor
):
    with sessions(2) as (first, second):
        merge = Held(first, lambda: sign_in(environment))
        waiting = second.run(say, environment, anonymousId="v", userName="V")
        wait_until_blocked()
        merge.commit()
        new = waiting.result(20)

    assert new.id not in (user.pk, visitor.pk)
    assert EndUser.objects.get(pk=visitor.pk).user_name is None
    merged_once(user)


def test_a_registration_of_the_user_that_waits_for_the_merge_is_not_lost(environment, user, visitor):
    EndUser.objects.filter(pk=visitor.pk).update(attributes={"a": "visitor", "b": "visitor"})

    with sessions(2) as (first, second):
        merge = Held(first, lambda: sign_in(environment))
        waiting = second.run(say, environment, userId="u_1", customAttributes={"a": "user"})
        wait_until_blocked()
        merge.commit()
        waiting.result(20)

    assert EndUser.objects.get(pk=user.pk).attributes == {"a": "user", "b": "visitor"}


def test_a_user_who_is_created_while_the_visitor_signs_in_takes_the_visitor_in(environment, visitor):
    with sessions(2) as (first, second):
        new = Held(first, lambda: say(environment, userId="u_1"))
        waiting = second.run(sign_in, environment)
        wait_until_blocked()
        created = new.commit()
        found = waiting.result(20)

    assert found.id == created.id
    assert EndUser.objects.get(pk=visitor.pk).merged_into_id == created.id


def test_a_visitor_who_is_blocked_while_a_merge_waits_is_not_merged(environment, user, visitor):
    def blocked():
        with pytest.raises(ApiError) as refused:
            sign_in(environment)
        return refused.value.code

    with sessions(2) as (first, second):
        block = Held(first, lambda: registration.block(visitor, Actor("Support")))
        waiting = second.run(blocked)
        wait_until_blocked()
        block.commit()
        assert waiting.result(20) == "user_blocked"

    assert EndUser.objects.get(pk=visitor.pk).merged_into_id is None


def test_two_who_refer_each_other_at_once_one_wins(environment, user):
    say(environment, userId="u_2")

    with sessions(2) as (first, second):
        one = Held(first, lambda: say(environment, userId="u_1", referredBy="u_2"))
        waiting = second.run(say, environment, userId="u_2", referredBy="u_1")
        wait_until_blocked()
        one.commit()
        waiting.result(20)

    assert list(EndUser.objects.order_by("user_id").values_list("referred_by", flat=True)) == ["u_2", None]


def test_three_new_people_who_refer_round_at_once_leave_the_circle_open(environment):
    with sessions(4) as (holder, *others):
        held = Held(holder, lambda: say(environment, userId="u_9", referredBy="u_8"))
        answers = [
            each.run(say, environment, userId=f"u_{n}", referredBy=f"u_{(n + 1) % 3}")
            for n, each in enumerate(others)
        ]
        wait_until_blocked(3)
        held.commit()
        found = [each.result(20).referred_by for each in answers]

    assert found.count(None) == 1
    assert [each.holds for each in verification.run("people.referrals")] == [True]


def test_two_people_who_swap_their_phones_at_once_both_register(environment):
    for n in (1, 2):
        say(environment, userId=f"u_{n}", deviceId=f"d{n}", firebaseToken=f"f{n}")

    with sessions(3) as (holder, first, second):
        held = Held(holder, lock("SELECT id FROM users_enduser ORDER BY id FOR UPDATE"))
        answers = [
            first.run(say, environment, userId="u_1", deviceId="d2", firebaseToken="f2"),
            second.run(say, environment, userId="u_2", deviceId="d1", firebaseToken="f1"),
        ]
        wait_until_blocked(2)
        held.commit()
        found = [each.result(20).device for each in answers]

    assert found == [
        {"deviceId": "d2", "firebaseToken": "f2"},
        {"deviceId": "d1", "firebaseToken": "f1"},
    ]
