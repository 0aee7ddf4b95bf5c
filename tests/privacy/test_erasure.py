"""Erasing a person: nothing that says who it was is left anywhere, and every sum is as it was."""

import dataclasses
import secrets
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import verification
from campaigns.models import Participation, Play
from glu_admin import config as configs
from glu_admin.api.errors import ApiError
from glu_admin.observability.request_log import request_log
from glu_admin.webhooks import fanout, leases, outbox
from glu_admin.webhooks.models import Attempt, Delivery
from glu_admin.workspaces.models import AuditEntry
from rewards.award import REWARD_WON
from rewards.models import Reward
from tests.factories import EndUserFactory, token_of
from tests.privacy.conftest import SUPPORT, rows_with, sums
from users import people
from users.history import catalogue
from users.models import Device, EndUser, Erasure, Event, ParkedEvent, PendingEvent, SdkSignal, UserChange
from users.privacy import erasure, parts

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def accepted(person):
    return Event.objects.create(
        environment_id=person.environment_id, user=person, client_id=person.user_id, verdict="accepted"
    )


@pytest.fixture
def mark():
    return f"c4nary{secrets.token_hex(4)}"


def test_nothing_of_an_erased_person_is_left_in_any_table(lived, mark, test_env, app):
    lived("other")
    user = lived(mark)
    catalogue.refresh(test_env, now=timezone.now())
    SdkSignal.objects.create(
        environment=test_env, kind="analytics", client_id=f"{mark}-id", content={"a": mark}
    )
    app.send(app.event(f"{mark}-id", "app_closed", note=mark))
    before = rows_with(mark)
    assert {table.removeprefix("public.").partition("_2")[0] for table in before} >= {
        "users_enduser",
        "users_device",
        "users_event",
        "users_userchange",
        "users_sdksignal",
        "users_attributedefinition",
        "campaigns_play",
        "campaigns_entrypointstate",
    }

    erasure.erase(user, SUPPORT, now=timezone.now())

    assert rows_with(mark) == {}
    assert rows_with("other-id") != {}


def test_nothing_of_a_person_was_ever_logged(lived, mark, caplog, capfd):
    user = lived(mark)

    erasure.erase(user, SUPPORT, now=timezone.now())

    request_log.flush()
    logged = caplog.text + "".join(capfd.readouterr())
    assert "request.done" in logged
    assert mark not in logged


def test_the_sums_stay_and_the_data_still_proves_right(lived, mark):
    user = lived(mark)
    before = sums()
    assert before["plays"][0][0] == 2

    erasure.erase(user, SUPPORT, now=timezone.now())

    assert sums() == before
    assert [finding.name for finding in verification.run() if not finding.holds] == []


def test_the_receipt_says_what_was_done_and_answers_who_asks(lived, mark, test_env):
    user = lived(mark)

    receipt = erasure.erase(user, SUPPORT, now=NOW)

    stored = Erasure.objects.get()
    assert (stored.id, stored.actor, stored.at) == (receipt.id, "Support", NOW)
    assert stored.counts.keys() >= {
        "people",
        "devices",
        "changes",
        "events",
        "signals",
        "rewards",
        "webhooks",
        "participations",
        "plays",
        "entryPoints",
        "referrals",
    }
    assert stored.counts["people"] == 2
    assert stored.counts["events"] == 3
    assert stored.counts["referrals"] == 1
    assert [each.pk for each in erasure.receipts(test_env, f"{mark}-id")] == [receipt.pk]
    assert list(erasure.receipts(test_env, "somebody else")) == []
    assert mark not in stored.subject


def test_another_environment_hashes_the_same_id_otherwise(test_env, live_env):
    assert erasure.subject_of(test_env, "u_1") == erasure.subject_of(test_env, "u_1")
    assert erasure.subject_of(test_env, "u_1") != erasure.subject_of(live_env, "u_1")


