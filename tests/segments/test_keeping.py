"""What is kept, and what it costs where nothing is: the drain's notes, the sweep, registration's checks."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from glu_admin import config
from glu_admin.webhooks import outbox
from glu_admin.webhooks.models import OutboxMessage
from glu_admin.workspaces.audit import Actor
from tests.events.conftest import event
from tests.factories import EndUserFactory
from users.events import drain, forms, ingest
from users.history import timeline
from users.models import (
    BehaviourState,
    EndUser,
    KeptBehaviour,
    Segment,
    SegmentCheck,
    SegmentMember,
    SegmentMove,
)
from users.privacy import erasure, parts
from users.registration import register
from users.registration_form import parse
from users.segments import checks, demand, filling, forgetting, keeping, members, recount, sweeping
from users.segments.parse import parse as parse_rule

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LOYAL = {"event": "order", "operator": "at_least", "value": 2, "window": {"lastDays": 7}}
GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}
pytestmark = pytest.mark.django_db


def kept(environment, rule, name="Kept", now=NOW - DAY, **fields):
    """A segment whose members are complete."""
    made = Segment.objects.create(environment=environment, name=name, rule=rule, notify=True, **fields)
    filling.settle(config.get(environment.id), now=now)
    assert filling.settle(config.get(environment.id), now=now + filling.SETTLED)
    return made


def did(environment, client_id, name="order", at=NOW, now=NOW, **properties):
    said = event(client_id, name, **properties) | {"timestamp": at.isoformat()}
    read = [forms.read(said, now=now)]
    ingest.take(config.get(environment.id), read, source="server", now=now)


def work_off(now=NOW):
    while drain.drain(now=now):
        pass
    while sweeping.sweep(now=now):
        pass


def says(environment, user_id, now=NOW, **attributes):
    said = {"userId": user_id, "customAttributes": attributes}
    return register(config.get(environment.id), parse(said), now=now).record.id


def who(segment):
    rows = SegmentMember.objects.filter(segment=segment).values_list("user__user_id", "user__anonymous_id")
    return sorted(user_id or anonymous_id for user_id, anonymous_id in rows)


def statements(run):
    with CaptureQueriesContext(connection) as captured:
        run()
    return [each["sql"] for each in captured if "SAVEPOINT" not in each["sql"]]


def test_who_does_enough_enters_and_leaves_when_the_window_has_passed(test_env):
    loyal = kept(test_env, LOYAL)
    EndUserFactory(environment=test_env, user_id="u_1")
    did(test_env, "u_1", at=NOW - DAY)
    did(test_env, "u_1", at=NOW)
    work_off()
    assert who(loyal) == ["u_1"]

    work_off(NOW + 6 * DAY)
    assert who(loyal) == ["u_1"]
    work_off(NOW + 6 * DAY + timedelta(microseconds=1))
    assert who(loyal) == []
    assert list(SegmentMove.objects.order_by("at").values_list("entered", "why")) == [
        (True, "event"),
        (False, "time"),
    ]
    assert list(BehaviourState.objects.values_list("differs", "check_at")) == []


def test_the_past_counts_for_what_begins_to_be_kept_and_nobody_is_told_of_it(test_env):
    EndUserFactory(environment=test_env, user_id="u_1")
    EndUserFactory(environment=test_env, user_id="u_2")
    for client in ("u_1", "u_1", "u_2"):
        did(test_env, client)
    work_off()
    loyal = kept(test_env, LOYAL, now=NOW)

    assert who(loyal) == ["u_1"]
    assert not SegmentMove.objects.exists()
    assert BehaviourState.objects.get(differs=True).check_at == NOW + 7 * DAY + timedelta(microseconds=1)
    did(test_env, "u_2")
    work_off()
    assert who(loyal) == ["u_1", "u_2"]


def test_a_changed_rule_is_counted_anew_and_tells_who_came_and_went(test_env):
    gold = kept(test_env, GOLD)
    says(test_env, "u_1", plan="gold")
    says(test_env, "u_2", plan="silver")
    work_off()
    assert who(gold) == ["u_1"]
    Segment.objects.filter(id=gold.id).update(rule=GOLD | {"value": "silver"})
    filling.settle(config.get(test_env.id), now=NOW)
    assert who(gold) == ["u_1"]  # the last good ones, until all processes know the new rule
    filling.settle(config.get(test_env.id), now=NOW + filling.SETTLED)

    assert who(gold) == ["u_2"]
    assert set(SegmentMove.objects.filter(why="rule").values_list("entered", flat=True)) == {True, False}


def test_a_segment_in_a_kept_one_is_counted_anew_with_it(test_env):
    inner = Segment.objects.create(environment=test_env, name="Gold", rule=GOLD)
    outer = kept(test_env, {"not": {"segment": str(inner.id)}})
    says(test_env, "u_1", plan="gold")
    work_off()
    assert who(outer) == []
    Segment.objects.filter(id=inner.id).update(rule=GOLD | {"value": "silver"})
    filling.settle(config.get(test_env.id), now=NOW)
    filling.settle(config.get(test_env.id), now=NOW + filling.SETTLED)

    assert who(outer) == ["u_1"]


def test_a_rule_that_no_longer_parses_keeps_its_last_members(test_env):
    gold = kept(test_env, GOLD)
    says(test_env, "u_1", plan="gold")
    work_off()
    Segment.objects.filter(id=gold.id).update(rule={"field": "attributes.plan", "operator": "was"})
    filling.settle(config.get(test_env.id), now=NOW)
    says(test_env, "u_1", plan="silver")
    says(test_env, "u_2", plan="gold")
    work_off()

    assert who(gold) == ["u_1"]


def test_what_nothing_asks_for_any_more_is_let_go(test_env):
    loyal = kept(test_env, LOYAL)
    EndUserFactory(environment=test_env, user_id="u_1")
    did(test_env, "u_1")
    did(test_env, "u_1")
    work_off()
    Segment.objects.filter(id=loyal.id).update(notify=False)
    filling.settle(config.get(test_env.id), now=NOW)

    assert not KeptBehaviour.objects.exists()
    assert not BehaviourState.objects.exists()
    assert who(loyal) == []


def test_what_others_demand_is_kept_without_a_segment(test_env, monkeypatch):
    monkeypatch.setattr(demand, "_demands", [lambda config: [parse_rule({"not": LOYAL})]])
    EndUserFactory(environment=test_env, user_id="u_1")
    did(test_env, "u_1")
    did(test_env, "u_1")
    filling.settle(config.get(test_env.id), now=NOW)

    state = BehaviourState.objects.get()
    assert (state.user.user_id, state.differs, state.behaviour.ready_at) == ("u_1", True, NOW)


def test_attributes_move_people_and_their_reason_is_told(test_env):
    gold = kept(test_env, GOLD)
    says(test_env, "u_1", plan="gold")
    work_off()
    assert who(gold) == ["u_1"]
    says(test_env, "u_1", plan=None)
    work_off()
    assert who(gold) == []
    assert set(SegmentMove.objects.values_list("why", flat=True)) == {"attribute"}


def test_a_date_moves_people_when_its_time_has_come(test_env):
    fresh = kept(test_env, {"field": "attributes.joined", "operator": "in_last_days", "value": 3})
    says(test_env, "u_1", joined=NOW.isoformat())
    work_off()
    assert who(fresh) == ["u_1"]
    assert SegmentCheck.objects.get().due_at == NOW + 3 * DAY + timedelta(microseconds=1)
    work_off(NOW + 4 * DAY)
    assert who(fresh) == []
    assert not SegmentCheck.objects.exists()


def test_a_registration_costs_no_statement_more_and_checks_only_what_is_read(test_env):
    says(test_env, "u_1")
    checks.watched(config.get(test_env.id))
    before = len(statements(lambda: says(test_env, "u_1", plan="a")))
    kept(test_env, GOLD)
    says(test_env, "u_0")
    work_off()
    made = statements(lambda: says(test_env, "u_1", plan="b"))

    assert len(made) == before
    assert SegmentCheck.objects.exists()
    work_off()
    says(test_env, "u_1", colour="red")
    assert not SegmentCheck.objects.exists()


def test_without_kept_segments_a_registration_says_nothing_of_them(test_env):
    says(test_env, "u_1")

    assert not any("segmentcheck" in each for each in statements(lambda: says(test_env, "u_1", plan="a")))


def test_an_idle_sweep_is_one_statement_and_a_batch_for_nobody_one_more(test_env):
    assert len(statements(lambda: sweeping.sweep(now=NOW))) == 1
    EndUserFactory(environment=test_env, user_id="u_1")
    did(test_env, "u_1")
    drain.drain(now=NOW)  # the first of all reads the campaigns and whom they are for
    did(test_env, "u_1")
    made = [each for each in statements(lambda: drain.drain(now=NOW)) if "keptbehaviour" in each]
    assert len(made) == 1


def test_an_event_that_does_not_count_notes_nothing(test_env):
    big = LOYAL | {"where": [{"property": "amount", "operator": "greater_than", "value": 100}]}
    kept(test_env, big)
    EndUserFactory(environment=test_env, user_id="u_1")
    did(test_env, "u_1", amount=99)
    did(test_env, "u_1", name="visit", amount=999)
    drain.drain(now=NOW)

    assert not BehaviourState.objects.exists()


def test_a_condition_that_can_not_be_counted_holds_nobody_else_up(test_env, monkeypatch):
    loyal = kept(test_env, LOYAL)
    other = kept(test_env, LOYAL | {"event": "visit"}, "Visitors")
    count = recount.of

    def poisoned(config, did, user_pks, *, now):
        if did.event == "order":
            raise ArithmeticError("too large")
        return count(config, did, user_pks, now=now)

    monkeypatch.setattr(recount, "of", poisoned)
    for number in range(30):
        EndUserFactory(environment=test_env, user_id=f"p_{number}")
        for name in ("order", "order", "visit", "visit"):
            did(test_env, f"p_{number}", name)
    work_off()
    assert (len(who(loyal)), len(who(other))) == (0, 30)
    monkeypatch.undo()
    work_off(NOW + sweeping.LATER)
    assert len(who(loyal)) == 30


def test_a_person_whom_a_rule_can_not_judge_waits_and_the_others_move(test_env, monkeypatch):
    gold = kept(test_env, GOLD)
    bad = says(test_env, "bad", plan="gold")
    says(test_env, "good", plan="gold")
    enter = sweeping.looking.look

    def poisoned(config, segments, why, *, now):
        if bad in why:
            raise TypeError("of what?")
        return enter(config, segments, why, now=now)

    monkeypatch.setattr(sweeping.looking, "look", poisoned)
    work_off()
    assert who(gold) == ["good"]
    monkeypatch.undo()
    work_off(NOW + sweeping.LATER)
    assert who(gold) == ["bad", "good"]


def test_a_door_leads_in_and_out_with_the_conditions_of_both(test_env):
    entry = {
        "event": "add",
        "where": [{"property": "amount", "operator": "at_least", "value": 10}],
        "leave": {"event": "order", "where": [{"property": "paid", "operator": "is", "value": True}]},
        "afterDays": 2,
    }
    cart = Segment.objects.create(environment=test_env, name="Cart", kind="event", entry=entry)
    for client in ("small", "left", "stays"):
        EndUserFactory(environment=test_env, user_id=client)
    did(test_env, "small", "add", amount=9)
    did(test_env, "left", "add", amount=10)
    did(test_env, "stays", "add", amount=10)
    did(test_env, "left", "order", at=NOW + timedelta(minutes=1), paid=True)
    did(test_env, "stays", "order", at=NOW + timedelta(minutes=1), paid=False)
    drain.drain(now=NOW)
    assert who(cart) == ["stays"]
    work_off(NOW + 2 * DAY)
    assert who(cart) == []


def test_the_webhook_says_who_and_why_and_nothing_of_somebody_who_was_erased(test_env):
    gold = kept(test_env, GOLD)
    pk = says(test_env, "u_1", plan="gold")
    work_off()
    move = SegmentMove.objects.get()
    person = EndUser.objects.get(pk=pk)
    assert outbox.body_of(config.get(test_env.id), "segment.entered", move.id) == {
        "type": "segment.entered",
        "moveId": str(move.id),
        "segmentId": str(gold.id),
        "segmentName": "Kept",
        "gluId": str(person.glu_id),
        "userId": "u_1",
        "anonymousId": None,
        "reason": "attribute",
        "at": int(NOW.timestamp() * 1000),
    }
    entries, _ = timeline.of_person(test_env, [pk], kinds={"segment"})
    assert [(each.title, each.detail["reason"]) for each in entries] == [("Entered Kept", "attribute")]
    told = {part.name: list(part.collect(test_env, [pk])) for part in parts.all_parts()}
    assert [row["segment"] for row in told["segments"]] == ["Kept"]
    assert [row["entered"] for row in told["segmentMoves"]] == [True]

    erasure.erase(person, Actor("support"), now=NOW)
    assert outbox.body_of(config.get(test_env.id), "segment.entered", move.id) is None
    assert not SegmentMember.objects.exists()
    assert not SegmentMove.objects.exists()
    work_off(NOW + DAY)
    assert who(gold) == []


def test_moves_are_kept_as_long_as_changes(test_env):
    segment = Segment.objects.create(environment=test_env, name="Old", kind="static")
    person = EndUserFactory(environment=test_env)
    for days in (900, 700, 1):
        at = NOW - days * DAY
        SegmentMove.objects.create(environment=test_env, user=person, segment=segment, entered=True, at=at)

    assert forgetting.sweep(now=NOW, chunk=1) == 1
    assert SegmentMove.objects.count() == 2


def test_a_bell_is_rung_for_whom_the_drain_noted(test_env, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(keeping, "_bell", type("Bell", (), {"ring": lambda self: rung.append(1)})())
    kept(test_env, LOYAL)
    EndUserFactory(environment=test_env, user_id="u_1")
    with django_capture_on_commit_callbacks(execute=True):
        did(test_env, "u_1")
        drain.drain(now=NOW)
    assert rung
    assert not OutboxMessage.objects.exists()


def merges(environment, user_id, visitor):
    register(config.get(environment.id), parse({"userId": user_id, "anonymousId": visitor}), now=NOW)
    work_off()


def test_what_a_visitor_did_is_counted_with_what_the_user_did(test_env):
    loyal = kept(test_env, LOYAL)
    once = kept(test_env, LOYAL | {"operator": "exactly", "value": 1}, "Once")
    EndUserFactory(environment=test_env, user_id="u_1")
    EndUserFactory(environment=test_env, user_id=None, anonymous_id="v_1")
    did(test_env, "u_1")
    did(test_env, "v_1")
    work_off()
    assert (who(loyal), who(once)) == ([], ["u_1", "v_1"])

    merges(test_env, "u_1", "v_1")
    assert (who(loyal), who(once)) == (["u_1"], [])


def test_a_list_that_the_visitor_was_in_holds_for_the_user_at_once(test_env):
    vip = Segment.objects.create(environment=test_env, name="VIP", kind="static", notify=True)
    EndUserFactory(environment=test_env, user_id="u_1")
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v_1")
    members.add(vip, [visitor.pk], source="hand", why="hand", now=NOW)
    register(config.get(test_env.id), parse({"userId": "u_1", "anonymousId": "v_1"}), now=NOW)

    assert who(vip) == ["u_1"]
    assert list(
        SegmentMove.objects.order_by("id").values_list("why", flat=True).distinct().order_by("why")
    ) == [
        "hand",
        "merge",
    ]


def test_what_led_the_visitor_out_leads_the_user_out_and_what_was_before_does_not(test_env):
    leave = {"event": "order", "where": []}
    entry = {"event": "add", "where": [], "leave": leave, "afterDays": None}
    cart = Segment.objects.create(environment=test_env, name="Cart", kind="event", entry=entry)
    for number, minutes in ((1, 1), (2, -1)):
        EndUserFactory(environment=test_env, user_id=f"u_{number}")
        EndUserFactory(environment=test_env, user_id=None, anonymous_id=f"v_{number}")
        did(test_env, f"u_{number}", "add")
        did(test_env, f"v_{number}", "order", at=NOW + timedelta(minutes=minutes))
    work_off()
    assert who(cart) == ["u_1", "u_2"]
    for number in (1, 2):
        merges(test_env, f"u_{number}", f"v_{number}")

    assert who(cart) == ["u_2"]


def test_what_a_drain_still_wrote_of_a_visitor_after_the_merge_goes_to_the_user(test_env):
    cart = Segment.objects.create(
        environment=test_env,
        name="Cart",
        kind="event",
        entry={"event": "add", "where": [], "leave": None, "afterDays": None},
    )
    user = EndUserFactory(environment=test_env, user_id="u_1")
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v_1")
    register(config.get(test_env.id), parse({"userId": "u_1", "anonymousId": "v_1"}), now=NOW)
    SegmentMember.objects.create(
        environment=test_env, user=visitor, segment=cart, source="event", entered_at=NOW
    )
    work_off()

    assert list(SegmentMember.objects.values_list("user_id", flat=True)) == [user.pk]
