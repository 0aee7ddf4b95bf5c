"""The console's switch of signed identity, and the secret that is shown once."""

import pytest

from glu_admin import config
from glu_admin.api.errors import Unauthorized
from glu_admin.workspaces.models import AuditEntry
from users.identity import signed
from users.registration_form import parse

PAGE = "/c/test/signed-identity/"


def proved(environment, **body):
    config.forget()
    return signed.checked(config.get(environment.id), parse({"userId": "ada", **body}))


def test_while_it_is_off_the_page_says_what_that_means(as_role):
    assert "anybody who has it can register as any user" in as_role("developer").get(PAGE).content.decode()


def test_a_new_secret_is_shown_once_and_proves_user_ids(as_role, test_env):
    client = as_role("developer")

    shown = client.post(f"{PAGE}secret/").content.decode()
    secret = shown.partition('readonly value="')[2].partition('"')[0]
    client.post(f"{PAGE}switch/", {"mode": "enforce"})

    assert secret.startswith("is_test_")
    assert secret not in client.get(PAGE).content.decode()
    assert not proved(test_env, userHash=signed.user_hash(secret.encode(), "ada")).warnings
    with pytest.raises(Unauthorized):
        proved(test_env)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"identity_secret.rotate", "signed_identity.switch"} <= actions
    assert secret not in str(list(AuditEntry.objects.values()))


def test_it_can_not_be_enforced_without_a_secret(as_role, test_env):
    answer = as_role("owner").post(f"{PAGE}switch/", {"mode": "enforce"})

    assert answer.status_code == 400
    assert "Make a secret first" in answer.content.decode()
    test_env.refresh_from_db()
    assert test_env.signed_identity == "off"


def test_a_mode_that_is_none_is_refused(as_role):
    assert as_role("owner").post(f"{PAGE}switch/", {"mode": "maybe"}).status_code == 400


@pytest.mark.parametrize("role", ["marketer", "viewer"])
def test_who_may_not_change_keys_can_not_change_it(as_role, role):
    client = as_role(role)

    assert client.post(f"{PAGE}switch/", {"mode": "report"}).status_code == 403
    assert client.post(f"{PAGE}secret/").status_code == 403
