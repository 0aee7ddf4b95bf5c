"""Users in the console: found by what is known of them, shown to each role as it may see them."""

import json
import uuid

import pytest
from django.utils import timezone

from glu_admin import config
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory
from users.models import EndUser, Erasure
from users.registration import register
from users.registration_form import parse

PAGE = "/c/test/users/"


@pytest.fixture
def ada(test_env):
    body = {
        "userId": "ada-1815",
        "userName": "Ada Lovelace",
        "email": "ada@engine.test",
        "phone": "+441815",
        "deviceId": "loom-9",
        "deviceName": "Jacquard",
        "customAttributes": {"tier": "gold", "orders": 3},
    }
    register(config.get(test_env.id), parse(body), now=timezone.now())
    return EndUser.objects.get(user_id="ada-1815")


@pytest.mark.parametrize(
    "wanted", ["ada-1815", "ada@engine.test", "+441815", "loom-9", "Ada", "ada love", "  ada-1815 "]
)
def test_a_user_is_found_by_any_id_or_contact_and_by_the_beginning_of_the_name(as_role, ada, wanted):
    assert "Ada Lovelace" in as_role("owner").get(PAGE, {"q": wanted}).content.decode()


def test_a_user_is_found_by_the_referral_code(as_role, ada):
    page = as_role("owner").get(PAGE, {"q": ada.referral_code}).content.decode()

    assert "Ada Lovelace" in page


@pytest.mark.parametrize("wanted", ["u_9", "%", "_", "a\0b", "x" * 10_000, "'; DROP TABLE users"])
def test_a_search_that_finds_nobody_says_how_ids_work(as_role, ada, wanted):
    answer = as_role("owner").get(PAGE, {"q": wanted})

    assert answer.status_code == 200
    assert "case-sensitive" in answer.content.decode()


@pytest.mark.parametrize("wanted", ["ADA-1815", "ada-18", "Ada-1", "ada-1816", "ADA-1899"])
def test_an_id_that_is_nearly_right_finds_close_matches(as_role, ada, wanted):
    page = as_role("owner").get(PAGE, {"q": wanted}).content.decode()

    assert "Close matches" in page
    assert "One id is close" in page
    assert str(ada.glu_id) in page


def test_close_matches_are_few(as_role, test_env):
    for number in range(5):
        EndUserFactory(environment=test_env, user_id=f"u_{number}")

    assert "3 ids are close" in as_role("owner").get(PAGE, {"q": "u_"}).content.decode()


def test_who_may_not_see_ids_cannot_spell_them_out(as_role, ada):
    client = as_role("marketer")

    assert str(ada.glu_id) not in client.get(PAGE, {"q": "ada-18"}).content.decode()
    assert str(ada.glu_id) in client.get(PAGE, {"q": "ADA-1815"}).content.decode()


def test_close_matches_are_of_this_environment_and_not_erased(as_role, ada, live_env):
    EndUserFactory(environment=live_env, user_id="u_9x")
    client = as_role("owner")
    assert "case-sensitive" in client.get(PAGE, {"q": "u_9"}).content.decode()
    assert "Close matches" not in client.get(PAGE, {"q": "u_9"}).content.decode()


def test_the_page_opens_with_who_registered_last(as_role, ada):
    page = as_role("owner").get(PAGE).content.decode()

    assert "Recently registered" in page
    assert "Ada Lovelace" in page


@pytest.mark.parametrize("role", ["marketer", "viewer", "developer"])
def test_who_may_not_see_personal_fields_sees_them_shortened(as_role, ada, role):
    client = as_role(role)
    seen = client.get(PAGE).content.decode()
    for tab in ("timeline", "attributes", "devices", "identity"):
        seen += client.get(f"{PAGE}{ada.glu_id}/", {"tab": tab}).content.decode()

    assert "Ada L." in seen
    for personal in ("Lovelace", "ada-1815", "ada@engine.test", "+441815"):
        assert personal not in seen


