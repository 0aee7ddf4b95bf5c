"""Importing people: what becomes of each line, and of those who were there before."""

import json
import os
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin import config
from glu_admin.workspaces.audit import Actor
from tests.bench import people
from tests.bulk.importing import Onlooker, import_people
from tests.factories import EndUserFactory
from users.bulk import import_
from users.bulk.staging import Staging
from users.history.models import UserChange
from users.models import EndUser
from users.privacy import erasure
from users.registration import block, register
from users.registration_form import parse

pytestmark = pytest.mark.django_db

CROWD = (
    "userId,userName,email,phone,profile.city,identities.google_id,attributes.tier,attributes.orders,"
    "isTest,registeredAt\n"
    "u_1,Asha Rao,asha@example.com,+4917012345,Pune,123456,gold,3,true,2025-03-01T12:00:00Z\n"
    "u_2,,,,,,silver,1.5,,\n"
)


def somebody(environment, user_id):
    return EndUser.objects.get(environment=environment, user_id=user_id)


def everything(person):
    names = ("user_id", "anonymous_id", "user_name", "email", "phone", "profile", "identities", "attributes")
    return {name: getattr(person, name) for name in names}


def first_faults(faults):
    return [(each.line, each.field, each.code) for each in faults.first]


def tables_left():
    return [name for name in connection.introspection.table_names() if name.startswith("users_import_")]


def test_people_who_are_new_are_registered(test_env):
    report = import_people(test_env, CROWD)

    asha, second = somebody(test_env, "u_1"), somebody(test_env, "u_2")
    assert report.counts == {"created": 2, "changed": 0, "unchanged": 0}
    assert everything(asha) == {
        "user_id": "u_1",
        "anonymous_id": None,
        "user_name": "Asha Rao",
        "email": "asha@example.com",
        "phone": "+4917012345",
        "profile": {"city": "Pune"},
        "identities": {"google_id": "123456"},
        "attributes": {"tier": "gold", "orders": 3},
    }
    assert asha.is_test and asha.registered_at == datetime(2025, 3, 1, 12, tzinfo=UTC)
    assert not second.is_test and second.attributes == {"tier": "silver", "orders": 1.5}
    assert asha.glu_id != second.glu_id and asha.referral_code != second.referral_code
    assert asha.referral_code.startswith("GLU-") and len(asha.referral_code) == 12
    assert tables_left() == []


def test_json_lines_are_the_bodies_that_register_takes(test_env):
    lines = [
        {"userId": "u_1", "profile": {"city": "Pune"}, "customAttributes": {"tags": ["a", 1], "vip": True}},
        {"userId": "u_2", "isTest": True, "identities": {"mparticle_d": "m1"}},
    ]

    report = import_people(test_env, "\n".join(map(json.dumps, lines)), kind="ndjson")

    assert report.created == 2
    assert somebody(test_env, "u_1").attributes == {"tags": ["a", 1], "vip": True}
    assert somebody(test_env, "u_2").identities == {"mparticle_id": "m1"}


HARD_TEXTS = ["a\tb", "a\nb", "a\rb", "\\N", "\\", "a\\tb", "\\.", '"', "", "\u2028", "\\N\tb", "ß😀"]


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_any_text_is_stored_as_it_stands(test_env, text):
    body = {"userId": "u_1", "userName": text, "phone": None, "customAttributes": {"said": text}}
    line = json.dumps(body | {"profile": {"city": text}})

    report = import_people(test_env, line, kind="ndjson")

    asha = somebody(test_env, "u_1")
    assert report.created == 1
    assert (asha.user_name, asha.phone, asha.email) == (text, None, None)
    assert (asha.attributes, asha.profile) == ({"said": text}, {"city": text})


def test_everybody_has_a_random_id_of_version_4(test_env):
    import_people(test_env, "userId\n" + "".join(f"u_{n}\n" for n in range(50)))

    found = list(EndUser.objects.values_list("glu_id", flat=True))

    assert len(set(found)) == 50
    assert {(each.version, each.variant) for each in found} == {(4, uuid.RFC_4122)}


def test_the_same_file_again_changes_nobody(test_env):
    import_people(test_env, CROWD)
    before = list(EndUser.objects.values())

    report = import_people(test_env, CROWD)

    assert report.counts == {"created": 0, "changed": 0, "unchanged": 2}
    assert list(EndUser.objects.values()) == before
    assert UserChange.objects.count() == 2


def test_what_a_file_does_not_say_is_kept_and_what_it_takes_away_goes(test_env):
    import_people(test_env, CROWD)

    report = import_people(
        test_env, "userId,email,attributes.tier,attributes.orders,attributes.city\nu_1,\\N,,\\N,Köln\n"
    )

    asha = somebody(test_env, "u_1")
    assert report.counts == {"created": 0, "changed": 1, "unchanged": 0}
    assert (asha.email, asha.user_name) == (None, "Asha Rao")
    assert asha.attributes == {"tier": "gold", "city": "Köln"}
    assert asha.is_test


