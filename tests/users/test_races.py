"""Registrations at once: one person, nothing lost, whoever comes first.

Some tests let calls loose together; others hold them back between their look and their
write, which is the worst moment, and let go.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from glu_admin import config
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import keys
from users.models import EndUser
from users.registration import register
from users.registration_form import parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def shared_env(transactional_db):
    """An environment that other threads see too."""
    return keys.create_workspace("Brewline").environments.get(kind="test")


def at_once(tasks):
    """Run each task in a thread of its own, all let go in the same moment; their results."""
    barrier = threading.Barrier(len(tasks))

    def run(task):
        barrier.wait(timeout=20)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(closing, run, task) for task in tasks]]


def held_together(tasks, hold):
    """Let each task read, hold all of them back in their writes, and let go; their results.

    `hold` takes what they wait for, inside a transaction that is rolled back in the end. Up to
    seven tasks: each has a connection of the pool.
    """
    with ThreadPoolExecutor(len(tasks)) as pool:
        with transaction.atomic():
            hold()
            futures = [pool.submit(closing, task) for task in tasks]
            wait_for_waiters(len(tasks))
            transaction.set_rollback(True)
        return [future.result(timeout=60) for future in futures]


def closing(call, *values):
    try:
        return call(*values)
    finally:
        connection.close()


def wait_for_waiters(count):
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] == count:
                return
            time.sleep(0.01)
    raise AssertionError(f"There are not {count} calls waiting.")


@pytest.mark.django_db(transaction=True)
def test_twenty_first_registrations_at_once_make_one_person(shared_env):
    opened = config.get(shared_env.id)

    results = at_once(
        [
            lambda n=n: register(opened, parse({"userId": "u_1", "customAttributes": {f"a{n}": n}}), now=NOW)
            for n in range(20)
        ]
    )

    person = EndUser.objects.get()
    assert person.attributes == {f"a{n}": n for n in range(20)}
    assert {each.record.glu_id for each in results} == {person.glu_id}
    assert sum(each.created for each in results) == 1


@pytest.mark.django_db(transaction=True)
def test_updates_of_different_attributes_at_once_all_survive(shared_env):
    opened = config.get(shared_env.id)
    register(opened, parse({"userId": "u_1", "customAttributes": {"gone": 1, "stays": 2}}), now=NOW)
    bodies = [{"customAttributes": {f"a{n}": n}} for n in range(14)] + [
        {"customAttributes": {"gone": None}},
        {"userName": "Asha"},
        {"email": "a@x.io"},
        {"profile": {"city": "Pune"}},
        {"identities": {"google_id": "g"}},
        {"deviceType": "ios"},
    ]

    at_once([lambda body=body: register(opened, parse({"userId": "u_1"} | body), now=NOW) for body in bodies])

    person = EndUser.objects.get()
    assert person.attributes == {"stays": 2} | {f"a{n}": n for n in range(14)}
    assert (person.user_name, person.email) == ("Asha", "a@x.io")
    assert (person.profile, person.identities) == ({"city": "Pune"}, {"google_id": "g"})
    assert person.device == {"deviceType": "ios"}


@pytest.mark.django_db(transaction=True)
def test_first_registrations_that_all_saw_nobody_make_one_person(shared_env):
    opened = config.get(shared_env.id)

    results = held_together(
        [
            lambda n=n: register(opened, parse({"userId": "u_1", "customAttributes": {f"a{n}": n}}), now=NOW)
            for n in range(6)
        ],
        hold=lambda: register(opened, parse({"userId": "u_1"}), now=NOW),
    )

    person = EndUser.objects.get()
    assert person.attributes == {f"a{n}": n for n in range(6)}
    assert sum(each.created for each in results) == 1


@pytest.mark.django_db(transaction=True)
def test_a_person_who_is_blocked_while_a_call_waits_is_refused(shared_env):
    opened = config.get(shared_env.id)
    person = register(opened, parse({"userId": "u_1"}), now=NOW).record

    def blocked():
        with pytest.raises(ApiError) as refused:
            register(opened, parse({"userId": "u_1", "userName": "A"}), now=NOW)
        return refused.value.code

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            EndUser.objects.filter(pk=person.id).update(blocked_at=NOW)
            waiting = pool.submit(closing, blocked)
            wait_for_waiters(1)
        code = waiting.result(timeout=60)

    assert (code, EndUser.objects.get().user_name) == ("user_blocked", None)


@pytest.mark.django_db(transaction=True)
def test_one_visitor_who_signs_in_twice_at_once_becomes_one_user(shared_env):
    opened = config.get(shared_env.id)
    visitor = register(opened, parse({"anonymousId": "v"}), now=NOW).record

    results = held_together(
        [
            lambda: register(opened, parse({"userId": "u_1", "anonymousId": "v"}), now=NOW),
            lambda: register(opened, parse({"userId": "u_1", "anonymousId": "v"}), now=NOW),
            lambda: register(opened, parse({"anonymousId": "v", "userName": "V"}), now=NOW),
        ],
        hold=lambda: EndUser.objects.select_for_update().get(glu_id=visitor.glu_id),
    )

    assert EndUser.objects.get(user_id="u_1").glu_id == visitor.glu_id
    assert {each.record.glu_id for each in results[:2]} == {visitor.glu_id}
    assert EndUser.objects.exclude(user_id="u_1").count() <= 1  # the last came before, or is a new visitor


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_claim_one_visitor_at_once_one_becomes_it(shared_env):
    opened = config.get(shared_env.id)
    visitor = register(opened, parse({"anonymousId": "v"}), now=NOW).record

    held_together(
        [
            lambda n=n: register(opened, parse({"userId": f"u_{n}", "anonymousId": "v"}), now=NOW)
            for n in range(6)
        ],
        hold=lambda: EndUser.objects.select_for_update().get(glu_id=visitor.glu_id),
    )

    assert EndUser.objects.count() == 6
    assert EndUser.objects.get(glu_id=visitor.glu_id).user_id


@pytest.mark.django_db(transaction=True)
def test_a_referrer_is_recorded_once_however_many_say_one(shared_env):
    opened = config.get(shared_env.id)

    results = held_together(
        [
            lambda n=n: register(opened, parse({"userId": "u_1", "referredBy": f"r_{n}"}), now=NOW)
            for n in range(6)
        ],
        hold=lambda: register(opened, parse({"userId": "u_1"}), now=NOW),
    )

    assert len({each.record.referred_by for each in results}) == 1
