"""The live events page: what arrived, what became of it, and who may see what."""

import json
import shlex
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from glu_admin import config
from tests.factories import EndUserFactory
from users.events import forms, ingest
from users.models import Event, ParkedEvent

PAGE = "/c/test/events/"


def sent(name="order_placed", user_id="ada", **properties):
    return {
        "event_id": f"{name}-{len(user_id)}-{len(properties)}",
        "event_name": name,
        "user_id": user_id,
        "timestamp": timezone.now().isoformat(),
        "event_properties": properties,
    }


@pytest.fixture
def taken(test_env):
    """Takes events as the API does; the rows that they became."""

    def take(*raw):
        now = timezone.now()
        read = [forms.read(each, now=now) for each in raw]
        ingest.take(config.get(test_env.id), read, source="server", now=now)
        return list(Event.objects.order_by("-id")[: len(raw)])

    return take


def test_an_event_is_seen_with_its_verdict_and_what_it_carries(as_role, test_env, taken):
    EndUserFactory(environment=test_env, user_id="ada")
    taken(sent(amount=120))

    page = as_role("developer").get(PAGE).content.decode()

    assert "order_placed" in page
    assert "Accepted" in page
    assert "&quot;amount&quot;: 120" in page


def test_a_refused_event_says_why_and_which_field(as_role, taken):
    taken(sent() | {"timestamp": "yesterday"})

    page = as_role("developer").get(PAGE).content.decode()

    assert "Rejected" in page
    assert "timestamp" in page


def test_an_event_of_nobody_yet_says_that_it_waits(as_role, taken):
    taken(sent(user_id="nobody-yet"))

    page = as_role("owner").get(PAGE).content.decode()

    assert "Waiting for the user" in page
    assert "waits 24 hours" in page


def test_a_marketer_sees_types_instead_of_values_and_shortened_ids(as_role, test_env, taken):
    EndUserFactory(environment=test_env, user_id="ada-lovelace")
    taken(sent(user_id="ada-lovelace", city="Pune"))

    page = as_role("marketer").get(PAGE).content.decode()

    assert "Pune" not in page
    assert "&quot;city&quot;: &quot;text&quot;" in page
    assert "ada-lovelace" not in page


def test_the_list_is_filtered_by_name_user_and_verdict(as_role, test_env, taken):
    EndUserFactory(environment=test_env, user_id="ada")
    taken(sent("sign_up"), sent("order_placed"), sent("left", user_id="unknown"))
    client = as_role("owner")

    def names(query):
        page = client.get(f"{PAGE}live/?{query}").content.decode()
        return [name for name in ("sign_up", "order_placed", "left") if f">{name}<" in page]

    assert names("name=sign_up") == ["sign_up"]
    assert names("user=unknown") == ["left"]
    assert names("verdict=accepted") == ["sign_up", "order_placed"]
    assert names("verdict=nonsense") == ["sign_up", "order_placed", "left"]
    assert "No event fits" in client.get(f"{PAGE}?name=none%25_such").content.decode()


def test_the_list_is_filtered_by_text_and_time(as_role, test_env, taken):
    EndUserFactory(environment=test_env, user_id="ada")
    taken(sent("sign_up", city="Pune"), sent("order_placed", city="Agra"))
    Event.objects.filter(name="sign_up").update(received_at="2026-11-20T10:30:00Z")
    Event.objects.filter(name="order_placed").update(received_at="2026-11-20T12:00:00Z")
    client = as_role("developer")

    def names(query):
        page = client.get(f"{PAGE}live/?{query}").content.decode()
        return [name for name in ("sign_up", "order_placed") if f">{name}<" in page]

    assert names("text=pune") == ["sign_up"]
    assert names("since=2026-11-20T10:31") == ["order_placed"]
    assert names("until=2026-11-20T10:31") == ["sign_up"]
    assert names("since=2026-11-20T10:30&until=2026-11-20T12:00") == ["sign_up"]
    assert names("since=soon&text=p") == ["sign_up", "order_placed"]


def test_a_chosen_time_stays_in_the_form_and_in_the_address_of_the_list(as_role, test_env, taken):
    page = as_role("developer").get(f"{PAGE}?since=2026-11-20T10:31").content.decode()

    assert 'value="2026-11-20T10:31"' in page
    assert "since=2026-11-20T10%3A31" in page


def test_who_may_not_see_values_cannot_spell_them_out_by_the_text(as_role, test_env, taken):
    EndUserFactory(environment=test_env, user_id="ada")
    taken(sent(city="Pune"))
    client = as_role("marketer")

    assert "order_placed" in client.get(f"{PAGE}?text=agra").content.decode()
    assert "Text in properties" not in client.get(PAGE).content.decode()


