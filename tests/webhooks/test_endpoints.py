"""Endpoints: what may be saved, what is sealed, and who may use the built-in receiver."""

import pytest
from django.db import connection

from glu_admin.webhooks import endpoints
from glu_admin.webhooks.destination import DestinationError
from glu_admin.webhooks.endpoints import EndpointError
from glu_admin.webhooks.models import Endpoint
from glu_admin.workspaces.audit import Actor
from tests.webhooks.conftest import KIND, TOKEN

ADA = Actor("Ada")


def test_the_secret_is_given_once_and_stored_sealed(test_env, opened):
    endpoint, secret = endpoints.create(test_env, "https://example.com/hook", [KIND], TOKEN, actor=ADA)

    found = endpoints.signing_keys(opened, Endpoint.objects.get(), endpoint.created_at)
    assert (found.secrets, found.token) == ([secret], TOKEN.encode())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(each)::text, sealed_secret, sealed_token FROM webhooks_endpoint each"
        )
        text, *sealed = cursor.fetchone()
    assert secret not in text and TOKEN not in text
    assert all(secret.encode() not in bytes(each) and TOKEN.encode() not in bytes(each) for each in sealed)


def test_every_change_is_audited_without_secrets(test_env):
    endpoint, first = endpoints.create(test_env, "https://example.com/a", [KIND], TOKEN, actor=ADA)
    endpoints.revise(endpoint, url="https://example.com/b", kinds=[KIND], actor=ADA)
    second = endpoints.rotate(endpoint, actor=ADA)
    endpoints.set_token(endpoint, "other token", actor=ADA)
    endpoints.set_token(endpoint, None, actor=ADA)
    endpoints.disable(endpoint, actor=ADA)
    endpoints.disable(endpoint, actor=ADA)
    endpoints.enable(endpoint, actor=ADA)

    entries = list(test_env.workspace.audit_entries.order_by("id"))
    assert [(entry.action, entry.changes) for entry in entries] == [
        ("endpoint.create", {"url": [None, "https://example.com/a"], "kinds": [None, [KIND]]}),
        ("endpoint.revise", {"url": ["https://example.com/a", "https://example.com/b"]}),
        ("endpoint.rotate", {}),
        ("endpoint.set_token", {}),
        ("endpoint.remove_token", {}),
        ("endpoint.disable", {"status": ["active", "disabled"]}),
        ("endpoint.enable", {"status": ["disabled", "active"]}),
    ]
    assert {entry.actor for entry in entries} == {"Ada"}
    assert first != second
    assert not Endpoint.objects.get().sealed_token


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://user@example.com/", "ftp://example.com/", "", "/", "//x/"]
)
def test_an_unusable_address_is_refused_with_its_field(test_env, url):
    with pytest.raises(EndpointError) as refusal:
        endpoints.create(test_env, url, [KIND])

    assert refusal.value.field == "url"
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("kinds", "words"), [([], "at least one"), (["tea"], r"no kind tea.*coffee\.brewed")]
)
def test_a_kind_that_nobody_tells_is_refused(test_env, kinds, words):
    with pytest.raises(EndpointError, match=words) as refusal:
        endpoints.create(test_env, "https://example.com/", kinds)

    assert refusal.value.field == "kinds"


def test_live_wants_https_and_has_no_built_in_receiver(live_env):
    for url in ("http://example.com/", endpoints.receiver_path(live_env.id)):
        with pytest.raises(EndpointError):
            endpoints.create(live_env, url, [KIND])
    assert endpoints.create(live_env, "https://example.com/", [KIND])[0].pk


def test_the_built_in_receiver_is_an_environments_own(test_env, workspace, settings):
    settings.PUBLIC_URL = "http://192.168.1.7:8000"
    other = workspace.environments.get(kind="live")

    by_url, _ = endpoints.create(test_env, f"http://192.168.1.7:8000/dev/receiver/{test_env.id}/", [KIND])

    assert by_url.url == f"/dev/receiver/{test_env.id}/"
    for wrong in (
        f"/dev/receiver/{other.id}/",
        f"http://192.168.1.7:8000/dev/receiver/{other.id}/",
        "/admin/",
    ):
        with pytest.raises(EndpointError):
            endpoints.create(test_env, wrong, [KIND])


def test_only_the_built_in_receiver_may_be_private(test_env, settings):
    settings.PUBLIC_URL, settings.WEBHOOK_ALLOWED_NETWORKS = "http://192.168.1.7:8000", []
    endpoint, _ = endpoints.create(test_env, endpoints.receiver_path(test_env.id), [KIND])

    found, allowed = endpoints.destination_of(endpoint, is_test=True)

    assert (found.host, found.port, found.target) == ("192.168.1.7", 8000, endpoint.url)
    assert allowed
    with pytest.raises(DestinationError):
        endpoints.destination_of(endpoint, is_test=False)
    endpoint.url = "/admin/"
    with pytest.raises(DestinationError):
        endpoints.destination_of(endpoint, is_test=True)
    endpoint.url = "http://192.168.1.7:8000/admin/"
    with pytest.raises(DestinationError):
        endpoints.destination_of(endpoint, is_test=True)


def test_workers_elsewhere_reach_the_receiver_by_its_internal_address(test_env, settings):
    settings.PUBLIC_URL, settings.INTERNAL_URL = "https://promo.example", "http://172.18.0.4:8000"
    endpoint, _ = endpoints.create(test_env, f"https://promo.example/dev/receiver/{test_env.id}/", [KIND])

    assert endpoints.destination_of(endpoint, is_test=True)[0].host == "172.18.0.4"