BODIES = [
    {"userId": "u_1", "userName": "Mia", "customAttributes": {"tier": "gold", "n": 1, "gone": None}},
    {"userId": "u_1", "email": None, "profile": {"city": None, "firstName": "Mia", "age": 30}},
    {"userId": "u_1", "anonymousId": "a_1", "identities": {"google_id": "g"}, "phone": "+49 1"},
    {"userId": "u_1", "customAttributes": {f"name {n}": n for n in range(300)}},
    {"userId": "u_1", "customAttributes": {"long": "x" * 20_000, "longer": "y" * 20_000}},
    {"userId": "u_1", "customAttributes": {"n": 1.0, "tier": None, "list": ["a", 2, None], "": 1, "12": 3}},
]


@pytest.mark.parametrize("first", BODIES)
@pytest.mark.parametrize("second", BODIES)
def test_an_import_does_to_a_person_what_registration_does(test_env, live_env, first, second):
    for body in (first, second):
        import_people(test_env, json.dumps(body), kind="ndjson")
        register(config.get(live_env.id), parse(body), now=timezone.now())

    imported, registered = somebody(test_env, "u_1"), somebody(live_env, "u_1")
    assert everything(imported) == everything(registered)
    assert changes_of(imported)[1:] == changes_of(registered)[1:]


def changes_of(person):
    found = UserChange.objects.filter(environment=person.environment, user_id=person.pk).order_by("id")
    return [(each.kind, each.changes) for each in found]


def test_the_history_tells_of_the_import(test_env):
    import_people(test_env, CROWD)
    import_people(test_env, "userId,email,attributes.tier\nu_1,new@example.com,silver\n")

    told = UserChange.objects.filter(user=somebody(test_env, "u_1")).order_by("id")

    assert [(each.kind, each.source, each.changes) for each in told] == [
        ("registered", "import", {}),
        ("changed", "import", {"email": None, "attributes.tier": ["gold", "silver"]}),
    ]


def test_with_bad_lines_nothing_is_imported(test_env):
    content = CROWD + "u_3,,,,,,gold,1,perhaps,\n,Nobody,,,,,,,,\nu_4,,,,,,gold,1,,2999-01-01\n"

    report = import_people(test_env, content)

    assert report.is_refused
    assert first_faults(report.bad) == [
        (4, "isTest", "wrong_type"),
        (5, "userId", "user_id_missing"),
        (6, "registeredAt", "unknown_value"),
    ]
    assert not EndUser.objects.exists()
    assert tables_left() == []


def test_bad_lines_are_skipped_if_somebody_says_so(test_env):
    report = import_people(test_env, CROWD + "u_3,,,,,,gold,1,perhaps,\n", skip_bad=True)

    assert (report.created, report.bad.total, report.is_refused) == (2, 1, False)
    assert not EndUser.objects.filter(user_id="u_3").exists()


def test_a_dry_run_tells_what_would_be_and_writes_nothing(test_env):
    EndUserFactory(environment=test_env, user_id="u_1")

    report = import_people(test_env, CROWD + "u_3,,,,,,gold,1,perhaps,\n", dry_run=True)

    assert (report.created, report.changed) == (1, 1)
    assert report.bad.total == 1
    assert EndUser.objects.count() == 1
    assert tables_left() == []


def test_of_two_lines_with_one_id_the_last_one_counts(test_env):
    report = import_people(
        test_env, "userId,attributes.tier,attributes.city\nu_1,gold,Pune\nu_2,a,\nu_1,silver,\n"
    )

    assert (report.created, report.rows, report.good) == (2, 3, 2)
    assert first_faults(report.left_out) == [(2, "userId", "duplicate")]
    assert somebody(test_env, "u_1").attributes == {"tier": "silver"}


def test_a_blocked_person_is_left_as_is(test_env):
    blocked = EndUserFactory(environment=test_env, user_id="u_1", attributes={"tier": "none"})
    block(blocked, Actor("a test"))

    report = import_people(test_env, CROWD)

    assert (report.created, report.changed) == (1, 0)
    assert first_faults(report.left_out) == [(2, "userId", "user_blocked")]
    assert somebody(test_env, "u_1").attributes == {"tier": "none"}


def test_a_visitor_becomes_the_user_of_the_line(test_env):
    visitor = register(
        config.get(test_env.id),
        parse({"anonymousId": "a_1", "customAttributes": {"seen": 1}}),
        now=timezone.now(),
    ).record

    report = import_people(
        test_env, "userId,anonymousId,attributes.tier,isTest\nu_1,a_1,gold,yes\nu_2,a_2,x,\n"
    )

    adopted = somebody(test_env, "u_1")
    assert (report.created, report.changed) == (1, 1)
    assert adopted.pk == visitor.id
    assert adopted.attributes == {"seen": 1, "tier": "gold"}
    assert adopted.is_test
    assert somebody(test_env, "u_2").anonymous_id == "a_2"


def test_a_referrer_is_kept_as_registration_would(test_env):
    import_people(test_env, "userId,referredBy\nu_1,\nu_2,u_1\nu_3,u_3\n")

    assert [somebody(test_env, each).referred_by for each in ("u_1", "u_2", "u_3")] == [None, "u_1", None]


