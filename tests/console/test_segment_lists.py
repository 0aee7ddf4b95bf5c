"""Lists in the console: made, filled by hand and by a file, and undone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from glu_admin.jobs.desk import work_once
from tests.factories import EndUserFactory
from users.models import Segment, SegmentImport, SegmentMember

NEW = "/c/test/segments/new/list/"


@pytest.fixture
def people(test_env):
    return [EndUserFactory(environment=test_env, user_id=f"u_{n}") for n in range(3)]


@pytest.fixture
def friends(test_env, people):
    return Segment.objects.create(environment=test_env, name="Friends", kind="static")


def test_a_list_is_made_with_people_and_says_who_was_not_added(owner, people):
    answer = owner.post(NEW, {"name": "Friends", "ids": "u_0, u_1\nnobody\nu_0"})

    assert SegmentMember.objects.count() == 2
    assert "2 added, 2 not" in answer.text
    assert "is nobody here" in answer.text
    assert "is there twice" in answer.text


def test_a_name_that_is_taken_is_refused_with_what_was_typed(owner, friends):
    answer = owner.post(NEW, {"name": "Friends", "ids": "u_1"})

    assert (answer.status_code, "u_1" in answer.text) == (400, True)
    assert Segment.objects.count() == 1


def test_a_person_is_taken_off_the_list(owner, friends, people):
    owner.post(f"/c/test/segments/{friends.pk}/people/", {"ids": "u_0,u_1"})

    owner.post(f"/c/test/segments/{friends.pk}/people/remove/", {"person": people[0].glu_id})

    assert [row.user_id for row in SegmentMember.objects.all()] == [people[1].pk]


def test_a_file_is_taken_in_to_be_checked_before_anybody_is_added(owner, friends):
    file = SimpleUploadedFile("people.csv", b"userId\nu_0\nnobody\n")

    answer = owner.post(
        f"/c/test/segments/{friends.pk}/upload/", {"file": file, "match": "core.userId"}, follow=True
    )

    assert SegmentImport.objects.get().file_name == "people.csv"
    assert "The file is being checked" in answer.text
    assert not SegmentMember.objects.exists()


def test_a_file_of_another_kind_is_refused_in_words(owner, friends):
    file = SimpleUploadedFile("people.pdf", b"%PDF")

    answer = owner.post(f"/c/test/segments/{friends.pk}/upload/", {"file": file})

    assert (answer.status_code, "Choose a .csv or .xlsx file." in answer.text) == (400, True)


def test_who_may_only_look_makes_no_list(as_role, friends):
    assert as_role("viewer").post(NEW, {"name": "x"}).status_code == 403


def test_a_file_is_reported_on_let_in_and_undone(owner, friends, people):
    file = SimpleUploadedFile("people.csv", b"userId\nu_0\nnobody\nu_1\nu_1\n")
    owner.post(f"/c/test/segments/{friends.pk}/upload/", {"file": file, "match": "core.userId"})
    page = f"/c/test/segment-imports/{SegmentImport.objects.get().pk}/"

    def after(decision=""):
        if decision:
            owner.post(page, {"decision": decision})
        while work_once():
            pass
        return owner.get(page).text, SegmentMember.objects.count()

    checked, added, undone = after(), after("apply"), after("undo")

    assert "of 4 rows name somebody here" in checked[0]
    assert "Add 2 people" in checked[0]
    assert "Row 3" in checked[0]
    assert "hx-get" not in checked[0], "what has ended is not asked for again"
    assert [each[1] for each in (checked, added, undone)] == [0, 2, 0]
    assert "The import is undone" in undone[0]
