"""The built-in receiver: what it takes, keeps, proves, answers, and shows to whom."""

import json
import threading
import time
import uuid

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from glu_admin import config
from glu_admin.webhooks import delivery, endpoints, leases, receiver
from glu_admin.webhooks.fanout import fan_out
from glu_admin.webhooks.models import Delivery, Received, ReceiverSettings
from glu_admin.webhooks.receiver import Behaviour
from glu_admin.webhooks.views import ReceiveView
from glu_admin.workspaces import keys
from glu_admin.workspaces.models import Member, Membership
from tests.webhooks.conftest import CODE, KIND, TOKEN

BODY = json.dumps(
    {"code": CODE, "rewardName": "Zoë's ☕"}, ensure_ascii=False, separators=(",", ":")
).encode()


@pytest.fixture
def path(test_env):
    return endpoints.receiver_path(test_env.id)


@pytest.fixture
def site(live_server, settings):
    settings.PUBLIC_URL = live_server.url
    return live_server.url


@pytest.fixture
def signed_in(workspace):
    def sign_in(role="developer"):
        member = Member.objects.create_user(f"{role}@example.com")
        Membership.objects.create(workspace=workspace, member=member, role=role)
        client = Client()
        client.force_login(member)
        return client

    return sign_in


def post(client, path, body=BODY, **headers):
    return client.post(path, body, content_type="application/json", headers=headers)


@pytest.mark.django_db(transaction=True)
def test_our_own_webhook_arrives_over_the_network_with_both_signatures_valid(
    site, test_env, tell, path, signed_in
):
    endpoint, _ = endpoints.create(test_env, f"{site}{path}", [KIND], TOKEN)
    assert endpoint.url == path
    [fact] = tell(test_env)
    fan_out()

    verdict = delivery.deliver(leases.take(1)[0])

    assert verdict.state == "delivered"
    [got] = signed_in().get("/dev/receiver/received.json").json()["received"]
    assert (got["signature"], got["webhookSignature"], got["answered"]) == ("valid", "valid", "200")
    assert got["headers"]["webhook-id"] == str(Delivery.objects.get().id)
    assert got["headers"]["content-type"] == "application/json"
    assert json.loads(got["body"]) == {"rewardId": str(fact), "code": CODE, "rewardName": "Zoë's ☕"}


@pytest.mark.django_db(transaction=True)
def test_told_to_fail_it_fails_and_the_webhook_is_tried_again(site, test_env, tell, path):
    endpoints.create(test_env, path, [KIND], TOKEN)
    tell(test_env)
    fan_out()
    receiver.behave(config.get(test_env.id), Behaviour.ERROR)

    delivery.deliver(leases.take(1)[0])

    made = Delivery.objects.get()
    assert (made.state, made.tries, made.attempts.get().status) == ("pending", 1, 500)
    assert Received.objects.get().answered == "500"


def test_what_is_signed_with_another_key_or_not_at_all_is_told_apart(client, test_env, path, opened):
    endpoints.create(test_env, path, [KIND], TOKEN)

    post(client, path)
    post(client, path, **{"X-CG-SIGNATURE": "0" * 40, "webhook-id": "x", "webhook-signature": "v1,AAAA"})

    verdicts = [(each.cg_signature, each.webhook_signature) for each in receiver.newest(opened)]
    assert verdicts == [("wrong", "wrong"), ("missing", "missing")]


def test_no_row_holds_a_code_or_a_header_in_the_clear(client, test_env, path):
    post(client, path, Authorization="Bearer very-secret")

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(each)::text, sealed_request FROM webhooks_received each")
        text, sealed = cursor.fetchone()
    assert CODE not in text
    assert CODE.encode() not in bytes(sealed)
    assert b"very-secret" not in bytes(sealed)


def test_it_keeps_the_newest_two_hundred_of_each_environment(client, test_env, path, opened, monkeypatch):
    monkeypatch.setattr(receiver, "KEPT", 3)
    other = keys.create_workspace("Other").environments.get(kind="test")
    post(client, endpoints.receiver_path(other.id))
    for number in range(5):
        post(client, path, body=str(number).encode())

    assert [each.body for each in receiver.newest(opened)] == ["4", "3", "2"]
    assert Received.objects.filter(environment=other).count() == 1


@pytest.mark.parametrize("body", [b"", b"not json", b"\xff\xfe", b"\x00", b'{"a":' * 1000, "☕".encode()])
def test_whatever_arrives_is_taken_and_shown(client, path, signed_in, body):
    assert post(client, path, body=body).status_code == 200

    assert signed_in().get("/c/test/receiver/").status_code == 200


