"""Old ids are forgotten, months are made ahead and dropped behind, and the figures are told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from glu_admin import partitions
from glu_admin.celery import BEAT, app
from glu_admin.observability import metrics
from tests.campaigns.racing import Held, lock, sessions
from tests.events.conftest import NOW, event, tell
from tests.factories import EndUserFactory
from users.events import drain, sweeps
from users.events.models import Event, SeenEvent
from users.models import UserChange

pytestmark = pytest.mark.django_db


def months_of(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table]
        )
        return sorted(name.removeprefix(f"{table}_") for (name,) in cursor.fetchall())


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_ids_older_than_thirty_days_are_forgotten_in_pages(test_env, chunk):
    tell(test_env, *(event() for _ in range(5)), now=NOW - timedelta(days=30, seconds=1))
    tell(test_env, *(event() for _ in range(2)), now=NOW - timedelta(days=29))

    assert sweeps.forget_seen(now=NOW, chunk=chunk) == 5
    assert SeenEvent.objects.count() == 2


def test_people_s_tables_keep_as_many_months_as_the_settings_say(settings):
    assert partitions.PARTITIONED == {
        "users_event": 13,
        "users_userchange": 25,
        "users_sdksignal": 3,
    }
    assert settings.KEEP_MONTHS == {"events": 13, "changes": 25, "signals": 3}


def test_this_month_and_the_next_two_are_ready_and_old_ones_go(db, test_env):
    partitions.ensure("users_event", datetime(2029, 4, 1, tzinfo=UTC), ahead=1)

    partitions.sweep(datetime(2030, 6, 15, tzinfo=UTC))

    found = months_of("users_event")
    assert {"2030_06", "2030_07", "2030_08", "2029_05", "default"} <= set(found)
    assert min(found) == "2029_05"


@pytest.mark.parametrize("table", ["users_event", "users_userchange", "users_sdksignal"])
def test_a_month_that_is_made_late_takes_its_rows_out_of_the_default(test_env, table):
    person = EndUserFactory(environment=test_env, user_id="u_1")
    late = datetime(2031, 3, 10, tzinfo=UTC)
    if table == "users_userchange":
        UserChange.objects.create(environment=test_env, user=person, changes={}, at=late)
    elif table == "users_event":
        tell(test_env, event(), now=late)
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO users_sdksignal (environment_id, kind, name, client_id, received_at, content)"
                " VALUES (%s, 'analytics', 'a', '', %s, '{}')",
                [test_env.id, late],
            )

    assert partitions.ensure(table, late, ahead=0) == [f"{table}_2031_03"]
    assert partitions.ensure(table, late, ahead=0) == []

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text FROM {table}")
        assert cursor.fetchall() == [(f"{table}_2031_03",)]
        cursor.execute(f"SELECT count(*) FROM pg_constraint WHERE conrelid = '{table}_2031_03'::regclass")
        of_the_new = cursor.fetchone()
        cursor.execute(f"SELECT count(*) FROM pg_constraint WHERE conrelid = '{table}_default'::regclass")
        assert of_the_new == cursor.fetchone()


def test_rows_of_a_month_made_late_are_as_guarded_as_any(test_env):
    person = EndUserFactory(environment=test_env, user_id="u_1")
    late = datetime(2031, 3, 10, tzinfo=UTC)
    UserChange.objects.create(environment=test_env, user=person, changes={}, at=late)
    partitions.ensure("users_userchange", late, ahead=0)

    with pytest.raises(Exception, match="never changed or deleted"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM users_userchange")


@pytest.mark.django_db(transaction=True)
def test_a_table_that_is_being_read_is_left_to_the_next_sweep():
    partitions.ensure("users_event", datetime(2020, 1, 1, tzinfo=UTC), ahead=0)

    with sessions(1) as (reader,):
        reading = Held(reader, lock("LOCK TABLE users_event_2020_01 IN ACCESS SHARE MODE"))
        partitions.sweep(NOW)
        assert "2020_01" in months_of("users_event")
        reading.commit()
    partitions.sweep(NOW)

    assert "2020_01" not in months_of("users_event")


def test_the_scrape_tells_what_waits_and_what_is_parked(test_env, only_subscribers):
    def take(config, events):
        raise ValueError

    only_subscribers("picky", take)
    EndUserFactory(environment=test_env, user_id="u_1")
    tell(test_env, event(), event())
    before = metrics.DRAINED._value.get()

    assert "glu_events_pending 2.0" in metrics.exposition().decode()
    drain.drain(now=NOW)

    told = metrics.exposition().decode()
    assert "glu_events_pending 0.0" in told
    assert "glu_events_pending_age_seconds 0.0" in told
    assert "glu_events_parked 2.0" in told
    assert metrics.DRAINED._value.get() - before == 2


TASKS = {
    "drain-events": ("users.tasks.drain", 1.0),
    "sweep-waiting-events": ("users.tasks.sweep_waiting", 15.0),
    "forget-old-events": ("users.tasks.sweep_events", 3600.0),
}


def test_the_beat_drains_each_second_and_sweeps(test_env, heard):
    assert {name: (BEAT[name]["task"], BEAT[name]["schedule"]) for name in TASKS} == TASKS
    EndUserFactory(environment=test_env, user_id="u_1")
    tell(test_env, event())

    app.loader.import_default_modules()  # as a worker does at its start
    for task, _ in TASKS.values():
        app.tasks[task]()

    assert len(heard) == 1
    assert Event.objects.count() == 1
