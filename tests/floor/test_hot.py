"""Hot statements are prepared once a connection, whichever way they go, and counted like all others."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from glu_admin import hot

QUESTION = "SELECT %(number)s::int + 1"


@pytest.fixture
def own(transactional_db):
    """This thread's own connection, which statements outside a transaction then take."""
    connection.ensure_connection()


def prepared():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int + 1'"
        )
        return cursor.fetchone()[0]


def ask(number):
    (answer,) = hot.row(QUESTION, {"number": number})
    return answer


@pytest.mark.django_db
def test_a_statement_that_comes_again_is_prepared():
    assert [ask(1), ask(2), ask(3)] == [2, 3, 4]
    assert prepared() == 1


def test_outside_a_transaction_it_is_prepared_from_the_first_time(own):
    assert [ask(1), ask(2)] == [2, 3]
    assert prepared() == 1


@pytest.mark.django_db
def test_statements_are_counted_by_tests_like_any_other(django_assert_num_queries):
    with django_assert_num_queries(2):
        ask(1)
        ask(2)


@pytest.mark.django_db
def test_faults_are_the_ones_that_django_raises():
    with pytest.raises(DataError), transaction.atomic():
        ask("no number")


VALUES = {
    "uuid": (uuid.UUID(int=7), "uuid"),
    "text": ("50 % off, “q” $1", "text"),
    "moment": (datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC), "timestamptz"),
    "date": (datetime(2026, 3, 1, tzinfo=UTC).date(), "date"),
    "small": (1, "int4"),
    "large": (2**40, "int8"),
    "bytes": (b"\x00\xff'", "bytea"),
    "yes": (True, "bool"),
    "nothing": (None, "text"),
    "list": (["a,b", '"', "NULL"], "text[]"),
    "json": ('{"a": [1]}', "jsonb"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("value", "kind"), VALUES.values(), ids=VALUES)
def test_values_come_back_as_they_went_whichever_way_they_went(value, kind):
    sql = f"SELECT %(value)s::{kind}, 10 %% 4, %(value)s::{kind} IS NULL"

    alone = hot.row(sql, {"value": value})
    with transaction.atomic():
        together = hot.row(sql, {"value": value})

    assert alone == together == (value, 2, value is None)


@pytest.mark.django_db(transaction=True)
def test_values_may_be_given_by_place_and_rows_may_be_none():
    assert hot.rows("SELECT n FROM generate_series(%s::int, %s::int) n", [1, 3]) == [(1,), (2,), (3,)]
    assert hot.row("SELECT 1 WHERE %s::bool", [False]) is None


@pytest.mark.django_db(transaction=True)
def test_faults_outside_a_transaction_are_django_s_and_do_no_harm():
    with pytest.raises(DataError, match="no number"):
        ask("no number")
    with pytest.raises(IntegrityError):
        hot.rows("INSERT INTO workspaces_workspace (id, name) VALUES (%s, %s)", [uuid.UUID(int=1), None])
    assert ask(1) == 2


@pytest.mark.parametrize("forget", ["DEALLOCATE ALL", "DISCARD PLANS"])
def test_a_session_that_forgot_its_statements_learns_them_anew(own, forget):
    ask(1)
    with connection.cursor() as cursor:
        cursor.execute(forget)
    assert ask(2) == 3


def test_a_statement_whose_table_was_changed_is_planned_anew(own):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept AS SELECT 1 AS n")
        assert hot.row("SELECT * FROM kept WHERE n = %s", [1]) == (1,)
        cursor.execute("ALTER TABLE kept ADD COLUMN more text DEFAULT 'x'")
        assert hot.row("SELECT * FROM kept WHERE n = %s", [1]) == (1, "x")
        cursor.execute("DROP TABLE kept")


@pytest.mark.django_db(transaction=True)
def test_a_statement_alone_leaves_no_connection_behind():
    connection.close()

    assert [ask(n) for n in range(20)] == list(range(1, 21))

    assert connection.connection is None
    with connection.cursor() as cursor:  # whoever needs one for longer finds one
        cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_a_fault_leaves_no_connection_behind_either():
    connection.close()

    for _ in range(20):  # the pool has eight
        with pytest.raises(DataError):
            ask("no number")

    assert ask(1) == 2


@pytest.mark.parametrize("value", [7, None])
def test_a_pooler_without_prepared_statements_gets_none(own, monkeypatch, value):
    raw = connection.connection
    monkeypatch.setattr(raw, "prepare_threshold", None)
    monkeypatch.setattr(raw, "glu_hot", hot._Session(raw), raising=False)

    assert hot.row("SELECT %(value)s::int, 'unprepared'", {"value": value}) == (value, "unprepared")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%unprepared%'")
        assert cursor.fetchone()[0] == 0


def test_a_session_keeps_so_many_statements_and_no_more(own):
    for number in range(hot.MOST + 20):
        hot.row(f"SELECT %s::int + {number}", [1])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'hot_%%'", [])
        assert cursor.fetchone()[0] == hot.MOST


def test_a_lost_connection_is_told_and_replaced(own):
    ask(1)
    with pytest.raises(OperationalError):
        hot.row("SELECT pg_terminate_backend(pg_backend_pid(), %s)", [0])
    connection.close_if_unusable_or_obsolete()
    assert ask(1) == 2
