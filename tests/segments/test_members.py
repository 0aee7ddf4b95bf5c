"""Who is in a segment: everybody once, never an alias, and with a move and a message where they are told."""

from datetime import UTC, datetime, timedelta

import pytest

from glu_admin.webhooks.models import OutboxMessage
from tests.factories import EndUserFactory
from users.models import Segment, SegmentCheck, SegmentMember, SegmentMove
from users.segments import members

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def segment(environment, name="VIP", kind="static", **fields):
    if kind == "event":
        fields = {"entry": {"event": "purchase", "where": [], "leave": None, "afterDays": None}} | fields
    if kind == "rules":
        fields = {"rule": {"all": []}} | fields
    return Segment.objects.create(environment=environment, name=name, kind=kind, **fields)


def people(environment, count):
    return [EndUserFactory(environment=environment).pk for _ in range(count)]


def who(group):
    return sorted(SegmentMember.objects.filter(segment=group).values_list("user_id", flat=True))


def test_people_are_added_once_and_taken_out_once(test_env):
    vip, (one, two, three) = segment(test_env), people(test_env, 3)

    assert members.add(vip, [two, one], source="hand", why="hand", now=NOW) == 2
    assert members.add(vip, [two, three, two], source="api", why="api", now=NOW + DAY) == 1
    assert who(vip) == [one, two, three]
    assert SegmentMember.objects.get(segment=vip, user_id=two).entered_at == NOW
    assert members.remove(vip, [one, two], why="hand", now=NOW) == 2
    assert members.remove(vip, [one, two], why="hand", now=NOW) == 0
    assert who(vip) == [three]


def test_a_visitor_who_became_a_user_is_added_as_that_user_and_who_was_erased_is_not(test_env):
    vip, user = segment(test_env), EndUserFactory(environment=test_env)
    alias = EndUserFactory(
        environment=test_env, user_id=None, anonymous_id="a", merged_into=user, merged_at=NOW
    )
    gone = EndUserFactory(environment=test_env, user_id=None, erased_at=NOW)

    assert members.add(vip, [alias.pk, gone.pk, user.pk, 10**12], source="api", why="api", now=NOW) == 1
    assert who(vip) == [user.pk]


def test_nobody_of_another_environment_gets_in(test_env, live_env):
    vip, stranger = segment(test_env), EndUserFactory(environment=live_env)

    assert members.add(vip, [stranger.pk], source="api", why="api", now=NOW) == 0


def test_the_people_of_an_import_leave_with_its_batch(test_env):
    vip, (one, two) = segment(test_env), people(test_env, 2)
    batch = vip.id
    members.add(vip, [one], source="hand", why="hand", now=NOW)
    members.add(vip, [one, two], source="import", batch=batch, why="import", now=NOW)

    assert members.remove(vip, batch=batch, why="import", now=NOW) == 1
    assert who(vip) == [one]


def test_a_plain_list_tells_nobody(test_env):
    vip, (one,) = segment(test_env), people(test_env, 1)

    members.add(vip, [one], source="hand", why="hand", now=NOW)

    assert not SegmentMove.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert not SegmentCheck.objects.exists()


def test_a_segment_that_notifies_writes_each_move_and_a_message_of_it(test_env):
    vip, (one, two) = segment(test_env, notify=True), people(test_env, 2)
    members.add(vip, [one, two], source="hand", why="hand", now=NOW)
    members.remove(vip, [one], why="api", now=NOW + DAY)

    moves = SegmentMove.objects.order_by("at", "user_id")
    assert list(moves.values_list("user_id", "entered", "why", "at")) == [
        (one, True, "hand", NOW),
        (two, True, "hand", NOW),
        (one, False, "api", NOW + DAY),
    ]
    kinds = dict(OutboxMessage.objects.values_list("subject_id", "kind"))
    assert kinds == {move.id: "segment.entered" if move.entered else "segment.left" for move in moves}


def test_who_is_added_quietly_is_not_told_of(test_env):
    vip, (one,) = segment(test_env, notify=True), people(test_env, 1)

    assert members.add(vip, [one], source="rule", why="rule", now=NOW, quietly=True) == 1
    assert not SegmentMove.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_newer_entry_by_an_event_lasts_longer_and_an_older_one_changes_nothing(test_env):
    buyers, (one,) = segment(test_env, kind="event"), people(test_env, 1)
    for at in (NOW, NOW + DAY, NOW - DAY):
        members.enter(buyers, {one: (at, at + 7 * DAY)}, now=NOW)

    row = SegmentMember.objects.get()
    assert (row.entered_at, row.leaves_at) == (NOW + DAY, NOW + 8 * DAY)
    assert SegmentMove.objects.count() == 1


def test_whose_time_is_over_leaves(test_env):
    buyers, (one, two) = segment(test_env, kind="event"), people(test_env, 2)
    members.enter(buyers, {one: (NOW, NOW + DAY), two: (NOW, None)}, now=NOW)

    assert members.remove(buyers, why="time", now=NOW + DAY, expired=True) == 1
    assert who(buyers) == [two]


def test_who_entered_after_the_event_that_leads_out_stays(test_env):
    buyers, (one, two) = segment(test_env, kind="event"), people(test_env, 2)
    members.enter(buyers, {one: (NOW, None), two: (NOW + DAY, None)}, now=NOW)

    assert members.remove(buyers, [one, two], why="event", now=NOW, entered_by=NOW) == 1
    assert who(buyers) == [two]


def test_a_kept_segment_that_reads_a_list_has_its_people_looked_at(test_env):
    vip, (one,) = segment(test_env), people(test_env, 1)
    segment(test_env, "Not VIP", "rules", rule={"not": {"segment": str(vip.id)}}, kept=True)

    members.add(vip, [one], source="hand", why="hand", now=NOW)

    assert list(SegmentCheck.objects.values_list("user_id", flat=True)) == [one]
