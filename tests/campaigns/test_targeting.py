"""Whom a campaign is for, as it is stored."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns import publishing
from campaigns.models import CampaignSegment
from campaigns.publishing import CampaignError
from campaigns.targeting import MOST_SEGMENTS, AudienceDraft
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.factories import launched_campaign, wheel_draft
from users.models import Segment

pytestmark = pytest.mark.django_db
TESTER = Actor("a test")
RULE = {"field": "attributes.tier", "operator": "is", "value": "gold"}


def segment(environment, name="Gold"):
    return Segment.objects.create(environment=environment, name=name, rule=RULE)


def aimed(environment, **audience):
    draft = wheel_draft(environment, audience=AudienceDraft(**audience))
    return publishing.create(environment, draft, TESTER)


def test_an_audience_comes_back_as_it_was_stored(test_env):
    ins = tuple(sorted(segment(test_env, f"in {n}").pk for n in range(3)))
    audience = AudienceDraft(ins, (segment(test_env, "out").pk,), RULE)

    campaign = publishing.create(test_env, wheel_draft(test_env, audience=audience), TESTER)

    assert publishing.draft_of(campaign).audience == audience


def test_a_new_audience_of_a_live_campaign_is_a_new_version_and_is_audited(test_env):
    gold = segment(test_env)
    campaign = launched_campaign(test_env)
    draft = replace(publishing.draft_of(campaign), audience=AudienceDraft((gold.pk,)))

    revised = publishing.revise(campaign, draft, TESTER)

    assert revised.version == campaign.version + 1
    assert list(CampaignSegment.objects.values_list("segment_id", "excluded")) == [(gold.pk, False)]
    changes = AuditEntry.objects.filter(action="campaign.revised").get().changes
    assert changes["audience"][1]["include"] == [str(gold.pk)]


def test_a_segment_of_elsewhere_or_of_nowhere_is_refused_and_nothing_is_stored(test_env, live_env):
    for stranger in (segment(live_env).pk, uuid4()):
        with pytest.raises(CampaignError, match="no segment") as refusal:
            aimed(test_env, include=(stranger,))
        assert refusal.value.field == "audience"
    assert not CampaignSegment.objects.exists()


def test_the_database_itself_refuses_a_segment_of_another_environment(test_env, live_env):
    campaign = aimed(test_env)
    row = CampaignSegment(environment=test_env, campaign=campaign, segment=segment(live_env))

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
        connection.check_constraints()


def test_a_segment_is_not_in_and_out_at_once(test_env):
    gold = segment(test_env)

    with pytest.raises(CampaignError, match="in and out"):
        aimed(test_env, include=(gold.pk,), exclude=(gold.pk,))


def test_a_campaign_takes_a_bounded_number_of_segments(test_env):
    with pytest.raises(CampaignError, match="up to 20 segments"):
        aimed(test_env, exclude=tuple(uuid4() for _ in range(MOST_SEGMENTS + 1)))


def test_a_copy_of_a_campaign_is_for_the_same_people(test_env):
    campaign = aimed(test_env, exclude=(segment(test_env).pk,), only_listed=True)

    copy = publishing.duplicate(campaign, TESTER)

    assert publishing.draft_of(copy).audience == publishing.draft_of(campaign).audience
