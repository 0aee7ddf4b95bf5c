"""A visitor who played and then signs in to a known user: everything counts, once, for both together."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns import engine, entry_points, merging, verification
from campaigns.eligibility import Progress
from campaigns.models import EntryPoint, EntryPointState, Participation, Play
from glu_admin import config
from glu_admin.api.errors import ApiError
from rewards import shown
from rewards.models import Reward
from tests.factories import identity_of, launched_campaign, token_of
from users import people
from users.models import EndUser
from users.registration import register
from users.registration_form import parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)


@pytest.fixture
def user(opened):
    return EndUser.objects.get(pk=register(opened, parse({"userId": "u_1"}), now=NOW).record.id)


@pytest.fixture
def visitor(opened):
    return EndUser.objects.get(pk=register(opened, parse({"anonymousId": "v"}), now=NOW).record.id)


@pytest.fixture
def sign_in(opened):
    def call(user_id="u_1", anonymous_id="v"):
        return register(opened, parse({"userId": user_id, "anonymousId": anonymous_id}), now=NOW)

    return call


def play(person, campaign, key="key-1", now=NOW):
    """The answer, or the code of the refusal."""
    try:
        return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=now)
    except ApiError as refusal:
        return refusal.code


def broken():
    return [found.name for found in verification.run() if not found.holds]


def standing_of(person):
    return (
        Participation.objects.filter(user=person).values_list("plays", "plays_on_day", "wins", "status").get()
    )


def launched(environment, **fields):
    return launched_campaign(environment, now=NOW - timedelta(hours=1), **fields)


def test_plays_and_wins_of_both_add_up(test_env, user, visitor, sign_in):
    campaign = launched(test_env, weights=(1, 0, 0, 0))
    play(user, campaign)
    play(visitor, campaign)
    play(visitor, campaign, "key-2")

    sign_in()

    assert standing_of(user) == (3, 3, 3, "in-progress")
    assert standing_of(visitor) == (2, 2, 2, "in-progress")  # as it was, out of the game
    assert broken() == []


def test_what_a_visitor_began_goes_on_for_a_user_who_never_came_here(test_env, user, visitor, sign_in):
    campaign = launched(test_env, plays_in_all=3)
    play(visitor, campaign)

    sign_in()
    answer = play(user, campaign, "key-2")

    assert answer["playsLeft"] == 1
    assert standing_of(user)[0] == 2
    assert broken() == []


def test_a_visitor_who_played_once_cannot_play_again_as_the_user(test_env, user, visitor, sign_in):
    campaign = launched(test_env, plays_in_all=1)
    play(visitor, campaign)

    sign_in()

    assert play(user, campaign, "another") == "no_plays_left"
    assert play(visitor, campaign, "another") == "no_plays_left"


def test_plays_of_one_day_add_up_and_those_of_an_older_day_do_not(test_env, user, visitor, sign_in):
    campaign = launched(test_env, plays_a_day=2)
    play(visitor, campaign, now=NOW)
    play(user, campaign, now=NOW)
    sign_in()
    assert play(user, campaign, "late", now=NOW + timedelta(hours=1)) == "no_plays_today"
    assert isinstance(play(user, campaign, "next day", now=NOW + timedelta(days=1)), dict)
    assert standing_of(user)[:2] == (3, 1)
    assert broken() == []


@pytest.mark.parametrize(
    ("user", "visitor", "both"),
    [
        (Progress("clicked"), Progress("in-progress", 1), ("in-progress", 1, 0, None, 0)),
        (Progress("completed", 2), Progress("clicked"), ("completed", 2, 0, None, 0)),
        (
            Progress("in-progress", 3, 2, date(2026, 11, 19), 1),
            Progress("in-progress", 4, 1, date(2026, 11, 20), 2),
            ("in-progress", 7, 1, date(2026, 11, 20), 3),
        ),
        (
            Progress("in-progress", 3, 2, date(2026, 11, 20), 1),
            Progress("pristine", 4, 1, date(2026, 11, 20), 2),
            ("in-progress", 7, 3, date(2026, 11, 20), 3),
        ),
        (Progress(), Progress(), ("pristine", 0, 0, None, 0)),
    ],
)
def test_the_further_status_and_the_newest_day_win(user, visitor, both):
    for first, second in ((user, visitor), (visitor, user)):
        found = merging.merged("spinthewheel", first, second)
        assert (found.status, found.plays, found.plays_on_day, found.day, found.wins) == both


def test_the_state_of_a_type_that_is_gone_is_put_together_all_the_same():
    found = merging.merged(
        "gone", Progress(state={"a": 1, "b": [1]}), Progress(state={"a": 3, "b": [], "c": "x"})
    )

    assert found.state == {"a": 3, "b": [1], "c": "x"}


def test_rewards_of_the_visitor_are_in_the_users_wallet_once(test_env, opened, user, visitor, sign_in):
    campaign = launched(test_env, weights=(1, 0, 0, 0))
    won = [play(each, campaign)["reward"]["rewardId"] for each in (visitor, user)]
    others = list(
        Reward.objects.values_list("id", "user_id", "transaction_id", "reward_user_id").order_by("id")
    )

    sign_in()

    wallet = shown.of_person(opened, user.pk, now=NOW)
    assert {str(each.id) for each in wallet} == set(won) and len(wallet) == 2
    assert {each.user_id for each in wallet} == {"u_1"}
    rows = Reward.objects.values_list("id", "user_id", "transaction_id", "reward_user_id").order_by("id")
    assert list(rows) == others  # never re-owned


def test_a_reward_won_as_a_visitor_is_seen_as_the_user(test_env, opened, user, visitor, sign_in):
    campaign = launched(test_env, weights=(1, 0, 0, 0))
    reward_id = play(visitor, campaign)["reward"]["rewardId"]
    sign_in()

    shown.mark_seen(opened, user.pk, reward_id, now=NOW)

    assert Reward.objects.get().state == "seen"


def test_a_key_that_a_visitor_used_answers_the_same_for_both_tokens(test_env, user, visitor, sign_in):
    campaign = launched(test_env, plays_in_all=1, weights=(1, 0, 0, 0))
    answer = play(visitor, campaign)
    sign_in()

    assert play(visitor, campaign) == answer
    assert play(user, campaign) == answer
    assert Play.objects.count() == 1


def test_a_key_that_both_used_answers_each_token_its_own(test_env, user, visitor, sign_in):
    campaign = launched(test_env)
    as_visitor, as_user = play(visitor, campaign), play(user, campaign)
    sign_in()

    assert play(visitor, campaign) == as_visitor
    assert play(user, campaign) == as_user
    assert as_user["playId"] != as_visitor["playId"]


def test_several_visitors_of_one_person_all_count(test_env, opened, user, sign_in):
    campaign = launched(test_env, plays_in_all=4, weights=(1, 0, 0, 0))
    for name in ("v", "w", "v"):  # the same device is a new visitor after the user signed out
        record = register(opened, parse({"anonymousId": name}), now=NOW).record
        assert isinstance(play(EndUser.objects.get(pk=record.id), campaign, f"as {name}"), dict)
        sign_in("u_1", name)

    assert isinstance(play(user, campaign), dict)
    assert play(user, campaign, "more") == "no_plays_left"
    assert len(people.ids_of(opened.id, user.pk)) == 4
    assert len(shown.of_person(opened, user.pk, now=NOW)) == 4
    assert broken() == []


def test_what_a_visitor_did_with_entry_points_is_the_users(test_env, opened, user, visitor, sign_in):
    point = EntryPoint.objects.create(environment=test_env, name="Banner")
    mark = {"clicked": True, "complete_state_viewed": False}
    entry_points.mark(opened, people.load(identity_of(visitor)), str(point.id), "c", **mark)
    entry_points.mark(
        opened, people.load(identity_of(user)), str(point.id), "c", clicked=False, complete_state_viewed=True
    )
    sign_in()

    [state] = entry_points.states(opened, people.load(identity_of(visitor)))
    assert (state["entryPointClicked"], state["entryPointCompleteStateViewed"]) == (True, True)
    assert state["userId"] == "u_1"
    assert EntryPointState.objects.filter(user=user).count() == 1


def test_the_list_of_campaigns_counts_both_and_opens_the_users_next_attempt(
    client, test_env, user, visitor, sign_in
):
    campaign = launched(test_env, weights=(1, 0, 0, 0))
    for each in (user, visitor):
        play(each, campaign)
    sign_in()

    answers = [
        client.get("/reward/v1.1/user", headers={"Authorization": f"Bearer {token_of(each)}"}).json()
        for each in (user, visitor)
    ]

    ways = [answer["campaigns"][0]["url"].partition("rewardUserId=")[2] for answer in answers]
    assert ways[0] == ways[1]
    assert [answer["defaultBanner"]["totalRewardCount"] for answer in answers] == [2, 2]
    assert [answer["campaigns"][0]["status"] for answer in answers] == ["in-progress"] * 2


def test_the_page_of_a_reward_that_the_visitor_won_still_opens(client, test_env, user, visitor, sign_in):
    campaign = launched(test_env, weights=(1, 0, 0, 0))
    play(user, campaign)
    won = play(visitor, campaign)
    sign_in()

    for each in (user, visitor):
        token = token_of(each, kind="page", now=None)
        path = f"/reward/?token={token}&rewardUserId={won['rewardUserId']}"
        page = client.get(path, follow=True)
        assert won["reward"]["code"] in page.content.decode()


def test_who_has_no_plays_left_sees_the_last_one_whoever_made_it(client, test_env, user, visitor, sign_in):
    campaign = launched(test_env, weights=(1, 0, 0, 0), plays_in_all=1)
    won = play(visitor, campaign)
    sign_in()

    page = client.get(f"/reward/?token={token_of(user)}&campaignId={campaign.id}", follow=True)

    assert won["reward"]["code"] in page.content.decode()


def test_a_direct_link_with_both_ids_links_them(client, test_env, write_key, user, visitor):
    campaign = launched(test_env, plays_in_all=1)
    play(visitor, campaign)

    page = client.get(f"/wallet/?writekey={write_key}&userId=u_1&anonymousId=v", follow=True)

    assert page.status_code == 200
    assert play(user, campaign, "again") == "no_plays_left"


def test_a_direct_link_by_the_anonymous_id_opens_no_known_users_wallet(
    client, write_key, user, visitor, sign_in
):
    sign_in()

    assert client.get(f"/wallet/?writekey={write_key}&anonymousId=v").status_code == 404
