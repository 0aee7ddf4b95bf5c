"""Whose turn it is to decide of whom: a lock for each part of an environment's people.

Two who decided of one person at once would each miss what the other has just found out. The
locks end with the transaction; events go on without them.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from users.events.shards import SHARDS

_KEY = "hashtext('segments:' || %s)"


def try_take(environment_id: UUID, shard: int) -> bool:
    """Whether nobody else has it now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({_KEY}, %s)", [str(environment_id), shard])
        return bool(cursor.fetchone()[0])


def take(environment_id: UUID, shards: Iterable[int] = range(SHARDS)) -> None:
    """Wait until all of these are ours."""
    with connection.cursor() as cursor:
        for shard in sorted(set(shards)):
            cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY}, %s)", [str(environment_id), shard])


def of(user_pks: Iterable[int]) -> set[int]:
    return {pk % SHARDS for pk in user_pks}
