"""Everybody who is in a segment now, found once and then read at leisure: to copy or export them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from glu_admin.jobs.models import Job
from glu_admin.jobs.work import JobFailed, Run
from users.bulk.staging import with_room_to_sort
from users.models import Segment
from users.segments import book, members, query
from users.segments.lists.matching import table_of
from users.segments.lists.steps import count_members
from users.segments.rule import InSegment

AT_ONCE = 5_000  # people a transaction
WHY = "freeze"


@contextmanager
def table_of_people(
    config: EnvironmentConfig, segment: UUID, key: UUID, now: datetime
) -> Iterator[tuple[str, int]]:
    """A table with the keys of who is in the segment now, in `id`; and how many they are."""
    where, values = query.where(InSegment(segment), book.of(config), now=now)
    with table_of(key, now) as table:
        with transaction.atomic(), connection.cursor() as cursor:
            with_room_to_sort(cursor)
            # a statement that makes a table takes no bound values
            cursor.execute(
                f"CREATE UNLOGGED TABLE {table} (id bigint NOT NULL) WITH (autovacuum_enabled = off)"
            )
            cursor.execute(
                f"INSERT INTO {table} SELECT u.id FROM users_enduser u"
                " WHERE u.environment_id = %(environment)s"
                f" AND u.merged_into_id IS NULL AND u.erased_at IS NULL AND {where} ORDER BY u.id",
                values | {"environment": config.id},
            )
            people = int(cursor.rowcount)
            cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (id)")
            cursor.execute(f"ANALYZE {table}")
        yield table, people


def fill(run: Run) -> None:
    """Copy the people of one segment into a list, which may have been made of it a moment ago."""
    options, environment_id = run.job.options, run.job.environment_id
    made = Segment.objects.filter(environment_id=environment_id, id=options["segment"]).first()
    if made is None:
        raise JobFailed("The list that was to be filled was deleted.")
    now, added = timezone.now(), 0
    run.progress(done=0, keep={"step": "counting"})
    with table_of_people(config_of(run.job), UUID(str(options["from"])), run.job.id, now) as (table, people):
        run.progress(done=0, total=people, keep={"step": "adding"})
        for page in _pages(table):
            with transaction.atomic():
                added += members.add(
                    made, page, source=members.Source.FREEZE, batch=run.job.id, why=WHY, now=now
                )
                run.progress(done=added, keep={"added": added})
    if added >= AT_ONCE:
        count_members()


def _pages(table: str) -> Iterator[list[int]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            values: list[Any] = [after, AT_ONCE]
            cursor.execute(f"SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT %s", values)
            page = [pk for (pk,) in cursor.fetchall()]
        if not page:
            return
        yield page
        after = page[-1]


def config_of(job: Job) -> EnvironmentConfig:
    found = configs.get(job.environment_id)
    if found is None:
        raise JobFailed("The environment of this job does not exist any more.")
    return found
