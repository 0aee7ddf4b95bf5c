"""Behaviour that an audience asks of is counted before the campaign is launched, and let go when it ends."""

import pytest
from django.utils import timezone

from campaigns import publishing
from campaigns.targeting import AudienceDraft
from glu_admin import config
from glu_admin.workspaces.audit import Actor
from tests.factories import launched_campaign
from users.models import KeptBehaviour, Segment
from users.segments import filling

ACTOR = Actor("a test")
pytestmark = pytest.mark.django_db


def orders(times):
    return {"event": "order", "operator": "at_least", "value": times}


def test_a_campaigns_conditions_are_kept_until_it_ends(test_env):
    loyal = Segment.objects.create(environment=test_env, name="Loyal", rule=orders(3))
    audience = AudienceDraft(exclude=(loyal.id,), rule={"not": orders(1)})
    campaign = launched_campaign(test_env, audience=audience)
    filling.settle(config.get(test_env.id), now=timezone.now())

    kept = KeptBehaviour.objects.filter(ready_at__isnull=False)
    assert sorted(row.condition["value"] for row in kept) == [1, 3]

    publishing.end(campaign, ACTOR)
    filling.settle(config.get(test_env.id), now=timezone.now())
    assert not KeptBehaviour.objects.exists()
