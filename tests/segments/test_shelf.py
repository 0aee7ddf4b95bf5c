"""Segments are made, changed, copied and deleted so that nothing live changes unseen."""

import threading
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import publishing
from campaigns.targeting import AudienceDraft
from campaigns.types import get_type
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory, launched_campaign, wheel_draft
from users import tasks
from users.models import EndUser, Segment, SegmentMember
from users.segments import shelf
from users.segments.shelf import InUseError, SegmentDraft, SegmentError

ACTOR = Actor("a test")
GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}
SILVER = {"field": "attributes.plan", "operator": "is", "value": "silver"}


@pytest.fixture(autouse=True)
def somebody(request):
    """Whose attributes rules may name."""
    if "test_env" in request.fixturenames:
        EndUserFactory(environment=request.getfixturevalue("test_env"), attributes={"plan": "gold"})


def make(environment, name="Gold", rule=GOLD, **more):
    return shelf.create(environment, SegmentDraft(name, rule=rule, **more), ACTOR)


def within(segment):
    return {"segment": str(segment.id)}


def test_a_segment_is_stored_with_its_rule_and_told_to_the_audit_log(test_env):
    segment = make(test_env, "  Gold  ", description="Who pays most", notify=True)

    stored = Segment.objects.get()
    assert (stored.name, stored.kind, stored.rule, stored.version) == ("Gold", "rules", GOLD, 1)
    entry = AuditEntry.objects.get(action="segment.create")
    assert (entry.actor, entry.object_id) == ("a test", str(segment.id))
    assert entry.changes["rule"] == [None, GOLD]


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (SegmentDraft("", rule=GOLD), ["name"]),
        (SegmentDraft("x" * 81, rule=GOLD), ["name"]),
        (SegmentDraft("A\0b", rule=GOLD), ["name"]),
        (SegmentDraft("GOLD", rule=GOLD), ["name"]),
        (SegmentDraft("A", rule=None), ["rule"]),
        (SegmentDraft("A", rule={"all": [GOLD, GOLD | {"operator": "like"}]}), ["rule.all[1].operator"]),
        (SegmentDraft("A", rule={"any": [GOLD | {"field": "attributes.plam"}]}), ["rule.any[0].field"]),
        (SegmentDraft("A", rule=GOLD | {"operator": "greater_than", "value": 3}), ["rule.operator"]),
        (SegmentDraft("A", rule={"segment": str(uuid.uuid4())}), ["rule.segment"]),
        (SegmentDraft("", description="x" * 201, rule={}), ["name", "description", "rule"]),
        (SegmentDraft("A", kind="static", rule=GOLD), ["rule"]),
        (SegmentDraft("A", kind="cohort"), ["kind"]),
        (SegmentDraft("A", kind="event"), ["entry"]),
        (SegmentDraft("A", kind="event", entry={"event": "1"}), ["entry.event"]),
        (SegmentDraft("A", kind="event", entry={"event": "x", "afterDays": 0}), ["entry.afterDays"]),
        (
            SegmentDraft("A", kind="event", entry={"event": "x", "leave": {"event": "y", "where": [{}]}}),
            ["entry.leave.where[0].property"],
        ),
        (SegmentDraft("A", kind="event", entry={"event": "x", "wen": []}), ["entry.wen"]),
        (SegmentDraft("A", entry={"event": "x"}, rule=GOLD), ["entry"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_path_and_nothing_is_stored(test_env, draft, fields):
    make(test_env)

    with pytest.raises(SegmentError) as refused:
        shelf.create(test_env, draft, ACTOR)

    assert [fault.field for fault in refused.value.faults] == fields
    assert refused.value.field == fields[0] and refused.value.message
    assert Segment.objects.count() == 1


def test_a_change_counts_a_version_and_tells_before_and_after(test_env):
    segment = make(test_env)

    changed = shelf.change(segment, SegmentDraft("Gold", rule={"not": GOLD}), ACTOR)

    assert (changed.version, changed.rule) == (2, {"not": GOLD})
    assert AuditEntry.objects.get(action="segment.change").changes == {"rule": [GOLD, {"not": GOLD}]}


def test_a_change_that_changes_nothing_is_no_version_and_no_entry(test_env):
    segment = make(test_env)

    assert shelf.change(segment, shelf.of(segment), ACTOR).version == 1
    assert not AuditEntry.objects.filter(action="segment.change").exists()


def test_true_is_not_taken_for_1(test_env):
    EndUserFactory(environment=test_env, attributes={"vip": True, "level": 1})
    rule = {"field": "attributes.level", "operator": "is", "value": 1}
    segment = make(test_env, rule={"not": rule})

    with pytest.raises(SegmentError) as refused:
        shelf.change(segment, SegmentDraft("Gold", rule={"not": rule | {"value": True}}), ACTOR)
    assert refused.value.field == "rule.not.value"


def test_the_kind_stays_and_a_deleted_segment_is_not_changed(test_env):
    segment = make(test_env)

    with pytest.raises(SegmentError) as refused:
        shelf.change(segment, SegmentDraft("Gold", kind="static"), ACTOR)
    assert refused.value.field == "kind"

    shelf.delete(segment, ACTOR)
    with pytest.raises(SegmentError, match="deleted"):
        shelf.change(segment, SegmentDraft("Gold", rule=SILVER), ACTOR)


def test_segments_that_would_lead_back_to_each_other_are_refused(test_env):
    gold = make(test_env)
    outer = make(test_env, "Outer", {"not": within(gold)})
    outmost = make(test_env, "Outmost", {"all": [within(outer), GOLD]})

    for circle in (gold, outer, outmost):
        with pytest.raises(SegmentError) as refused:
            shelf.change(gold, SegmentDraft("Gold", rule={"any": [GOLD, within(circle)]}), ACTOR)
        assert refused.value.field == "rule.any[1].segment"


def test_a_rule_that_fits_no_more_can_be_renamed_but_not_written_anew(test_env):
    segment = make(test_env)
    Segment.objects.update(rule={"field": "attributes.gone", "operator": "is_set"})
    segment.refresh_from_db()

    assert shelf.recheck(test_env) == 1
    segment.refresh_from_db()
    assert "Nobody has an attribute" in segment.fault

    renamed = shelf.change(segment, SegmentDraft("Old gold", rule=segment.rule), ACTOR)
    assert (renamed.name, bool(renamed.fault)) == ("Old gold", True)
    mended = shelf.change(renamed, SegmentDraft("Old gold", rule=GOLD), ACTOR)
    assert mended.fault == ""
    assert shelf.recheck(test_env) == 0


@pytest.mark.parametrize("way", ["include", "exclude", "rule"])
def test_who_changes_a_segment_of_a_live_campaign_is_asked_first(test_env, way):
    segment = make(test_env)
    audience = {"rule": {"not": within(segment)}} if way == "rule" else {way: (segment.id,)}
    campaign = launched_campaign(test_env, audience=AudienceDraft(**audience))

    with pytest.raises(InUseError) as asked:
        shelf.change(segment, SegmentDraft("Gold", rule={"not": GOLD}), ACTOR)

    (use,) = asked.value.uses
    assert (use.kind, use.id, use.name, use.is_live) == ("campaign", campaign.id, "Autumn wheel", True)
    assert shelf.change(segment, SegmentDraft("Gold!", rule=GOLD), ACTOR).version == 2
    changed = shelf.change(segment, SegmentDraft("Gold!", rule={"not": GOLD}), ACTOR, confirmed=True)
    assert (changed.version, changed.rule) == (3, {"not": GOLD})


def test_a_segment_within_one_that_a_live_campaign_uses_is_live_too(test_env):
    inner = make(test_env)
    outer = make(test_env, "Outer", within(inner))
    launched_campaign(test_env, audience=AudienceDraft(include=(outer.id,)))

    (use,) = shelf.uses_of(inner)

    assert (use.kind, use.name, use.is_live) == ("segment", "Outer", True)
    with pytest.raises(InUseError):
        shelf.change(inner, SegmentDraft("Gold", rule={"not": GOLD}), ACTOR)


def test_a_reward_for_entering_a_segment_uses_it(test_env):
    segment, other = make(test_env), make(test_env, "Other")
    config = {"by": "segment", "segment": str(segment.id)}
    reward = launched_campaign(test_env, type="direct", config=get_type("direct").defaults() | config)

    (use,) = shelf.uses_of(segment)

    assert (use.kind, use.id, use.is_live) == ("campaign", reward.id, True)
    assert shelf.uses_of(other) == []
    with pytest.raises(InUseError):
        shelf.change(segment, SegmentDraft("Gold", rule={"not": GOLD}), ACTOR)


def test_drafts_and_ended_campaigns_use_a_segment_without_being_live(test_env):
    segment = make(test_env)
    publishing.create(test_env, wheel_draft(test_env, audience=AudienceDraft(include=(segment.id,))), ACTOR)
    publishing.end(launched_campaign(test_env, audience=AudienceDraft(exclude=(segment.id,))), ACTOR)

    assert [use.is_live for use in shelf.uses_of(segment)] == [False, False]
    assert shelf.change(segment, SegmentDraft("Gold", rule={"not": GOLD}), ACTOR).version == 2


def test_a_segment_that_is_used_is_not_deleted(test_env):
    segment = make(test_env)
    outer = make(test_env, "Outer", {"not": within(segment)})

    with pytest.raises(InUseError, match="segment “Outer”"):
        shelf.delete(segment, ACTOR)

    shelf.delete(outer, ACTOR)
    shelf.delete(segment, ACTOR)
    assert not Segment.objects.exists()
    assert AuditEntry.objects.filter(action="segment.delete").count() == 2


def test_a_deleted_list_takes_its_members_along(test_env):
    person = EndUserFactory(environment=test_env)
    segment = make(test_env, "List", None, kind="static")
    SegmentMember.objects.create(environment=test_env, segment=segment, user=person, source="hand")

    shelf.delete(segment, ACTOR)

    assert not SegmentMember.objects.exists()


def test_a_copy_has_a_name_of_its_own(test_env):
    segment = make(test_env)

    names = [shelf.duplicate(segment, ACTOR).name for _ in range(2)]

    assert names == ["Copy of Gold", "Copy of Gold (2)"]
    assert {each.rule["value"] for each in Segment.objects.all()} == {"gold"}


def test_a_name_is_taken_in_any_capitals(test_env, live_env):
    make(test_env, "Größe")

    with pytest.raises(SegmentError):
        make(test_env, "GRÖßE")
    EndUserFactory(environment=live_env, attributes={"plan": "gold"})
    make(live_env, "Größe")


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_never_make_a_circle(test_env):
    EndUserFactory(environment=test_env, attributes={"plan": "gold"})
    one, other = make(test_env, "One"), make(test_env, "Other")
    begin, refused = threading.Barrier(2), []

    def aim(mine, its):
        begin.wait()
        try:
            shelf.change(mine, SegmentDraft(mine.name, rule=within(its)), ACTOR)
        except SegmentError as error:
            refused.append(error.field)
        finally:
            connection.close()

    threads = [threading.Thread(target=aim, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["rule.segment"]


def test_a_frozen_segment_is_a_list_beside_it(test_env):
    segment = make(test_env, notify=True)

    frozen = shelf.freeze(segment, ACTOR, now=timezone.now().replace(2026, 11, 23))

    assert (frozen.name, frozen.kind, frozen.rule) == ("Gold (2026-11-23)", "static", None)
    segment.refresh_from_db()
    assert segment.rule == GOLD


def test_the_worker_says_which_rules_no_longer_fit(test_env):
    segment = make(test_env)
    EndUser.objects.update(attributes={"plan": 3})

    tasks.refresh_catalogues()

    segment.refresh_from_db()
    assert segment.fault.startswith("operator") or segment.fault.startswith("value")
    assert segment.rule == GOLD
