"""People put on a list by a member of the team: as hand-made, and in the audit log."""

import pytest
from django.utils import timezone

from glu_admin.api.errors import ApiError
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry, Member
from tests.factories import EndUserFactory
from tests.segments.listing import a_list, members
from users.models import Segment, SegmentMember
from users.segments.lists import hand

NOW = timezone.now()


@pytest.fixture
def asha(db):
    return Actor.of(Member.objects.create_user("asha@x.test", name="Asha"))


def test_what_a_member_does_is_logged_once_and_only_if_it_changed_something(test_env, asha):
    guests = a_list(test_env)
    EndUserFactory(environment=test_env, user_id="u_1")

    for _ in range(2):
        hand.add(guests, user_ids=["u_1", "u_9"], glu_ids=[], actor=asha, now=NOW)

    assert (members(guests), SegmentMember.objects.get().source) == (["u_1"], "hand")
    entry = AuditEntry.objects.get(action="segment.members_add")
    assert (entry.member.email, entry.changes) == ("asha@x.test", {"people": [None, 1]})
    hand.remove(guests, user_ids=["u_1"], glu_ids=[], actor=asha, now=NOW)
    assert members(guests) == []
    assert AuditEntry.objects.filter(action="segment.members_remove").count() == 1


def test_a_visitor_who_became_a_user_is_put_on_as_the_user(test_env, asha):
    user = EndUserFactory(environment=test_env, user_id="u_1")
    alias = EndUserFactory(
        environment=test_env, user_id=None, anonymous_id="v", merged_into=user, merged_at=NOW
    )
    guests = a_list(test_env)

    done = hand.add(guests, user_ids=["u_1"], glu_ids=[alias.glu_id], actor=asha, now=NOW)

    assert [each.verdict for each in done] == ["added", "duplicate"]
    assert SegmentMember.objects.get().user == user


def test_a_segment_by_an_event_takes_nobody_by_name(test_env, asha):
    segment = Segment.objects.create(environment=test_env, name="E", kind="event", entry={"event": "x"})

    with pytest.raises(ApiError) as refused:
        hand.add(segment, user_ids=["u_1"], glu_ids=[], actor=asha, now=NOW)

    assert refused.value.code == "not_a_list"