def test_the_audit_log_names_no_id_in_clear(lived, mark):
    user = lived(mark)

    receipt = erasure.erase(user, SUPPORT, now=NOW)

    [entry] = AuditEntry.objects.filter(action="user.erase")
    assert (entry.actor, entry.object_id) == ("Support", str(user.pk))
    assert entry.changes == {"erasure": [None, str(receipt.id)]}


def test_old_tokens_of_the_person_and_of_the_visitor_are_refused(lived, mark, app, campaign):
    user = lived(mark)
    alias = EndUser.objects.get(merged_into=user)
    tokens = [token_of(user), token_of(alias)]

    erasure.erase(user, SUPPORT, now=NOW)

    for token in tokens:
        response = app.play(campaign, token, "again")
        assert response.status_code == 401
        assert response.json()["error"]["code"] in ("token_revoked", "token_unknown_user")


def test_a_blocked_persons_token_says_401_after_the_erasure(app, campaign, test_env):
    person = EndUserFactory(environment=test_env, user_id="u_1", blocked_at=NOW)
    token = token_of(person)

    erasure.erase(person, SUPPORT, now=NOW)

    assert app.play(campaign, token, "again").status_code == 401


def test_whoever_registers_the_same_id_again_is_somebody_new(lived, mark, app, test_env):
    user = lived(mark)
    erasure.erase(user, SUPPORT, now=NOW)

    app.register(userId=f"{mark}-id", anonymousId=f"{mark}-visitor")

    again = EndUser.objects.get(user_id=f"{mark}-id")
    assert again.pk != user.pk
    assert (again.attributes, again.referred_by, again.token_version) == ({}, None, 1)
    assert people.ids_of(test_env.id, again.pk) == [again.pk]
    assert not Reward.objects.filter(user=again).exists()


def test_the_row_holds_nothing_but_a_number(lived, mark):
    user = lived(mark)
    erasure.erase(user, SUPPORT, now=NOW)

    for row in EndUser.objects.filter(pk__in=[user.pk, *user.aliases.values_list("pk", flat=True)]):
        assert (row.user_id, row.anonymous_id, row.user_name, row.email, row.phone) == (None,) * 5
        assert (row.device, row.profile, row.identities, row.attributes) == ({}, {}, {}, {})
        assert row.referral_code.startswith("GONE-")
        assert row.erased_at == NOW
    assert EndUser.objects.get(pk=user.pk).glu_id == user.glu_id


def test_whom_the_person_brought_were_brought_by_somebody(lived, mark, app):
    user = lived(mark)
    erasure.erase(user, SUPPORT, now=NOW)

    app.register(userId=f"friend of {mark[:3]}", referredBy="somebody else")

    assert EndUser.objects.get(user_id=f"friend of {mark[:3]}").referred_by == f"erased-{user.glu_id}"


def test_erasing_a_visitor_who_became_somebody_erases_that_somebody(lived, mark):
    user = lived(mark)

    erasure.erase(EndUser.objects.get(merged_into=user), SUPPORT, now=NOW)

    assert EndUser.objects.get(pk=user.pk).erased_at == NOW
    assert rows_with(mark) == {}


def test_nobody_is_erased_twice(lived, mark):
    user = lived(mark)
    erasure.erase(user, SUPPORT, now=NOW)

    with pytest.raises(ApiError, match="erased already") as refusal:
        erasure.erase(user, SUPPORT, now=NOW)

    assert refusal.value.status == 409
    assert Erasure.objects.count() == 1


def test_what_waits_to_be_told_is_cancelled_and_listed(lived, mark, test_env):
    user = lived(mark)
    rewards = {str(each) for each in Reward.objects.values_list("id", flat=True)}

    receipt = erasure.erase(user, SUPPORT, now=NOW)

    assert {each["subjectId"] for each in receipt.cancelled} == rewards
    assert {(each["endpoint"], each["kind"], each["mayHaveArrived"]) for each in receipt.cancelled} == {
        ("https://shop.example/hooks", "reward.won", False)
    }
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    assert leases.take(10) == []
    assert fanout.fan_out() == 0


