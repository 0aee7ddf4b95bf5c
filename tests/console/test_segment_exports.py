"""A segment's people as a file, in the console: asked for, followed, fetched."""

import pytest

from glu_admin.jobs.desk import work_once
from glu_admin.jobs.models import Job
from tests.factories import EndUserFactory
from users.models import Segment, SegmentMember

RULE = {"all": [{"field": "attributes.tier", "operator": "is", "value": "gold"}]}


@pytest.fixture
def gold(test_env):
    for number, tier in enumerate(["gold", "gold", "silver"]):
        EndUserFactory(environment=test_env, user_id=f"u_{number}", attributes={"tier": tier})
    return Segment.objects.create(environment=test_env, name="Gold", rule=RULE)


def exported(client, segment):
    answer = client.post(f"/c/test/segments/{segment.pk}/export/")
    while work_once():
        pass
    return answer.url


def content(client, page):
    return b"".join(client.get(f"{page}file/").streaming_content).decode()


def test_an_export_is_followed_and_its_file_fetched(owner, gold):
    assert "Export CSV" in owner.get(f"/c/test/segments/{gold.pk}/").text
    waits = owner.post(f"/c/test/segments/{gold.pk}/export/", follow=True).text
    assert "The export waits for its turn" in waits
    assert "hx-get" in waits
    page = f"/c/test/segment-exports/{Job.objects.get().pk}/"
    while work_once():
        pass

    done = owner.get(page).text
    assert "2 people, with all that is known of them" in done
    assert "hx-get" not in done, "what has ended is not asked for again"
    file = content(owner, page)
    assert ("u_0" in file, "u_1" in file, "u_2" in file) == (True, True, False)
    assert owner.get(f"{page}progress/").status_code == 200


def test_a_list_is_exported_as_it_stands(owner, gold, test_env):
    friends = Segment.objects.create(environment=test_env, name="Friends", kind="static")
    owner.post(f"/c/test/segments/{friends.pk}/people/", {"ids": "u_2"})
    assert SegmentMember.objects.count() == 1

    file = content(owner, exported(owner, friends))

    assert ("u_2" in file, "u_0" in file) == (True, False)


def test_who_may_not_export_is_offered_no_button_and_refused(as_role, gold):
    marketer = as_role("marketer")

    assert "Export CSV" not in marketer.get(f"/c/test/segments/{gold.pk}/").text
    assert marketer.post(f"/c/test/segments/{gold.pk}/export/").status_code == 403
    assert not Job.objects.exists()


def test_an_export_of_something_else_is_not_shown_here(owner, gold, test_env):
    other = Job.objects.create(environment=test_env, kind="user_export", options={"format": "csv"}, actor="x")

    assert owner.get(f"/c/test/segment-exports/{other.pk}/").status_code == 404


def test_the_file_of_an_export_that_waits_is_not_found(owner, gold):
    page = owner.post(f"/c/test/segments/{gold.pk}/export/").url

    assert owner.get(f"{page}file/").status_code == 404
