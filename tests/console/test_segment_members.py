"""Who is in a list, page by page and by search; a file for a list that live campaigns use."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.models import CampaignSegment
from glu_admin.jobs.desk import work_once
from tests.factories import EndUserFactory
from users.models import EndUser, Segment, SegmentImport, SegmentMember


@pytest.fixture
def people(test_env):
    return [EndUserFactory(environment=test_env, user_id=f"u_{n:03}") for n in range(120)]


@pytest.fixture
def friends(test_env, people):
    made = Segment.objects.create(environment=test_env, name="Friends", kind="static")
    SegmentMember.objects.bulk_create(
        SegmentMember(environment=test_env, segment=made, user=person, source="hand") for person in people
    )
    return made


def test_all_members_are_paged_through_each_once(owner, friends, people):
    path, query, seen = f"/c/test/segments/{friends.pk}/", {}, []
    for _ in range(3):
        page = owner.get(path, query)
        members = page.context["members"]
        seen += [row.user_id for row in members.rows]
        query = {"after": members.after}

    assert sorted(seen) == sorted(person.pk for person in people)
    assert ("First page" in page.text, "Next page" in page.text) == (True, False)


def test_a_member_is_found_wherever_in_the_list(owner, friends):
    path = f"/c/test/segments/{friends.pk}/"

    found = owner.get(path, {"member": "u_003"}).context["members"].rows
    assert [row.user.user_id for row in found] == ["u_003"]
    assert "Nobody in it is found" in owner.get(path, {"member": "u_999"}).text


def test_a_person_outside_of_the_list_is_not_found_in_it(owner, friends, test_env):
    EndUserFactory(environment=test_env, user_id="stranger")

    answer = owner.get(f"/c/test/segments/{friends.pk}/", {"member": "stranger"})
    assert answer.context["members"].rows == []


def test_a_broken_place_in_the_list_is_not_found(owner, friends):
    assert owner.get(f"/c/test/segments/{friends.pk}/", {"after": "x"}).status_code == 404


@pytest.fixture
def checked(owner, test_env):
    """A list of nobody, and a file for it that was checked."""
    EndUserFactory(environment=test_env, user_id="u_1")
    made = Segment.objects.create(environment=test_env, name="Guests", kind="static")
    file = SimpleUploadedFile("people.csv", b"userId\nu_1\n")
    owner.post(f"/c/test/segments/{made.pk}/upload/", {"file": file, "match": "core.userId"})
    while work_once():
        pass
    return SegmentImport.objects.get()


def decide(owner, order, decision):
    answer = owner.post(f"/c/test/segment-imports/{order.pk}/", {"decision": decision})
    while work_once():
        pass
    return answer


def test_cancel_takes_the_prepared_import_away(owner, checked):
    answer = decide(owner, checked, "cancel")

    assert answer.url == f"/c/test/segments/{checked.segment_id}/people/"
    assert not SegmentImport.objects.exists()
    assert not SegmentMember.objects.exists()


def test_what_was_let_in_is_not_cancelled(owner, checked):
    decide(owner, checked, "apply")
    decide(owner, checked, "cancel")

    assert SegmentImport.objects.exists()
    assert [row.user.user_id for row in SegmentMember.objects.all()] == ["u_1"]


def test_a_file_for_a_list_of_a_live_campaign_asks_first(owner, checked, wheel):
    CampaignSegment.objects.create(
        environment_id=wheel.environment_id, campaign=wheel, segment_id=checked.segment_id
    )

    asked = decide(owner, checked, "apply")
    assert (asked.status_code, "Weekend spin" in asked.text, "Import anyway" in asked.text) == (
        409,
        True,
        True,
    )
    assert not SegmentMember.objects.exists()

    decide(owner, checked, "apply-anyway")
    assert SegmentMember.objects.get().user == EndUser.objects.get(user_id="u_1")