def test_attributes_beyond_the_limits_are_left_out_and_told(test_env):
    names = [f"attributes.n{n}" for n in range(300)]

    report = import_people(test_env, ",".join(["userId", *names]) + "\nu_1" + ",1" * 300 + "\n")

    assert report.created == 1
    assert report.warnings.counts == {"attribute_limit": 44}
    assert len(somebody(test_env, "u_1").attributes) == 256


def test_two_environments_keep_their_people_apart(test_env, live_env):
    EndUserFactory(environment=live_env, user_id="u_1", attributes={"tier": "theirs"})

    report = import_people(test_env, CROWD)

    assert report.created == 2
    assert somebody(live_env, "u_1").attributes == {"tier": "theirs"}


def test_an_import_that_broke_off_goes_on_where_it_stopped(test_env, monkeypatch):
    monkeypatch.setattr(import_, "WRITTEN_AT_ONCE", 2)
    content = "userId,attributes.n\n" + "".join(f"u_{n},{n}\n" for n in range(6))

    class Dies(Onlooker):
        def progress(self, *, done, keep=None, **more):
            if keep and keep.get("line") == 6:
                raise KeyboardInterrupt
            super().progress(done=done, keep=keep, **more)

    watch = Dies()
    with pytest.raises(KeyboardInterrupt):
        import_people(test_env, content, watch=watch)
    there = EndUser.objects.count()
    kept = watch.steps[-1][3]
    report = import_people(test_env, content, done=kept)

    assert there == 3 and kept["created"] == 3
    assert report.counts == {"created": 6, "changed": 0, "unchanged": 0}
    assert EndUser.objects.count() == 6
    assert tables_left() == []


def test_an_import_that_goes_on_tells_what_it_left_out_before_it_broke_off(test_env, monkeypatch):
    monkeypatch.setattr(import_, "WRITTEN_AT_ONCE", 2)
    block(EndUserFactory(environment=test_env, user_id="u_0"), Actor("a test"))
    EndUserFactory(environment=test_env, user_id="u_1", attributes={f"n{n}": n for n in range(256)})
    content = "userId,attributes.n\n" + "".join(f"u_{n},{n}\n" for n in range(6)) + "u_5,again\n"

    class Dies(Onlooker):
        def progress(self, *, done, keep=None, **more):
            if keep and keep.get("line") == 6:
                raise KeyboardInterrupt
            super().progress(done=done, keep=keep, **more)

    watch = Dies()
    with pytest.raises(KeyboardInterrupt):
        import_people(test_env, content, watch=watch)
    kept = json.loads(json.dumps(watch.steps[-1][3]))  # as a job keeps it
    again = Onlooker()
    report = import_people(test_env, content, done=kept, watch=again)

    assert first_faults(report.left_out) == [(7, "userId", "duplicate"), (2, "userId", "user_blocked")]
    assert report.left_out.counts == {"duplicate": 1, "user_blocked": 1}
    assert first_faults(report.warnings) == [(3, "customAttributes.n", "attribute_limit")]
    assert again.steps[-1][3]["told"] == kept["told"]  # for one more attempt


def test_what_imports_that_died_left_behind_goes(test_env):
    now, mine, others = timezone.now(), uuid.uuid4(), uuid.uuid4()
    Staging(mine, now - timedelta(minutes=2)).make()
    Staging(others, now - timedelta(days=2)).make()
    running = Staging(others, now - timedelta(hours=2))
    running.make()

    import_people(test_env, CROWD, key=mine)

    assert tables_left() == [running.table]


def test_an_attempt_that_lost_its_lease_leaves_the_table_of_the_next_one(test_env):
    key, now = uuid.uuid4(), timezone.now()
    slow, following = Staging(key, now), Staging(key, now)
    slow.make()
    following.make()

    slow.drop()

    assert tables_left() == [following.table]


def test_who_is_erased_while_a_file_is_written_is_not_brought_back(test_env):
    person = EndUserFactory(environment=test_env, user_id="u_1")

    class Erases(Onlooker):
        def progress(self, *, done, keep=None, **more):
            if keep and keep.get("step") == "writing":
                erasure.erase(person, Actor("a test"), now=timezone.now())

    report = import_people(test_env, CROWD, watch=Erases())

    assert report.counts == {"created": 1, "changed": 0, "unchanged": 0}
    assert first_faults(report.left_out) == [(2, "userId", "user_erased")]


def test_a_crowd_is_imported_and_changed_in_stretches(test_env, tmp_path):
    many = 100_000 if os.environ.get("GLU_TEST_FULL") else 6_000
    file = people.write_csv(tmp_path / "people.csv", many)
    text = file.read_text()

    first = import_people(test_env, text)
    second = import_people(test_env, text.replace(",gold,", ",silver,"))

    assert first.counts == {"created": many, "changed": 0, "unchanged": 0}
    assert second.counts == {
        "created": 0,
        "changed": text.count(",gold,"),
        "unchanged": many - text.count(",gold,"),
    }
    assert second.changed > 100
    assert not EndUser.objects.filter(attributes__tier="gold").exists()
