"""Imports beside live traffic: both survive, nobody is lost, nobody waits long."""

import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin import config
from glu_admin.workspaces import keys
from tests.bulk.importing import Onlooker, import_people
from tests.factories import EndUserFactory
from users.bulk import import_
from users.models import EndUser
from users.registration import register
from users.registration_form import parse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(transactional_db):
    return keys.create_workspace("Brewline").environments.get(kind="test")


def together(*works):
    """Run each in a thread with a connection of its own; what they raised."""
    faults = []

    def run(work):
        try:
            work()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return faults


def csv(numbers, tier):
    return "userId,attributes.tier,attributes.n\n" + "".join(f"u_{n},{tier},{n}\n" for n in numbers)


def attributes(environment):
    return dict(EndUser.objects.filter(environment=environment).values_list("user_id", "attributes"))


def test_people_who_register_during_an_import_are_one_person_with_both_said(environment, monkeypatch):
    monkeypatch.setattr(import_, "WRITTEN_AT_ONCE", 100)
    opened, longest = config.get(environment.id), []

    def live():
        for n in reversed(range(600)):
            began = time.perf_counter()
            body = {"userId": f"u_{n}", "customAttributes": {"seen": True}}
            register(opened, parse(body), now=timezone.now())
            longest.append(time.perf_counter() - began)

    faults = together(lambda: import_people(environment, csv(range(600), "gold")), live)

    assert faults == []
    assert attributes(environment) == {f"u_{n}": {"tier": "gold", "n": n, "seen": True} for n in range(600)}
    assert max(longest) < 5


def test_two_imports_of_the_same_people_in_opposite_orders_do_not_lock_each_other_out(
    environment, monkeypatch
):
    monkeypatch.setattr(import_, "WRITTEN_AT_ONCE", 150)
    for n in range(0, 600, 3):
        EndUserFactory(environment=environment, user_id=f"u_{n}")

    faults = together(
        lambda: import_people(environment, csv(range(600), "gold")),
        lambda: import_people(environment, csv(reversed(range(600)), "gold")),
    )

    assert faults == []
    assert attributes(environment) == {f"u_{n}": {"tier": "gold", "n": n} for n in range(600)}


def test_a_registration_waits_for_a_step_of_an_import_and_not_for_all_of_it(environment, monkeypatch):
    monkeypatch.setattr(import_, "WRITTEN_AT_ONCE", 10)
    EndUserFactory(environment=environment, user_id="u_0")
    opened, stepped, registered = config.get(environment.id), threading.Event(), threading.Event()
    in_time = []

    class Waits(Onlooker):
        def progress(self, *, keep=None, **more):
            if keep and keep.get("line") == 20:  # the step of u_0 is behind it
                stepped.set()
                in_time.append(registered.wait(20))

    def live():
        stepped.wait(20)
        register(opened, parse({"userId": "u_0", "userName": "Asha"}), now=timezone.now())
        registered.set()

    faults = together(lambda: import_people(environment, csv(range(40), "gold"), watch=Waits()), live)

    assert (faults, in_time) == ([], [True])
    assert EndUser.objects.get(user_id="u_0").user_name == "Asha"


def test_a_code_that_is_taken_costs_nobody_the_import(environment, monkeypatch):
    taken = EndUserFactory(environment=environment, user_id="taken", referral_code="GLU-AAAAAAAA")
    monkeypatch.setattr("users.bulk.staging._codes", lambda many: iter([taken.referral_code] * many))

    report = import_people(environment, csv(range(3), "gold"))

    codes = set(EndUser.objects.values_list("referral_code", flat=True))
    assert report.created == 3
    assert len(codes) == 4
