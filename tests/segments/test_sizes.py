"""Sizes of segments: one number a day, counted anew through the day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from glu_admin import config as configs
from tests.factories import EndUserFactory
from users.models import Segment, SegmentMember, SegmentSize
from users.segments import counting, sizes

GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}


@pytest.fixture
def segments(test_env):
    people = [
        EndUserFactory(environment=test_env, attributes={"plan": "gold" if n < 3 else "silver"})
        for n in range(8)
    ]
    listed = Segment.objects.create(environment=test_env, name="Invited", kind="static")
    for each in people[:2]:
        SegmentMember.objects.create(environment=test_env, user=each, segment=listed, source="hand")
    gold = Segment.objects.create(environment=test_env, name="Gold", kind="rules", rule=GOLD)
    both = {"all": [{"segment": str(gold.id)}, {"segment": str(listed.id)}]}
    Segment.objects.create(environment=test_env, name="Both", kind="rules", rule=both)
    broken = {"segment": "nothing"}
    Segment.objects.create(environment=test_env, name="Broken", kind="rules", rule=broken)
    configs.forget()


def _sizes(env, day):
    rows = SegmentSize.objects.filter(environment=env, day=day).select_related("segment")
    return {row.segment.name: row.size for row in rows}


def test_each_segment_has_a_size_a_day_the_last_one_counted(segments, test_env):
    now = timezone.now()
    sizes.refresh(test_env, now=now)
    assert _sizes(test_env, now.date()) == {"Invited": 2, "Gold": 3, "Both": 2, "Broken": 0}

    EndUserFactory(environment=test_env, attributes={"plan": "gold"})
    sizes.refresh(test_env, now=now)
    assert _sizes(test_env, now.date())["Gold"] == 4

    sizes.refresh(test_env, now=now + timedelta(days=1))
    assert SegmentSize.objects.filter(segment__name="Gold").count() == 2


def test_a_count_that_takes_too_long_is_an_estimate(segments, test_env, monkeypatch):
    def slow(seconds):
        raise counting.TooSlow

    real = counting.within
    monkeypatch.setattr(counting, "within", lambda seconds: slow(seconds) if seconds > 60 else real(seconds))

    sizes.refresh(test_env, now=timezone.now())

    gold = SegmentSize.objects.get(segment__name="Gold")
    assert (gold.size, gold.is_estimate) == (3, True)
