"""Who may see and play a campaign: lists beat segments, out beats in, the rule narrows."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from campaigns import catalog, engine, lists, publishing, standings
from campaigns.audience import EVERYBODY, LIST, Audience
from campaigns.models import Campaign, ListedUser, Participation
from campaigns.targeting import AudienceDraft
from glu_admin import config as configs
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from tests.factories import EndUserFactory, identity_of, launched_campaign
from users.models import Segment, SegmentCheck, SegmentMember
from users.segments.facts import Facts

TESTER = Actor("a test")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOLD = {"field": "attributes.tier", "operator": "is", "value": "gold"}


def yes(facts):
    return True


def no(facts):
    return False


@pytest.mark.parametrize(
    ("audience", "listed", "why_not"),
    [
        (Audience(), None, ""),
        (Audience(), False, "removed"),
        (Audience(include=(no,), exclude=(yes,), rule=no, only_listed=True), True, ""),
        (Audience(include=(yes,), exclude=(no, yes)), None, "excluded"),
        (Audience(only_listed=True, include=(yes,)), None, "not_listed"),
        (Audience(include=(no, yes)), None, ""),
        (Audience(include=(no, no)), None, "not_in_segments"),
        (Audience(include=(yes,), rule=no), None, "rule"),
        (Audience(rule=yes), None, ""),
    ],
)
def test_a_list_beats_out_beats_in_and_the_rule_narrows(audience, listed, why_not):
    nobody = Facts(1, uuid4(), NOW, UTC)

    assert audience.why_not(nobody, listed) == why_not


def test_an_audience_without_a_test_or_a_list_is_everybody():
    assert EVERYBODY.is_everybody
    assert not Audience(needs=frozenset({LIST})).is_everybody
    assert not Audience(exclude=(no,)).is_everybody


def segment(environment, name="Gold", **fields):
    return Segment.objects.create(environment=environment, name=name, **({"rule": GOLD} | fields))


def aimed(environment, **audience):
    return launched_campaign(environment, audience=AudienceDraft(**audience))


def person(environment, **attributes):
    return EndUserFactory(environment=environment, attributes=attributes)


def why_not(campaign, user):
    config = configs.get(campaign.environment_id)
    [same] = [each for each in catalog.of(config).campaigns if each.id == campaign.pk]
    return standings.why_not(config, same, user.pk, now=NOW)


def play(user, campaign):
    return engine.act(identity_of(user), str(campaign.pk), key=str(uuid4()), body={}, now=NOW)


@pytest.mark.django_db
def test_a_segment_by_rules_lets_in_whom_its_rule_finds(test_env):
    campaign = aimed(test_env, include=(segment(test_env).pk,))

    assert why_not(campaign, person(test_env, tier="gold")) == ""
    assert why_not(campaign, person(test_env, tier="silver")) == "not_in_segments"


@pytest.mark.django_db
def test_a_list_lets_in_its_members_and_nobody_whose_time_is_over(test_env):
    members = segment(test_env, kind="static", rule=None)
    campaign = aimed(test_env, include=(members.pk,))
    inside, late, outside = (person(test_env) for _ in range(3))
    for user, leaves_at in ((inside, None), (late, NOW)):
        SegmentMember.objects.create(
            environment=test_env, segment=members, user=user, source="hand", leaves_at=leaves_at
        )

    assert [why_not(campaign, user) for user in (inside, late, outside)] == [
        "",
        "not_in_segments",
        "not_in_segments",
    ]


@pytest.mark.django_db
def test_rules_may_ask_how_far_somebody_is_in_another_campaign_and_what_they_won(test_env):
    first = launched_campaign(test_env, weights=(1, 1, 1, 0))
    finished = {"campaign": str(first.pk), "fact": "plays", "operator": "at_least", "value": 1}
    won = {"reward": {"campaign": str(first.pk)}, "operator": "at_least", "value": 1}
    second = aimed(test_env, rule={"all": [finished, won]})
    user = person(test_env)

    before = why_not(second, user)
    play(user, first)

    assert (before, why_not(second, user)) == ("rule", "")


@pytest.mark.django_db
def test_who_is_not_in_the_audience_can_not_play_and_nothing_is_written(test_env):
    campaign = aimed(test_env, rule=GOLD)
    outsider = person(test_env, tier="silver")

    with pytest.raises(ApiError) as refusal:
        play(outsider, campaign)

    assert (refusal.value.status, refusal.value.code) == (409, "not_eligible")
    assert not Participation.objects.exists()
    assert play(person(test_env, tier="gold"), campaign)["campaignId"] == str(campaign.pk)


@pytest.mark.django_db
def test_an_audience_that_changes_counts_from_the_next_play_on(test_env):
    campaign = launched_campaign(test_env)
    user = person(test_env, tier="silver")
    play(user, campaign)

    draft = replace(publishing.draft_of(campaign), audience=AudienceDraft(rule=GOLD))
    publishing.revise(campaign, draft, TESTER)

    with pytest.raises(ApiError, match="not for this user"):
        play(user, campaign)


@pytest.mark.django_db
def test_what_was_said_of_a_visitor_holds_for_the_user_unless_more_was_said(test_env):
    campaign = launched_campaign(test_env)
    user, known = person(test_env), person(test_env)
    visitors = [EndUserFactory(environment=test_env, user_id=None, anonymous_id=f"a{n}") for n in (1, 2)]
    for each in visitors:
        lists.put(test_env.pk, campaign.pk, each.pk, included=False, now=NOW)
    lists.put(test_env.pk, campaign.pk, known.pk, included=True, now=NOW)

    lists.fold(test_env.pk, visitors[0].pk, user.pk, NOW)
    lists.fold(test_env.pk, visitors[1].pk, known.pk, NOW)

    assert dict(ListedUser.objects.values_list("user_id", "included")) == {user.pk: False, known.pk: True}


@pytest.fixture
def shared_env(transactional_db):
    return keys.create_workspace("Brewline").environments.get(kind="test")


@pytest.mark.django_db(transaction=True)
def test_of_many_calls_at_once_each_person_is_listed_once(shared_env):
    campaign = launched_campaign(shared_env)
    user = person(shared_env)

    def call():
        lists.put(shared_env.pk, campaign.pk, user.pk, included=True, now=NOW)
        connection.close()

    calls = [threading.Thread(target=call) for _ in range(5)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()

    assert ListedUser.objects.count() == 1
    assert Campaign.objects.get().has_list


@pytest.mark.django_db
def test_a_play_has_the_person_looked_at_by_kept_segments_that_ask_of_campaigns(test_env):
    campaign = launched_campaign(test_env)
    played = {"campaign": str(campaign.pk), "fact": "plays", "operator": "at_least", "value": 1}
    users = [person(test_env), person(test_env)]
    segment(test_env, kept=True)

    play(users[0], campaign)
    unread = SegmentCheck.objects.count()
    segment(test_env, "Players", rule=played, kept=True)
    configs.forget()
    play(users[1], campaign)

    assert unread == 0
    assert list(SegmentCheck.objects.values_list("user_id", flat=True)) == [users[1].pk]