def test_a_body_beyond_64_kib_is_refused_and_not_kept(client, path):
    answer = post(client, path, body=b"x" * 65537)

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"
    assert not Received.objects.exists()
    assert post(client, path, body=b"x" * 65536).status_code == 200


def test_live_and_unknown_environments_have_no_receiver(client, live_env):
    for where in (live_env.id, uuid.uuid4()):
        answer = post(client, endpoints.receiver_path(where))
        assert answer.status_code == 404
        assert answer.json()["success"] is False
    assert client.get(endpoints.receiver_path(live_env.id)).status_code in (404, 405)
    assert not Received.objects.exists()


@pytest.mark.timed
@pytest.mark.django_db(transaction=True)
def test_it_hangs_twice_at_once_and_answers_503_to_the_third(test_env, path, opened):
    receiver.behave(opened, Behaviour.HANG)
    view = ReceiveView.as_view(hang_seconds=0.6)
    answers = []

    def call():
        request = RequestFactory().post(path, BODY, content_type="application/json")
        started = time.monotonic()
        answers.append((view(request, environment_id=test_env.id).status_code, time.monotonic() - started))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (first, quick), *hung = sorted(answers, key=lambda each: each[1])
    assert first == 503
    assert quick < 0.5
    assert [(status, seconds >= 0.6) for status, seconds in hung] == [(200, True), (200, True)]
    assert sorted(each.answered for each in receiver.newest(opened)) == ["503", "hang", "hang"]


def test_the_page_shows_bodies_to_those_who_build_and_verdicts_to_marketers(client, path, signed_in):
    post(client, path)

    developer = signed_in("developer").get("/c/test/receiver/")
    marketer = signed_in("marketer").get("/c/test/receiver/")

    assert CODE in developer.text
    assert "X-CG-SIGNATURE missing" in developer.text
    assert CODE not in marketer.text
    assert "X-CG-SIGNATURE missing" in marketer.text
    assert signed_in("viewer").get("/c/test/receiver/").status_code == 403
    assert signed_in("admin").get("/c/test/receiver/?part=list").text.strip().startswith("<ol")


def test_a_hostile_body_is_shown_as_text(client, path, signed_in):
    post(
        client, path, body=b'{"a":"<script>alert(1)</script>"}', **{"X-Evil": "<img src=x onerror=alert(1)>"}
    )

    page = signed_in().get("/c/test/receiver/").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img src=x" not in page


def test_nobody_sees_it_without_signing_in(client, db):
    assert client.get("/c/test/receiver/").status_code == 302
    assert client.get("/dev/receiver/received.json").status_code == 401
    assert client.post("/c/test/receiver/behaviour/", {"behaviour": "500"}).status_code in (302, 403)


def test_what_arrived_elsewhere_is_not_shown(client, signed_in, path):
    other = keys.create_workspace("Other").environments.get(kind="test")
    post(client, endpoints.receiver_path(other.id))

    assert signed_in().get("/dev/receiver/received.json").json()["received"] == []
    assert CODE not in Client().get("/c/test/receiver/").text


def test_scripts_read_it_with_an_api_key_of_test_that_may_read_rewards(client, test_env, live_env, path):
    post(client, path)

    def get(environment, *scopes):
        secret = keys.create_api_key(environment, "script", scopes)[1]
        return client.get("/dev/receiver/received.json", headers={"X-API-KEY": secret})

    assert len(get(test_env, "rewards:read").json()["received"]) == 1
    assert get(test_env).status_code == 403
    assert get(live_env, "rewards:read").status_code == 404


def test_a_developer_chooses_what_it_answers_and_a_marketer_does_not(client, path, signed_in):
    developer = signed_in()

    for wanted, status in (("500", 500), ("200", 200)):
        answer = developer.post("/c/test/receiver/behaviour/", {"behaviour": wanted})
        assert (answer.status_code, answer.url) == (302, "/c/test/receiver/")
        assert developer.get("/dev/receiver/received.json").json()["behaviour"] == wanted
        assert post(client, path).status_code == status

    assert developer.post("/c/test/receiver/behaviour/", {"behaviour": "rm -rf"}).status_code == 404
    assert developer.post("/c/live/receiver/behaviour/", {"behaviour": "500"}).status_code == 404
    marketer = signed_in("marketer")
    assert marketer.post("/c/test/receiver/behaviour/", {"behaviour": "500"}).status_code == 403
    assert ReceiverSettings.objects.get().behaviour == "200"


def test_the_short_address_leads_to_the_page(client):
    assert client.get("/dev/receiver/").url == "/c/test/receiver/"


def test_live_says_that_only_test_has_a_receiver(signed_in):
    page = signed_in().get("/c/live/receiver/")

    assert page.status_code == 200
    assert "Only Test has a built-in receiver" in page.text