def test_what_is_on_its_way_may_have_arrived_and_the_receipt_says_so(lived, mark):
    user = lived(mark)
    fanout.fan_out()
    [lease] = leases.take(1)

    receipt = erasure.erase(user, SUPPORT, now=NOW)

    assert {each["deliveryId"]: each["mayHaveArrived"] for each in receipt.cancelled} == {
        str(each): each == lease.delivery_id for each in Delivery.objects.values_list("id", flat=True)
    }


def test_nobody_is_told_of_an_erased_persons_reward_any_more(lived, mark, test_env):
    user = lived(mark)
    reward = Reward.objects.filter(user=user).first()
    assert outbox.body_of(configs.get(test_env.id), REWARD_WON, reward.id)["userId"] == f"{mark}-id"

    erasure.erase(user, SUPPORT, now=NOW)

    assert outbox.body_of(configs.get(test_env.id), REWARD_WON, reward.id) is None


def test_what_receivers_said_is_forgotten_and_that_they_answered_is_not(lived, mark, test_env):
    user = lived(mark)
    fanout.fan_out()
    delivery = Delivery.objects.first()
    Attempt.objects.create(
        environment=test_env, delivery=delivery, number=1, milliseconds=5, status=200, sealed_answer=b"sealed"
    )

    erasure.erase(user, SUPPORT, now=NOW)

    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.sealed_answer) == (200, None)


def test_pending_and_parked_events_go_with_their_events(test_env, app):
    person = EndUserFactory(environment=test_env, user_id="u_1")
    other = EndUserFactory(environment=test_env, user_id="u_2")
    for each in (person, other):
        event = Event.objects.create(
            environment=test_env, user=each, client_id=each.user_id, verdict="accepted"
        )
        PendingEvent.objects.create(
            shard=each.pk % 16, event_id=event.pk, received_at=event.received_at, environment=test_env
        )
        ParkedEvent.objects.create(
            environment=test_env, event_id=event.pk, received_at=event.received_at, subscriber="x", error="e"
        )

    erasure.erase(person, SUPPORT, now=NOW)

    left = Event.objects.get()
    assert left.user_id == other.pk
    assert [PendingEvent.objects.get().event_id, ParkedEvent.objects.get().event_id] == [left.pk, left.pk]


def test_a_preview_counts_what_goes_and_what_stays_and_changes_nothing(lived, mark):
    user = lived(mark)
    before = rows_with(mark)

    told = erasure.preview(user)

    assert told["removed"].keys() >= {"devices", "changes", "events", "signals", "entryPoints"}
    assert told["removed"]["events"] == 3
    assert told["kept"] == {"rewards": 2, "ledger": 2, "webhooks": 0, "participations": 2, "plays": 2}
    assert told["reasons"].keys() == told["kept"].keys()
    assert all(told["reasons"].values())
    assert rows_with(mark) == before


def test_the_same_id_in_another_environment_is_somebody_else(test_env, live_env, sent_event):
    here = EndUserFactory(environment=test_env, user_id="u_1", email="ana@example.com")
    there = EndUserFactory(environment=live_env, user_id="u_1", email="ana@example.com")
    for each in (here, there):
        sent_event(each)

    erasure.erase(here, SUPPORT, now=NOW)

    there.refresh_from_db()
    assert (there.email, there.erased_at) == ("ana@example.com", None)
    assert [event.environment_id for event in Event.objects.all()] == [live_env.id] * 2


@pytest.fixture
def sent_event():
    """An event of the person, and one that was refused before anybody looked whose it is."""

    def store(person):
        for verdict, user in (("accepted", person), ("rejected", None)):
            Event.objects.create(
                environment_id=person.environment_id, user=user, client_id=person.user_id, verdict=verdict
            )

    return store