def test_a_user_page_tells_what_happened_and_what_is_known(as_role, ada):
    client = as_role("owner")
    address = f"{PAGE}{ada.glu_id}/"

    assert "egistered" in client.get(address).content.decode()
    assert "gold" in client.get(address, {"tab": "attributes"}).content.decode()
    assert "Jacquard" in client.get(address, {"tab": "devices"}).content.decode()
    assert "ada@engine.test" in client.get(address, {"tab": "identity"}).content.decode()
    assert client.get(address, {"tab": "timeline", "before": "broken"}).status_code == 404
    assert client.get(address, {"kind": "nonsense"}).status_code == 200


def test_a_user_of_the_other_environment_is_not_found(as_role, live_env):
    stranger = EndUserFactory(environment=live_env)

    assert as_role("owner").get(f"{PAGE}{stranger.glu_id}/").status_code == 404


def test_blocking_unblocking_and_signing_out_are_done_and_logged(as_role, ada):
    client = as_role("admin")

    for action in ("block", "unblock", "sign-out"):
        assert client.post(f"{PAGE}{ada.glu_id}/{action}/").status_code == 302
    version = ada.token_version
    ada.refresh_from_db()

    assert ada.blocked_at is None
    assert ada.token_version == version + 1
    actions = list(AuditEntry.objects.filter(object_id=str(ada.pk)).values_list("action", flat=True))
    assert set(actions) >= {"user.block", "user.unblock", "user.revoke_tokens"}
    assert client.post(f"{PAGE}{ada.glu_id}/dance/").status_code == 404
    assert client.post(f"{PAGE}{uuid.uuid4()}/block/").status_code == 404


def test_everything_of_one_user_is_exported_as_json(as_role, ada):
    answer = as_role("owner").get(f"{PAGE}{ada.glu_id}/export.json")

    assert answer["Content-Disposition"].startswith("attachment")
    assert b"ada@engine.test" in answer.getvalue()
    assert AuditEntry.objects.filter(action="user.exported").exists()


def test_erasing_asks_for_the_id_and_gives_a_receipt(as_role, ada):
    client = as_role("owner")
    address = f"{PAGE}{ada.glu_id}/erase/"

    assert "ada-1815" in client.get(address).content.decode()
    refused = client.post(address, {"confirm": "ADA-1815"})
    assert refused.status_code == 400
    assert not Erasure.objects.exists()

    receipt = client.post(address, {"confirm": "ada-1815"}).content.decode()
    assert str(Erasure.objects.get().pk) in receipt
    assert not EndUser.objects.filter(user_id="ada-1815").exists()
    assert client.get(f"{PAGE}{ada.glu_id}/").status_code == 404


def test_the_receipt_says_what_went_what_stays_and_what_there_was_nothing_of(as_role, ada):
    page = as_role("owner").post(f"{PAGE}{ada.glu_id}/erase/", {"confirm": "ada-1815"}).content.decode()

    assert '<dt>Devices</dt><dd class="number">1</dd>' in page
    assert "nothing of: " in page
    assert "entry points" in page
    assert "A play names nobody." in page
    assert "None was waiting." in page


def test_an_export_holds_numbers_beyond_64_bits(as_role, ada):
    EndUser.objects.filter(pk=ada.pk).update(attributes={"distance": 10**30})

    answer = as_role("owner").get(f"{PAGE}{ada.glu_id}/export.json")

    assert json.loads(answer.getvalue())["user"]["customAttributes"] == {"distance": 1e30}


def test_a_marketer_may_look_but_not_export_or_erase(as_role, ada):
    client = as_role("marketer")

    assert client.get(f"{PAGE}{ada.glu_id}/").status_code == 200
    assert client.get(f"{PAGE}{ada.glu_id}/export.json").status_code == 403
    assert client.post(f"{PAGE}{ada.glu_id}/erase/", {"confirm": "ada-1815"}).status_code == 403