def test_an_event_is_copied_as_the_request_that_sends_it(as_role, test_env, taken, write_key):
    EndUserFactory(environment=test_env, user_id="ada")
    (event,) = taken(sent(note="it's"))

    page = unescape(as_role("owner").get(PAGE).content.decode())

    curl = page.split(f'id="curl-{event.pk}" hidden>')[1].split("</pre>")[0]
    words = shlex.split(curl)
    assert f"X-API-KEY: {write_key}" in words
    body = json.loads(words[-1])
    assert body == {
        "event_id": event.event_id,
        "event_name": "order_placed",
        "user_id": "ada",
        "timestamp": event.happened_at.isoformat(),
        "event_properties": {"note": "it's"},
    }


def test_the_request_of_a_refused_event_is_what_came(as_role, taken, write_key):
    raw = sent() | {"timestamp": "yesterday"}
    (event,) = taken(raw)

    page = unescape(as_role("owner").get(PAGE).content.decode())

    curl = page.split(f'id="curl-{event.pk}" hidden>')[1].split("</pre>")[0]
    assert json.loads(shlex.split(curl)[-1]) == raw


@pytest.mark.parametrize(("role", "user"), [("developer", "USER_ID"), ("marketer", None)])
@pytest.mark.usefixtures("write_key")
def test_the_request_names_nobody_to_who_may_not_see_ids(as_role, test_env, taken, role, user):
    EndUserFactory(environment=test_env, user_id="ada-lovelace")
    taken(sent(user_id="ada-lovelace"))

    page = unescape(as_role(role).get(PAGE).content.decode())

    assert "ada-lovelace" not in page
    assert (f'"user_id":"{user}"' in page) == (user is not None)
    assert ("Copy as curl" in page) == (user is not None)


def test_an_empty_page_listens_and_shows_the_request_to_send(as_role, write_key):
    page = as_role("developer").get(PAGE).content.decode()

    assert "Listening" in page
    assert "/server/v4" in page
    assert write_key in page


def test_a_test_event_is_taken_as_if_an_app_had_sent_it(as_role, test_env):
    EndUserFactory(environment=test_env, user_id="ada")

    answer = as_role("developer").post(
        f"{PAGE}send/", {"user_id": "ada", "event_name": "order_placed", "properties": '{"amount": 5}'}
    )

    assert answer.status_code == 302
    event = Event.objects.get()
    assert (event.verdict, event.source, event.properties) == ("accepted", "console", {"amount": 5})


@pytest.mark.parametrize("properties", ["{", "[1]", ""])
def test_a_test_event_with_broken_properties_is_sent_back_with_the_reason(as_role, properties):
    answer = as_role("developer").post(
        f"{PAGE}send/", {"user_id": "ada", "event_name": "order_placed", "properties": properties}
    )

    assert answer.status_code == 400
    assert "Properties" in answer.content.decode()
    assert not Event.objects.exists()


def test_a_marketer_can_neither_send_nor_replay(as_role):
    client = as_role("marketer")

    assert client.post(f"{PAGE}send/").status_code == 403
    assert client.post(f"{PAGE}parked/1/replay/").status_code == 403


def test_a_parked_event_shows_its_fault_and_can_be_tried_again(as_role, test_env, taken):
    EndUserFactory(environment=test_env, user_id="ada")
    (event,) = taken(sent())
    ParkedEvent.objects.create(
        environment=test_env,
        event_id=event.pk,
        received_at=event.received_at,
        subscriber="tally",
        error="ValueError: too odd",
    )
    client = as_role("developer")

    assert "too odd" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}parked/{ParkedEvent.objects.get().pk}/replay/")

    assert ParkedEvent.objects.get().replayed_at is not None
    assert "too odd" not in client.get(PAGE).content.decode()


def test_a_parked_event_that_went_away_at_that_moment_is_told_in_words(as_role, test_env, monkeypatch):
    parked = ParkedEvent.objects.create(
        environment=test_env, event_id=1, received_at=timezone.now(), subscriber="tally", error="too odd"
    )
    found = ParkedEvent.objects.get(pk=parked.pk)
    monkeypatch.setattr("users.console.events.get_object_or_404", lambda *_, **__: found)
    parked.delete()

    answer = as_role("developer").post(f"{PAGE}parked/{found.pk}/replay/", follow=True)

    assert answer.status_code == 200
    assert "parked no more" in answer.content.decode()


def test_older_events_are_reached_page_by_page(as_role, test_env, taken):
    EndUserFactory(environment=test_env, user_id="ada")
    taken(*(sent(f"event_{number}") for number in range(60)))
    client = as_role("owner")
    first = client.get(PAGE)

    older = client.get(PAGE, {"before": first.context["older"]}).content.decode()

    assert "event_0<" in older
    assert "event_59<" not in older
    assert client.get(PAGE, {"before": "9" * 40}).status_code == 200


def test_events_of_the_other_environment_are_not_seen(as_role, live_env):
    now = timezone.now() - timedelta(seconds=1)
    ingest.take(
        config.get(live_env.id), [forms.read(sent("secret_event"), now=now)], source="server", now=now
    )

    assert "secret_event" not in as_role("owner").get(PAGE).content.decode()
