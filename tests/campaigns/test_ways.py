"""Ways in: extra plays for what people did, one campaign after another, a yes first, a rest afterwards."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns import eligibility, engine, ways
from campaigns.eligibility import Progress
from campaigns.models import Participation, Play
from campaigns.publishing import CampaignError
from glu_admin.api.errors import ApiError
from tests.campaigns.programs import did, program, send, step, work
from tests.campaigns.test_progress import verified
from tests.factories import EndUserFactory, identity_of, launched_campaign, token_of

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = {"trigger": {"event": "order", "where": []}, "plays": 2, "mostADay": 2}


@pytest.fixture
def environment(transactional_db, test_env):
    return test_env


@pytest.fixture
def person(environment):
    return EndUserFactory(environment=environment, user_id="u_1")


def play(person, campaign, key, body=None, now=None):
    identity = identity_of(person)
    return engine.act(identity, str(campaign.id), key=key, body=body or {}, now=now or timezone.now())


def refusal(person, campaign, key="no", **given):
    with pytest.raises(ApiError) as refused:
        play(person, campaign, key, **given)
    return refused.value.code


def mine(person, campaign):
    return Participation.objects.get(user=person, campaign=campaign)


def test_plays_that_were_earned_come_after_the_campaigns_own(environment, person):
    wheel = launched_campaign(environment, plays_a_day=1, earning={"extraPlays": [ORDER]})

    assert play(person, wheel, "a")["playsLeftToday"] == 0
    assert refusal(person, wheel) == "no_plays_today"
    did(environment, person, "order")
    assert play(person, wheel, "b")["playsLeftToday"] == 1
    assert play(person, wheel, "c")["playsLeftToday"] == 0
    assert refusal(person, wheel) == "no_plays_today"

    row = mine(person, wheel)
    assert (row.plays, row.extra_plays, row.extra_used) == (3, 2, 2)
    verified()


def test_an_event_earns_no_more_plays_a_day_than_it_says(environment, person):
    wheel = launched_campaign(environment, plays_in_all=1, earning={"extraPlays": [ORDER]})

    did(environment, person, "order", "order", "order", "order")
    assert mine(person, wheel).extra_plays == 4
    tomorrow = timezone.now() + timedelta(days=1)
    send(environment, person, "order", now=tomorrow)
    work()

    assert mine(person, wheel).extra_plays == 6


def test_earned_plays_are_left_alone_while_own_ones_are_left():
    now = timezone.now()

    class Wheel:
        status, starts_at, ends_at, is_program = "live", None, None, False
        plays_in_all, plays_a_day = 3, 2
        time_zone = ZoneInfo("UTC")

    today = now.astimezone(ZoneInfo("UTC")).date()
    fresh = Progress(plays=1, plays_on_day=1, day=today, extra_plays=1)
    spent = Progress(plays=2, plays_on_day=2, day=today, extra_plays=1)

    assert not eligibility.takes_extra(Wheel, fresh, now)
    assert eligibility.takes_extra(Wheel, spent, now)
    assert eligibility.standing(Wheel, spent, now).plays_left_today == 1
    assert eligibility.standing(Wheel, fresh, now).plays_left == 3


def test_a_campaign_that_follows_another_is_locked_until_that_is_completed(environment, person, client):
    first = launched_campaign(environment, name="The first", plays_in_all=1)
    wheel = launched_campaign(environment, earning={"after": {"campaign": str(first.id), "gives": "unlock"}})
    page = f"/reward/?token={token_of(person, kind='page')}&campaignId={wheel.id}"

    assert refusal(person, wheel) == "campaign_locked"
    shown = client.get(page).content.decode()
    assert "Not yet" in shown and "Finish “The first” first." in shown
    assert f"campaignId={first.id}" in shown and "Open “The first”" in shown

    Participation.objects.create(
        environment=environment, user=person, campaign=first, status="completed", plays=0
    )
    assert play(person, wheel, "a")["playId"]
    assert "Not yet" not in client.get(page).content.decode()


def test_a_campaign_that_is_completed_gives_a_play_of_another_once(environment, person):
    first = program(environment, step("order"))
    wheel = launched_campaign(
        environment, plays_in_all=0, earning={"after": {"campaign": str(first.id), "gives": "play"}}
    )

    assert refusal(person, wheel) == "no_plays_left"
    did(environment, person, "order")
    work()

    assert mine(person, wheel).extra_plays == 1
    assert play(person, wheel, "a")["playsLeft"] == 0
    verified()


def test_nothing_counts_before_a_person_has_accepted(environment, person, client):
    campaign = program(environment, step("order"), earning={"accept": True})
    page = f"/program/?token={token_of(person, kind='page')}&campaignId={campaign.id}"

    did(environment, person, "order")
    assert not Play.objects.exists()
    assert "Join" in client.get(page).content.decode()
    assert refusal(person, campaign, body={"action": {"other": 1}}) == "not_accepted"

    play(person, campaign, "a", {"action": {"accept": True}})
    play(person, campaign, "b", {"action": {"accept": True}})
    assert "Join" not in client.get(page).content.decode()
    did(environment, person, "order")

    assert mine(person, campaign).status == "completed"
    assert Play.objects.count() == 2


def test_a_yes_that_is_sent_again_never_plays(environment, person, client):
    wheel = launched_campaign(environment, earning={"accept": True}, plays_in_all=1)
    token = token_of(person, kind="page")
    page = client.get(f"/reward/?token={token}&campaignId={wheel.id}").content.decode()
    joins = dict(re.findall(r'name="(key|action.accept)" value="([^"]+)"', page))
    assert joins["action.accept"] == "true"
    assert refusal(person, wheel, body={}) == "not_accepted"

    for _ in range(3):
        assert play(person, wheel, "yes", {"action": {"accept": True}})["playsLeft"] == 1
    assert not Play.objects.exists()
    play(person, wheel, "spin")

    assert Play.objects.count() == 1


def test_the_page_joins_by_a_plain_form_and_then_plays(environment, person, client):
    wheel = launched_campaign(environment, earning={"accept": True}, plays_in_all=1)
    address = f"/reward/?token={token_of(person, kind='page')}&campaignId={wheel.id}"
    page = client.get(address, follow=True).content.decode()

    for presses in (1, 2):
        form = dict(re.findall(r'name="(key|action.accept)" value="([^"]+)"', page))
        action = re.search(r'<form id="play" method="post" action="([^"]+)"', page)[1].replace("&amp;", "&")
        page = client.post(action, form, follow=True).content.decode()
        assert Play.objects.count() == presses - 1

    assert "action.accept" not in page


def test_what_counts_only_once_it_was_shown_is_told_by_the_first_list(environment, person, client):
    campaign = program(environment, step("order"), earning={"tracking": "fetch"})

    did(environment, person, "order")
    assert not Participation.objects.exists()
    client.get("/reward/v1.1/user", headers={"Authorization": f"Bearer {token_of(person)}"})
    did(environment, person, "order")

    assert mine(person, campaign).status == "completed"


def test_what_counts_only_once_it_was_opened_is_told_by_the_page(environment, person, client):
    campaign = program(environment, step("order"), earning={"tracking": "open"})

    did(environment, person, "order")
    client.get("/reward/v1.1/user", headers={"Authorization": f"Bearer {token_of(person)}"})
    did(environment, person, "order")
    assert not Participation.objects.exists()
    client.get(f"/program/?token={token_of(person, kind='page')}&campaignId={campaign.id}")
    did(environment, person, "order")

    assert mine(person, campaign).status == "completed"


def test_a_completed_campaign_can_be_done_again_after_its_rest(environment, person):
    campaign = program(environment, step("order"), earning={"coolDownHours": 24})
    now = timezone.now()

    did(environment, person, "order")
    did(environment, person, "order")
    assert Play.objects.count() == 2
    send(environment, person, "order", now=now + timedelta(hours=25))
    work()

    assert mine(person, campaign).status == "completed"
    assert Play.objects.count() == 4
    verified()


def test_an_app_sees_what_may_be_done_again_as_begun_again(environment, person, client):
    campaign = program(environment, step("order"), step("review"), earning={"coolDownHours": 24})
    did(environment, person, "order")
    did(environment, person, "review")

    def entry():
        bearer = {"Authorization": f"Bearer {token_of(person)}"}
        return client.get("/reward/v1.1/user", headers=bearer).json()["campaigns"][0]

    assert (entry()["status"], entry()["banner"]["stepsCompleted"]) == ("completed", "2")

    row = mine(person, campaign)
    row.ways["completedAt"] = (timezone.now() - timedelta(hours=25)).isoformat()
    row.save()
    assert (entry()["status"], entry()["banner"]["stepsCompleted"]) == ("in-progress", "0")


def test_the_list_begins_with_the_highest_priority(environment, person):
    low = launched_campaign(environment, name="Low")
    high = launched_campaign(environment, name="High", earning={"priority": 5})
    launched_campaign(environment, name="Lowest", earning={"priority": -1})

    names = [each.name for each in engine.catalog.of(identity_of(person).config).campaigns]

    assert names == [high.name, low.name, "Lowest"]


@pytest.mark.parametrize(
    "earning",
    [
        {"more": 1},
        {"extraPlays": {}},
        {"extraPlays": [{"trigger": {"event": ""}, "plays": 1}]},
        {"extraPlays": [{"trigger": {"event": "order"}, "plays": 0}]},
        {"extraPlays": [ORDER] * 6},
        {"after": {"campaign": "x", "gives": "unlock"}},
        {"after": {"campaign": "6f1c1f0e-8d3a-4b52-9a77-0f4a3c9f5d10", "gives": "money"}},
        {"accept": "yes"},
        {"tracking": "never"},
        {"coolDownHours": -1},
        {"priority": 1.5},
    ],
)
def test_settings_that_mean_nothing_are_refused(environment, earning):
    with pytest.raises(CampaignError) as refused:
        launched_campaign(environment, earning=earning)

    assert refused.value.field == "earning"


def test_notes_of_two_who_are_one_are_put_together():
    user = {"acceptedAt": "2026-01-02", "extra": {"0": ["2026-01-02", 1], "1": ["2026-01-01", 3]}}
    visitor = {"acceptedAt": "2026-01-01", "extra": {"0": ["2026-01-02", 2], "1": ["2026-01-02", 1]}}

    both = {"acceptedAt": "2026-01-01", "extra": {"0": ["2026-01-02", 3], "1": ["2026-01-02", 1]}}
    assert ways.merged(user, visitor) == ways.merged(visitor, user) == both
    assert ways.merged({}, visitor) == visitor


def test_what_a_campaign_opened_stays_open_while_that_is_done_again(environment, person):
    done = {"completedAt": (timezone.now() - timedelta(hours=2)).isoformat()}
    first = program(environment, step("order"), step("review"), earning={"coolDownHours": 1})
    wheel = launched_campaign(environment, earning={"after": {"campaign": str(first.id), "gives": "unlock"}})
    Participation.objects.create(
        environment=environment, user=person, campaign=first, status="completed", ways=done
    )

    did(environment, person, "order")

    assert mine(person, first).status == "in-progress"
    assert mine(person, first).ways == {"finishedAt": done["completedAt"]}
    assert play(person, wheel, "a")["playId"]
