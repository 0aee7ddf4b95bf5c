"""The demo's segments are such as a marketer would make, and hold people."""

from uuid import uuid5

import pytest

from campaigns.demo import brand, segments
from glu_admin.workspaces.audit import Actor
from tests.demo.conftest import NOW
from users.models import Segment, SegmentMember, SegmentSize
from users.segments import fit, parse, shelf, sizes


def test_every_segment_holds_some_people_and_not_everybody(brewline):
    newest = SegmentSize.objects.filter(environment=brewline, day=NOW.date())
    counted = {row.segment.name: row.size for row in newest.select_related("segment")}

    assert set(counted) == {*segments.RULES, segments.STAFF, segments.TEMPTED}
    assert all(0 < size < 1_900 for size in counted.values()), counted
    assert Segment.objects.filter(environment=brewline, is_demo=True).count() == 8


def test_the_last_size_is_what_the_worker_counts(brewline):
    rows = SegmentSize.objects.filter(environment=brewline, day=NOW.date())
    told = dict(rows.values_list("segment_id", "size"))

    sizes.refresh(brewline, now=NOW)

    assert dict(rows.values_list("segment_id", "size")) == told


def test_every_rule_fits_and_whoever_looked_at_a_cold_brew_leaves_after_a_week(brewline):
    for segment in Segment.objects.filter(environment=brewline, kind="rules"):
        assert fit.faults(parse.parse(segment.rule), brewline, segment=segment.id) == []
    tempted = SegmentMember.objects.filter(segment__name=segments.TEMPTED)
    assert all((row.leaves_at - row.entered_at).days == 7 for row in tempted)


def test_segments_have_the_same_ids_at_each_load(brewline):
    found = dict(Segment.objects.filter(environment=brewline).values_list("name", "id"))

    assert found == {name: uuid5(brand.NAMESPACE, f"segment:{name}") for name in found}


def test_the_draft_is_for_gold_members_who_can_not_be_deleted_under_it(brewline):
    gold = Segment.objects.get(environment=brewline, name=segments.GOLD)

    (use,) = shelf.uses_of(gold)

    assert (use.kind, use.name, use.is_live) == ("campaign", "Barista wheel", False)
    with pytest.raises(shelf.InUseError):
        shelf.delete(gold, Actor("a test"))
