"""The statements that counting runs, ten of them, and how PostgreSQL means to run them.

`python -m tests.segments.shapes` writes the plans over the people of a database (the bench's
million) to users/segments/PLANS.md; a test holds the same statements to their indexes.
"""

# ruff: noqa: PLC0415  # Django is set up before its models are there
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

FILE = Path("users/segments/PLANS.md")
PEOPLE = "users_enduser_pkey|end_user_tenant"
OF_PERSON = "users_event_\\S*environment_id_user_id_id_idx"  # event_of_user, of a partition
IN_ORDER = "users_event_\\S*(environment_id_id_idx|pkey)"  # event_in_order
CHANGES = "users_userchange_\\S*(pkey|environment_id_user_id_id_idx)"
DID = {"event": "purchase", "operator": "at_least", "value": 2, "window": {"lastDays": 14}}
FIELDS = {
    "all": [
        {"field": "attributes.tier", "operator": "in", "value": ["gold", "platinum"]},
        {"field": "attributes.orders", "operator": "at_least", "value": 50},
    ]
}


def shapes(config, segment, some, after=0) -> dict[str, tuple[Callable[[], object], tuple[str, ...]]]:
    """What each statement is for: what runs it, and the indexes that it needs (none: it reads all)."""
    import numpy as np
    from django.utils import timezone

    from users.segments import book, facts, loading, parse, since, tally
    from users.segments.rule import InSegment

    now, here = timezone.now(), book.of(config)
    rule, did = parse.parse(FIELDS), parse.parse(DID)
    some = np.array(some, np.int64)
    settled = since.Settled(after, after, now)
    return {
        "Count a rule among few": (lambda: tally.by_sql(config, here, [rule], now), ()),
        "Count a behaviour": (lambda: tally.who(config, here, did, now), ()),
        "Count among a sample": (
            lambda: tally.by_sql(config, here, [rule, did], now, among=some, total=1),
            (OF_PERSON, PEOPLE),
        ),
        "Read a column": (lambda: loading.columns(config.id, [("attributes", "tier")]), ()),
        "Read a column of some": (
            lambda: loading.columns(config.id, [("attributes", "tier")], some),
            (PEOPLE,),
        ),
        "Read events": (lambda: loading.events(config.id, "purchase", ["amount"], 10**12), ()),
        "Read late events": (
            lambda: loading.late_events(config.id, "purchase", [], after, some[:0]),
            (IN_ORDER,),
        ),
        "Find who changed": (
            lambda: since.changed(config.id, settled, 1001),
            (CHANGES, "alias_of_user", "user_erased"),
        ),
        "Find members of a list": (
            lambda: tally.who(config, here, InSegment(segment), now),
            ("member_of_segment",),
        ),
        "Read facts of those who changed": (
            lambda: facts.load(config, some.tolist(), now=now, needs={"attributes"}),
            (PEOPLE,),
        ),
    }


def plan(run: Callable[[], object], options: str = "") -> str:
    """The plan of the last statement that counts, which `run` runs."""
    from django.db import connection

    from users.segments import loading

    ran = []
    real = loading.rows

    def watched(sql, values):
        ran.append((sql, values))
        return real(sql, values)

    def noted(execute, sql, params, many, context):
        if not str(sql).startswith(("SAVEPOINT", "RELEASE", "SELECT pg_")):
            ran.append((sql, params))
        return execute(sql, params, many, context)

    with mock.patch.object(loading, "rows", watched), connection.execute_wrapper(noted):
        run()
    sql, values = ran[-1]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}COSTS off) {sql}", values)
        told = "\n".join(row[0] for row in cursor.fetchall())
    return re.sub(r"(ANY \('\{\d+,\d+)[\d,]*\}", r"\1,…}", told)


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
    django.setup()
    from uuid import uuid4

    from django.db import connection

    from glu_admin import config as configs
    from users.models import EndUser

    config = configs.get(EndUser.objects.values_list("environment_id", flat=True).order_by("id").first())
    people = EndUser.objects.count()
    parts = [
        "# How counts are run\n",
        f"Plans of PostgreSQL over {people:,} people, written by `python -m tests.segments.shapes`;",
        "`tests/segments/test_plans.py` holds the statements to the indexes named here.\n",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off; SET work_mem = '64MB'")
    for name, (run, needed) in shapes(config, uuid4(), range(1, 1001), 4_990_000).items():
        wanted = f"Needs {', '.join(needed)}." if needed else "Reads everybody, or all events of a name."
        told = plan(run, "ANALYZE, TIMING off, BUFFERS off, ")
        parts.append(f"## {name}\n\n{wanted}\n\n```\n{told}\n```\n")
    FILE.write_text("\n".join(parts), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main()
