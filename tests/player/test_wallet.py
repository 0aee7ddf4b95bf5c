"""What the wallet shows, and in which order."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import engine, publishing
from campaigns.models import Participation
from campaigns.pages import wallet
from campaigns.targeting import AudienceDraft
from glu_admin.workspaces.audit import Actor
from tests.campaigns.programs import program, send, step, work
from tests.factories import identity_of, launched_campaign
from tests.player.conftest import heading_of, key_on

pytestmark = pytest.mark.django_db
ACTOR = Actor("a test")
SETTINGS = {"title": "Two steps", "order": "free", "hours": 1, "steps": [step("order"), step("review")]}
BEGUN_LONG_AGO = {"steps": {"1": {"n": 1, "done": "2026-01-01T10:00:00+00:00"}}, "paid": ["step-1"]} | {
    "begun": "2026-01-01T09:00:00+00:00"
}


def section(page, title):
    """The tiles of one section as text: name, facts, tag."""
    found = re.search(rf"<h2 id=[^>]+>{title}</h2>(.*?)</section>", page, re.S)
    if not found:
        return None
    tiles = re.findall(r"<li class=\"tile.*?</li>", found[1], re.S)
    return [" | ".join(filter(None, map(str.strip, re.split(r"<[^>]+>", tile)))) for tile in tiles]


def test_an_empty_wallet_says_what_will_be_here(visit):
    page = visit.arrive()

    assert heading_of(page) == "Hi Mia, nothing to play right now"
    assert "Come back soon for a new game." in page
    assert section(page, "Play now") is None


def test_the_heading_counts_what_can_be_played(visit, test_env):
    launched_campaign(test_env, plays_a_day=1, ends_at=datetime(2999, 12, 5, tzinfo=UTC))
    launched_campaign(test_env, name="Lucky Tuesday", plays_in_all=3)

    page = visit.arrive()

    assert heading_of(page) == "Hi Mia, you have 2 things to play"
    assert section(page, "Play now") == [
        "Lucky Tuesday | 3 plays left | Play",
        "Autumn wheel | 1 play left today · until 4 Dec | Play",
    ]


def following(env, first, **fields):
    """A campaign that the first one opens."""
    return launched_campaign(env, earning={"after": {"campaign": str(first.id), "gives": "unlock"}}, **fields)


def test_a_locked_campaign_says_what_to_finish_first(visit, test_env, mia):
    first = launched_campaign(test_env, name="The first")
    following(test_env, first, plays_in_all=3)

    page = visit.arrive()

    assert heading_of(page) == "Hi Mia, you have 1 thing to play"
    assert section(page, "Coming up") == ["Autumn wheel | Finish | The first | first"]
    assert "Finish <bdi>The first</bdi> first" in page

    Participation.objects.create(environment=test_env, user=mia, campaign=first, status="completed")
    assert "Autumn wheel | 3 plays left | Play" in section(visit.get("/wallet/").text, "Play now")


@pytest.mark.parametrize("gone", [{"only": True}, {"paused": True}])
def test_a_locked_campaign_is_hidden_from_whoever_does_not_see_what_opens_it(visit, test_env, gone):
    audience = {"audience": AudienceDraft(only_listed=True)} if "only" in gone else {}
    first = launched_campaign(test_env, name="The first", **audience)
    second = following(test_env, first, name="The second")
    third = following(test_env, second, name="The third")
    if "paused" in gone:
        publishing.pause(first, ACTOR)

    page = visit.arrive()

    assert "The second" not in page and "The third" not in page
    shown = visit.get("/reward/", campaignId=third.id).text
    assert heading_of(shown) == "Not for you this time" and "The second" not in shown


def test_a_person_without_a_name_is_greeted_without_one(visit, mia, wheel):
    mia.user_name = None
    mia.save()

    assert heading_of(visit.arrive()) == "You have 1 thing to play"


def test_drafts_paused_and_ended_campaigns_are_not_shown(visit, test_env):
    publishing.pause(launched_campaign(test_env), ACTOR)
    publishing.end(launched_campaign(test_env), ACTOR)

    assert heading_of(visit.arrive()) == "Hi Mia, nothing to play right now"


def test_what_must_wait_is_shown_with_its_time_in_the_persons_zone(visit, test_env, mia):
    mia.profile = {"timezone": "Asia/Kolkata"}
    mia.save()
    launched_campaign(test_env, name="Soon", starts_at=datetime(2999, 12, 5, 3, 30, tzinfo=UTC))

    assert section(visit.arrive(), "Coming up") == ["Soon | Opens on 5 December 2999 at 09:00"]


def test_a_campaign_played_for_today_comes_up_tomorrow(visit, test_env):
    wheel = launched_campaign(test_env, weights=(0, 1, 0, 0), plays_a_day=1)
    visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id)))

    page = visit.get("/wallet/").text

    assert section(page, "Play now") is None
    assert section(page, "Coming up") == ["Autumn wheel | Play again tomorrow"]


@pytest.mark.parametrize(("late", "place"), [("ends", None), ("again", "Play now")])
def test_what_is_over_for_this_person_is_under_way_no_more(visit, test_env, mia, late, place):
    steps = program(test_env, config=SETTINGS | {"late": late})
    send(test_env, mia, "order", now=timezone.now() - timedelta(minutes=30))
    work()
    assert section(visit.arrive(), "In progress") == ["Two steps | 1/2 | Continue"]

    Participation.objects.update(state=BEGUN_LONG_AGO)
    page = visit.arrive()

    assert section(page, "In progress") is None
    assert bool(section(page, "Play now")) == bool(place)
    won = visit.get("/program/", campaignId=steps.id).text
    assert heading_of(won) == "You won 10 points"
    assert ("Go on" in won) == bool(place)
    opened = visit.get("/program/", campaignId=steps.id).text
    assert (heading_of(opened) == "Your time is up") == (place is None)
    assert ("Open my wallet" in opened) == (place is None)


def test_a_won_coupon_is_shown_with_its_code_and_last_day(visit, wheel):
    data = visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id))).json()["data"]

    page = visit.get("/wallet/").text

    last = timezone.now() + timedelta(days=30, seconds=-1)
    code = data["reward"]["code"]
    assert section(page, "My rewards") == [f"20% off | {code} | Use it by {last:%-d %B} | Copy"]
    assert "<b>1</b>reward ready" in page


def test_points_add_up_and_are_no_reward_to_use(visit, test_env):
    wheel = launched_campaign(test_env, weights=(0, 1, 0, 0))
    for _ in range(2):
        visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id)))

    page = visit.get("/wallet/").text

    assert "<b>100</b>points" in page
    assert "<b>0</b>rewards ready" in page


def test_a_reward_that_expired_shows_no_code(visit, test_env, mia):
    then = timezone.now() - timedelta(days=40)
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), now=then)
    data = engine.act(identity_of(mia), str(wheel.id), key="k", body={}, now=then)

    page = visit.arrive()

    assert data["reward"]["code"] not in page
    assert re.fullmatch(r"20% off \| Expired on \d+ \w+", section(page, "My rewards")[0])


def test_rewards_of_an_ended_campaign_stay(visit, wheel):
    visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id)))
    publishing.end(wheel, ACTOR)

    assert len(section(visit.get("/wallet/").text, "My rewards")) == 1


def test_many_rewards_come_in_pages(visit, test_env, monkeypatch):
    monkeypatch.setattr(wallet, "MOST_SHOWN", 2)
    wheel = launched_campaign(test_env, weights=(0, 1, 0, 0))
    for _ in range(3):
        visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id)))

    first, second = visit.get("/wallet/").text, visit.get("/wallet/", skip=2).text

    assert len(section(first, "My rewards")) == 2
    assert "Show 1 older reward<" in first
    assert len(section(second, "My rewards")) == 1
    assert "older reward" not in second


@pytest.mark.parametrize("skip", ["-1", "x", "99999999999999", "١"])
def test_a_strange_page_number_is_the_first_page(visit, skip):
    visit.arrive()

    assert visit.get("/wallet/", skip=skip).status_code == 200


def test_the_wallet_reports_that_it_was_opened(visit):
    page = visit.arrive()

    assert (
        "[[&quot;ANALYTICS&quot;,{&quot;event_name&quot;:&quot;wallet_interaction&quot;,"
        "&quot;event_properties&quot;:{&quot;pageName&quot;:&quot;wallet&quot;,&quot;action&quot;:"
        "&quot;load_success&quot;}}]]"
    ) in page


def test_a_wallet_costs_few_queries(visit, test_env, django_assert_max_num_queries):
    for _ in range(5):
        launched_campaign(test_env)
    visit.arrive()

    # the person, the participations and the rewards; the rest is the configuration, which a
    # process keeps and tests read anew
    with django_assert_max_num_queries(12):
        visit.get("/wallet/")
