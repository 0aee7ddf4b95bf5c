import re

from glu_admin.webhooks import endpoints
from glu_admin.webhooks.models import Delivery, Endpoint, OutboxMessage
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.keys import hash_api_key
from glu_admin.workspaces.models import ApiKey, AuditEntry, WriteKey

PAGE = "/c/test/developers/"


def test_the_requests_on_the_page_have_the_environments_key_in_them(owner, write_key):
    text = owner.get(PAGE).text

    assert write_key in text.partition("The first three requests")[2]
    assert "/user/v1/user/sdk?token=true" in text


def test_a_secret_is_shown_once_and_stored_hashed(owner):
    made = owner.post(PAGE + "api-keys/", {"api-name": "Shop", "api-scopes": ["rewards:read"]})

    secret = re.search(r"sk_test_[\w-]{40,}", made.text)[0]
    row = ApiKey.objects.get()
    assert row.key_hash == hash_api_key(secret)
    assert row.scopes == ["rewards:read"]
    assert secret not in owner.get(PAGE).text
    assert secret not in str(AuditEntry.objects.get(action="api_key.created").changes)


def test_a_key_without_rights_is_not_made(owner):
    answer = owner.post(PAGE + "api-keys/", {"api-name": "Shop"})

    assert answer.status_code == 400
    assert not ApiKey.objects.exists()


def test_a_revoked_key_says_so_and_is_audited(owner, test_env):
    owner.post(PAGE + "write-keys/", {"write-name": "Android"})
    key = WriteKey.objects.get(name="Android")

    owner.post(f"{PAGE}write-keys/{key.pk}/revoke/")

    key.refresh_from_db()
    assert key.revoked_at
    assert "revoked" in owner.get(PAGE).text
    assert [entry.action for entry in AuditEntry.objects.all()] == ["write_key.revoked", "write_key.created"]
    assert owner.post(f"{PAGE}write-keys/{key.pk}/revoke/").status_code == 404


def test_a_marketer_sees_the_page_without_its_buttons(as_role):
    text = as_role("marketer").get(PAGE).text

    assert "Only Owners, Admins and Developers may make and revoke keys. Ask an Admin." in text
    assert "Make an API key" not in text


def test_an_endpoint_is_added_and_its_secret_shown_once(owner, test_env):
    receiver = endpoints.receiver_path(test_env.id)

    made = owner.post("/c/test/webhooks/add/", {"url": receiver, "kinds": ["reward.won"], "token": "t"})

    secret = re.search(r'value="(whsec_[^"]+)"', made.text)[1]
    assert secret not in owner.get("/c/test/webhooks/").text
    assert Endpoint.objects.get().url == receiver


def test_an_address_that_can_not_be_used_is_refused_at_its_field(owner, db):
    answer = owner.post("/c/live/webhooks/add/", {"url": "http://127.0.0.1/", "kinds": ["reward.won"]})

    assert answer.status_code == 400
    assert answer.context["form"].errors["url"]
    assert not Endpoint.objects.exists()


def test_an_endpoint_is_switched_off_and_on_again(owner, test_env):
    endpoint, _ = endpoints.create(test_env, endpoints.receiver_path(test_env.id), ["reward.won"])

    for status in ("disabled", "active"):
        owner.post(f"/c/test/webhooks/{endpoint.pk}/switch/")
        endpoint.refresh_from_db()
        assert endpoint.status == status


def test_deliveries_are_listed_with_their_state(owner, test_env, wheel, play):
    endpoints.create(test_env, endpoints.receiver_path(test_env.id), ["reward.won"])
    play(wheel, "u_1")
    Delivery.objects.create(
        environment=test_env,
        message=OutboxMessage.objects.get(environment=test_env),
        endpoint=Endpoint.objects.get(),
        state="exhausted",
        tries=3,
    )

    page = owner.get("/c/test/webhooks/?state=exhausted")

    assert "Out of tries" in page.text
    assert "None in this state." in owner.get("/c/test/webhooks/?state=held").text


def test_small_pages_take_twelve_statements_at_most(owner, wheel, play, django_assert_max_num_queries):
    play(wheel, "u_1")
    for page in ("developers", "webhooks", "team", "audit-log"):
        with django_assert_max_num_queries(12):
            assert owner.get(f"/c/test/{page}/").status_code == 200


def test_the_audit_log_writes_lists_as_words(owner, test_env):
    endpoints.create(test_env, "https://hooks.example.com/a", ["reward.won"], actor=Actor("Olga"))

    page = owner.get("/c/test/audit-log/").text

    assert "— → reward.won<" in page
