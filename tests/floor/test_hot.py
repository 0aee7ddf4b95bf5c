"""Hot statements are prepared once a connection, and counted like all others."""

import pytest
from django.db import DataError, connection, transaction

from glu_admin import hot

QUESTION = "SELECT %(number)s::int + 1"


def prepared():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int + 1'"
        )
        return cursor.fetchone()[0]


def ask(number):
    with hot.cursor() as cursor:
        cursor.execute(QUESTION, {"number": number})
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_statement_that_comes_again_is_prepared():
    assert [ask(1), ask(2), ask(3)] == [2, 3, 4]
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
