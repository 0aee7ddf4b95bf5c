"""A person's page beyond the person's own tables: campaigns, rewards, the wallet's link."""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.utils import timezone

from campaigns import catalog, engine
from campaigns.console.person import lines
from campaigns.eligibility import Progress
from glu_admin import config
from glu_admin.workspaces.models import Environment
from rewards import shown
from tests.factories import EndUserFactory, identity_of, launched_campaign
from users.models import EndUser
from users.registration import register
from users.registration_form import parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def page_of(client, person, **query):
    answer = client.get(f"/c/test/users/{person.glu_id}/", query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.fixture
def winner(wheel, play):
    """Somebody who won a coupon."""
    play(wheel, "u_1")
    return EndUser.objects.get(user_id="u_1")


def test_the_campaigns_of_a_person_say_how_far_they_are_and_what_is_left(owner, winner):
    page = page_of(owner, winner, tab="campaigns")

    assert "Weekend spin" in page
    assert "In progress" in page or "Completed" in page
    assert 'aria-current="page">Campaigns' in page


def test_why_somebody_may_not_play_is_said_in_words(test_env):
    launched_campaign(test_env, name="Weekend spin", plays_in_all=3)
    [campaign] = catalog.of(config.get(test_env.id)).campaigns
    used_up = {campaign.id: Progress(status="completed", plays=10**6, plays_on_day=10**6, day=NOW.date())}

    [free] = lines([campaign], {}, {}, is_blocked=False, now=timezone.now())
    [spent] = lines([campaign], used_up, {}, is_blocked=False, now=timezone.now())
    [outside] = lines([campaign], {}, {campaign.id: "not_listed"}, is_blocked=False, now=timezone.now())
    [blocked] = lines([campaign], {}, {}, is_blocked=True, now=timezone.now())

    assert (free.state, free.why_not) == ("Not opened", "")
    assert (spent.state, spent.why_not.startswith("All plays")) == ("Completed", True)
    assert outside.why_not == "Not on the campaign's list"
    assert blocked.why_not == "The user is blocked"


def test_what_can_be_played_stands_first(test_env):
    for name in ("One", "Two", "Three"):
        launched_campaign(test_env, name=name, plays_in_all=3)
    campaigns = catalog.of(config.get(test_env.id)).campaigns
    done = {campaigns[0].id: Progress(status="completed", plays=10**6, plays_on_day=10**6)}

    told = [line.campaign.name for line in lines(campaigns, done, {}, is_blocked=False, now=timezone.now())]

    assert told[-1] == campaigns[0].name


def test_a_person_without_any_campaign_is_told_so(owner, test_env):
    page = page_of(owner, EndUserFactory(environment=test_env), tab="campaigns")

    assert "No campaign was launched in Test yet." in page


def test_the_wallet_link_opens_as_the_person(owner, winner, client, test_env):
    page = page_of(owner, winner)

    link = page.split('id="wallet"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    assert "userId=u_1" in link
    assert client.get(link).status_code in (200, 302)


def test_the_wallet_link_of_a_visitor_names_the_visitor(owner, test_env):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="a visitor")

    assert "anonymousId=a+visitor" in page_of(owner, visitor)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"allow_direct_links": False}, "Direct links with a bare user id are off in Test"),
        ({"signed_identity": "enforce"}, "Signed identity is on in Test"),
    ],
)
def test_no_wallet_link_is_given_that_would_not_open(owner, winner, test_env, change, words):
    Environment.objects.filter(pk=test_env.pk).update(**change)

    page = page_of(owner, winner)

    assert words in page
    assert 'id="wallet"' not in page


@pytest.mark.parametrize("role", ["marketer", "viewer", "developer"])
def test_who_may_not_see_ids_gets_no_link_with_one(as_role, winner, role):
    page = page_of(as_role(role), winner)

    assert "The link holds the user's id." in page
    assert "userId=" not in page


def test_the_rewards_of_a_person_tell_all_but_the_code(owner, winner, test_env):
    [reward] = shown.of_person(config.get(test_env.id), winner.pk, now=timezone.now())

    page = page_of(owner, winner, tab="rewards")

    assert reward.name in page
    assert reward.transaction_id in page
    assert f"…{reward.code[-4:]}" in page
    assert reward.code not in page


def test_who_won_nothing_is_told_so(owner, test_env):
    assert "has won nothing yet" in page_of(owner, EndUserFactory(environment=test_env), tab="rewards")


def test_a_user_is_found_by_a_coupon_code_and_by_no_part_of_it(owner, winner, test_env):
    [reward] = shown.of_person(config.get(test_env.id), winner.pk, now=timezone.now())
    address = f"/c/test/users/{winner.glu_id}/"

    assert address in owner.get("/c/test/users/", {"q": reward.code}).content.decode()
    assert address not in owner.get("/c/test/users/", {"q": reward.code[:-1]}).content.decode()
    assert address not in owner.get("/c/live/users/", {"q": reward.code}).content.decode()


def test_a_code_of_a_visitor_finds_whom_the_visitor_became(owner, wheel, test_env):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v_1")
    engine.act(identity_of(visitor), str(wheel.id), key="k", body={}, now=timezone.now())
    [reward] = shown.of_person(config.get(test_env.id), visitor.pk, now=timezone.now())
    body = {"userId": "u_2", "anonymousId": "v_1"}
    register(config.get(test_env.id), parse(body), now=timezone.now())
    user = EndUser.objects.get(user_id="u_2")

    found = owner.get("/c/test/users/", {"q": reward.code}).content.decode()

    assert f"/c/test/users/{user.glu_id}/" in found
