import re

import pytest

from glu_admin.workspaces import team
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry, Membership

ROOT = Actor("a test")


@pytest.fixture
def membership(member_of):
    return lambda role, email="": Membership.objects.get(member=member_of(role, email))


def test_the_last_owner_can_not_be_removed_or_demoted(membership):
    last = membership("owner")

    with pytest.raises(team.TeamError, match="last owner"):
        team.remove(last, ROOT)
    with pytest.raises(team.TeamError, match="last owner"):
        team.change_role(last, "viewer", ROOT)

    assert Membership.objects.get().role == "owner"


def test_one_of_two_owners_may_leave(membership):
    first, _ = membership("owner", "a@x.test"), membership("owner", "b@x.test")

    team.remove(first, ROOT)

    assert Membership.objects.get().member.email == "b@x.test"


def test_an_invitation_shows_its_link_once_and_is_audited(owner, workspace):
    answer = owner.post("/c/test/team/invite/", {"email": "Nia@brewline.test", "role": "marketer"})

    path = re.search(r"http://testserver(/sign-in/link/[^\"]+)", answer.text)[1]
    assert path not in owner.get("/c/test/team/").text
    entry = AuditEntry.objects.get(action="member.invited")
    assert entry.changes == {"role": [None, "marketer"]}
    owner.post(path)
    assert owner.get("/c/test/team/").context["user"].email == "nia@brewline.test"


def test_nobody_is_invited_twice(owner):
    for _ in range(2):
        answer = owner.post("/c/test/team/invite/", {"email": "nia@brewline.test", "role": "viewer"})

    assert answer.status_code == 400
    assert "nia@brewline.test is in the team already." in answer.text


@pytest.mark.parametrize("action", ["role", "remove", "link"])
def test_an_admin_can_not_become_an_owner_by_a_detour(as_role, membership, action):
    theirs = membership("owner", "olga@x.test")
    client = as_role("admin")

    client.post("/c/test/team/invite/", {"email": "me@x.test", "role": "owner"})
    answer = client.post(f"/c/test/team/{theirs.pk}/{action}/", {"role": "owner"}, follow=True)

    assert "Only Owners may" in answer.text
    assert "/sign-in/link/" not in answer.text
    assert list(Membership.objects.filter(role="owner").values_list("member__email", flat=True)) == [
        "olga@x.test"
    ]


def test_a_changed_role_holds_at_once_and_leaves_a_trace(owner, membership):
    vera = membership("viewer", "vera@x.test")

    owner.post(f"/c/test/team/{vera.pk}/role/", {"role": "marketer"})

    vera.refresh_from_db()
    assert vera.role == "marketer"
    entry = AuditEntry.objects.get(action="member.role_changed")
    assert (entry.actor, entry.changes) == ("owner@brewline.test", {"role": ["viewer", "marketer"]})
    assert "viewer → marketer" in owner.get("/c/test/audit-log/?q=member.role").text


def test_a_role_that_does_not_exist_is_refused(owner, membership):
    vera = membership("viewer", "vera@x.test")

    answer = owner.post(f"/c/test/team/{vera.pk}/role/", {"role": "king"}, follow=True)

    assert "There is no such role." in answer.text
    assert Membership.objects.get(pk=vera.pk).role == "viewer"
