"""The locks of the drain: a row for each shard, there again after `manage.py flush`."""

from typing import Any

from django.db import connection

SHARDS = 16  # a person's events are all in the shard of the person's key modulo this


def ensure(**_: Any) -> None:
    """Follows every migrate and flush."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('users_shard')")
        if cursor.fetchone()[0] is not None:  # else the tables were just taken away
            cursor.execute(
                "INSERT INTO users_shard SELECT generate_series(0, %s) ON CONFLICT DO NOTHING", [SHARDS - 1]
            )