def test_the_history_stays_closed_to_everybody_else(test_env):
    person = EndUserFactory(environment=test_env)
    UserChange.objects.create(environment=test_env, user=person)
    erasure.erase(EndUserFactory(environment=test_env), SUPPORT, now=NOW)

    for statement in (
        "DELETE FROM users_userchange",
        "UPDATE users_userchange SET source = 'x'",
    ):
        with (
            pytest.raises(IntegrityError, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    ["details = '{\"a\": 1}'", "details = '{}', campaign_type = 'x'", "details = '{}', state = 'won'"],
)
def test_maintenance_may_empty_details_of_a_reward_and_nothing_else(lived, mark, change):
    lived(mark)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_reward SET state = 'seen', seen_at = now()")

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL glu.maintenance = 'on'")
        cursor.execute(f"UPDATE rewards_reward SET {change}")


def test_what_calls_under_way_still_wrote_is_swept_up(lived, mark, test_env):
    user = lived(mark)
    erasure.erase(user, SUPPORT, now=NOW)
    user.user_id = f"{mark}-id"
    accepted(user)
    Device.objects.create(environment=test_env, user=user, device_id=f"{mark}-late")
    bystander = EndUserFactory(environment=test_env)
    Event.objects.create(
        environment=test_env, user=bystander, client_id=bystander.user_id, verdict="accepted"
    )

    assert erasure.sweep(now=NOW + timedelta(hours=1)) == 2

    assert rows_with(mark) == {}
    assert Event.objects.get().user_id == bystander.pk
    assert erasure.sweep(now=NOW + timedelta(days=3)) == 0


def test_a_sweep_holds_the_events_of_few_people_at_a_time(app, test_env, monkeypatch):
    monkeypatch.setattr(erasure, "AT_ONCE", 2)
    for number in range(5):
        person = EndUserFactory(environment=test_env, user_id=f"u_{number}")
        erasure.erase(person, SUPPORT, now=NOW)
        accepted(person)

    with CaptureQueriesContext(connection) as said:
        removed = erasure.sweep(now=NOW)

    turns = [each["sql"] for each in said if "users_shard" in each["sql"] or "RELEASE" in each["sql"]]
    assert ["users_shard" in each for each in turns] == [True, False] * 3
    assert removed == 5


def test_a_preview_reads_no_rows(lived, mark, monkeypatch):
    """A person of a hundred thousand events has a preview too."""
    user = lived(mark)
    told = erasure.preview(user)
    for part in parts.all_parts():
        monkeypatch.setitem(parts._parts, part.name, dataclasses.replace(part, collect=read_nothing))

    assert erasure.preview(user) == told


def read_nothing(environment, pks):
    raise AssertionError("a preview read rows")


@pytest.mark.parametrize("fanned", [False, True])
def test_a_preview_counts_exactly_what_an_export_tells(lived, mark, fanned):
    user = lived(mark)
    if fanned:
        fanout.fan_out()
    pks = people.ids_of(user.environment_id, user.pk)

    told = erasure.preview(user)

    counted = told["removed"] | told["kept"]
    collected = {part.name: len(list(part.collect(user.environment, pks))) for part in parts.all_parts()}
    assert counted == collected
    assert counted["webhooks"] == (2 if fanned else 0)


def test_answers_of_plays_keep_all_but_details(lived, mark):
    user = lived(mark)
    before = {each.pk: each.answer for each in Play.objects.all()}
    assert any(each["reward"]["details"] for each in before.values())

    erasure.erase(user, SUPPORT, now=NOW)

    for play in Play.objects.all():
        expected = orjson.loads(orjson.dumps(before[play.pk]))
        expected["reward"]["details"] = {}
        assert play.answer == expected
        assert (play.idempotency_key, bytes(play.fingerprint)) == (str(play.pk), bytes(32))
    assert Participation.objects.exclude(state={}).count() == 0
