import pytest

from glu_admin.workspaces import access
from glu_admin.workspaces.models import Membership


@pytest.mark.parametrize("role", Membership.Role.values)
@pytest.mark.parametrize("kind", ["test", "live"])
def test_what_is_not_in_the_table_is_refused_to_everybody(role, kind):
    assert not access.may(role, "campaigns.delete", kind)


def test_a_role_that_does_not_exist_may_nothing():
    assert not any(access.may("intern", permission, "test") for permission in access.RULES)


@pytest.mark.parametrize(
    ("role", "permission", "in_test", "in_live"),
    [
        ("owner", "campaigns.launch", True, True),
        ("marketer", "campaigns.launch", True, True),
        ("developer", "campaigns.launch", True, False),
        ("viewer", "campaigns.launch", False, False),
        ("viewer", "campaigns.view", True, True),
        ("marketer", "keys.edit", False, False),
        ("developer", "keys.edit", True, True),
        ("developer", "team.edit", False, False),
        ("marketer", "users.personal", False, False),
        ("marketer", "coupons.reveal", False, False),
        ("viewer", "audit.view", False, False),
        ("admin", "admin.use", True, True),
        ("developer", "admin.use", False, False),
    ],
)
def test_the_table_of_roles(role, permission, in_test, in_live):
    assert access.may(role, permission, "test") is in_test
    assert access.may(role, permission, "live") is in_live


def test_a_refusal_says_who_may_and_whom_to_ask():
    assert access.refusal("team.edit") == "Only Owners and Admins may change the team. Ask an Admin."


def test_an_owner_may_everything_that_anybody_may():
    assert all(access.may("owner", permission, "live") for permission in access.RULES)
