"""How many people fit a rule that is being typed: the panel beside the builder."""

from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from glu_admin import config as configs
from glu_admin.workspaces.models import Environment
from users.segments import book, parse, query

SECONDS = 5


def of(env: Environment, rule: Any) -> dict[str, Any]:
    """`count` and `total`, or neither while the rule is not whole; `is_slow` if it took too long."""
    config = configs.get(env.id)
    if rule is None or config is None:
        return {}
    segments = book.of(config)
    where, values = query.where(parse.parse(rule), segments, now=timezone.now())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE {where}), count(*) FROM users_enduser u"
                " WHERE u.environment_id = %(of_environment)s AND u.merged_into_id IS NULL"
                " AND u.erased_at IS NULL",
                values | {"of_environment": env.id},
            )
            found, total = cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            return {"is_slow": True}
        raise
    return {"count": found, "total": total, "share": round(100 * found / total, 1) if total else 0}
