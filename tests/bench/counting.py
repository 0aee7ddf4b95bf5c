"""How long an audience takes to count, beside a serial scan of `jsonb` and beside DuckDB.

`python -m tests.bench.counting ROUNDS` counts each rule among all people of the bench: over the
columns of a process (with no answer kept from before), by the rule's own SQL without parallel
workers, and by DuckDB over a Parquet snapshot. Each line of JSON has the medians in milliseconds.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
GOAL, GOAL_MS, BEHAVIOUR_MS = 3.0, 250, 1_000
EVENTS_A_PERSON = 5


def _field(name, operator, *value):
    said = {"field": name, "operator": operator}
    return said | {"value": value[0]} if value else said


# the rule, and what DuckDB is asked; typed columns are its best case
RULES = {
    "rare": (
        {"all": [_field("attributes.tier", "is", "platinum"), _field("attributes.vip", "is", True)]},
        "tier = 'platinum' AND vip",
    ),
    "four conditions": (
        {
            "all": [
                _field("attributes.tier", "in", ["gold", "platinum"]),
                _field("attributes.orders", "at_least", 50),
                _field("attributes.language", "is", "de"),
                _field("attributes.store", "starts_with", "store-1"),
            ]
        },
        "tier IN ('gold', 'platinum') AND orders >= 50 AND language = 'de' AND starts_with(store, 'store-1')",
    ),
    "ten conditions": (
        {
            "all": [
                _field("attributes.tier", "is_not", "bronze"),
                _field("attributes.orders", "at_least", 20),
                _field("attributes.vip", "is", False),
                _field("attributes.language", "in", ["de", "en", "pt"]),
                _field("attributes.cart", "less_than", 7),
                _field("attributes.points", "greater_than", 1000),
                _field("attributes.store", "is_not", "store-7"),
                _field("attributes.last_item", "starts_with", "item-"),
                _field("attributes.joined", "after", "2024-06-01"),
                _field("attributes.spent", "at_most", 900),
            ]
        },
        "tier <> 'bronze' AND orders >= 20 AND NOT vip AND language IN ('de', 'en', 'pt') AND cart < 7"
        " AND points > 1000 AND store <> 'store-7' AND starts_with(last_item, 'item-')"
        " AND joined > '2024-06-01' AND spent <= 900",
    ),
    "range": ({"all": [_field("attributes.spent", "between", [100, 900])]}, "spent BETWEEN 100 AND 900"),
    "part of a unique text": ({"all": [_field("core.email", "contains", "99")]}, "contains(email, '99')"),
}
BEHAVIOUR = {
    "bought twice": {"event": "purchase", "operator": "at_least", "value": 2, "window": {"lastDays": 14}},
    "spent 500": {
        "event": "purchase",
        "measure": {"sum": "amount"},
        "operator": "at_least",
        "value": 500,
        "window": {"lastDays": 14},
    },
    "did not log in": {"event": "login", "operator": "at_most", "value": 0, "window": {"lastDays": 7}},
    "bought shoes": {
        "event": "purchase",
        "where": [
            {"property": "amount", "operator": "greater_than", "value": 300},
            {"property": "category", "operator": "is", "value": "shoes"},
        ],
        "operator": "at_least",
        "value": 1,
    },
}
_EVENTS = """
INSERT INTO users_event (environment_id, user_id, client_id, event_id, name, happened_at, received_at,
    source, verdict, reason, field, warnings, properties, request_id)
SELECT u.environment_id, u.id, u.user_id, n || '-' || u.id,
    (ARRAY['purchase', 'view', 'login', 'share', 'add_to_cart'])[1 + floor(random() * 5)::int],
    at, at, 'bench', 'accepted', '', '', '[]', jsonb_build_object('amount', floor(random() * 50000) / 100,
        'sku', 'sku-' || floor(random() * 5000), 'category',
        (ARRAY['shoes', 'hats', 'shirts', 'bags'])[1 + floor(random() * 4)::int]), ''
FROM users_enduser u, generate_series(1, %(each)s) n,
    LATERAL (SELECT now() - random() * interval '20 days' + n * interval '1 us' AS at) moment
WHERE u.environment_id = %(environment)s
"""
_TYPED = """
SELECT user_id, email, attributes ->> 'tier' AS tier, (attributes ->> 'orders')::int AS orders,
    (attributes ->> 'spent')::float8 AS spent, (attributes ->> 'vip')::boolean AS vip,
    attributes ->> 'store' AS store, attributes ->> 'last_item' AS last_item,
    attributes ->> 'language' AS language, (attributes ->> 'cart')::int AS cart,
    (attributes ->> 'points')::int AS points, (attributes ->> 'joined')::date AS joined
FROM users_enduser WHERE environment_id = %s
"""


def main(rounds: int) -> None:
    django.setup()
    from django.db import connection

    from glu_admin import config as configs
    from users.models import EndUser, Event

    environment_id = EndUser.objects.values_list("environment_id", flat=True).order_by("id").first()
    config = configs.get(environment_id)
    assert config is not None
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
        if not Event.objects.filter(environment=environment_id, source="bench").exists():
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(_EVENTS, {"each": EVENTS_A_PERSON, "environment": environment_id})
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("ANALYZE users_event")
    with tempfile.TemporaryDirectory(prefix="glu-count-") as folder:
        ask_duckdb = _duckdb(environment_id, Path(folder))
        for name, (rule, sql) in RULES.items():
            _tell(name, config, rule, rounds, lambda sql=sql: ask_duckdb(sql))
    for name, rule in BEHAVIOUR.items():
        _tell(f"behaviour: {name}", config, rule, rounds, None)


def _tell(name: str, config, data, rounds: int, duckdb: Callable[[], int] | None) -> None:
    from django.utils import timezone

    from users.segments import parse

    rule, now = parse.parse(data), timezone.now()  # as time goes on, windows move
    _, load_ms = _timed(lambda: _by_columns(config, rule, now, seconds=120))
    ways = {"ours": lambda: _by_columns(config, rule, now), "serial": lambda: _by_sql(config, rule, now)}
    ways |= {"duckdb": duckdb} if duckdb else {}
    measured: dict[str, list[float]] = {way: [] for way in ways}
    counts = set()
    for _ in range(rounds):
        for way, ask in ways.items():
            count, took = _timed(ask)
            measured[way].append(took)
            counts.add(count)
    if len(counts) != 1:
        raise SystemExit(f"{name}: the ways count {counts}")
    ours, most = median(measured["ours"]), BEHAVIOUR_MS if duckdb is None else GOAL_MS
    ratio = median(b / a for a, b in zip(measured["ours"], measured["serial"], strict=True))
    line = {
        "path": f"count {name}",
        "against": "serial jsonb",
        "people": counts.pop(),
        "ours": round(ours, 1),
        "reference": round(median(measured["serial"]), 1),
        "ratio": round(ratio, 1),
        "unit": "ms",
        "duckdb": round(median(measured["duckdb"]), 1) if duckdb else None,
        "first_ms": round(load_ms),
        "load": round(os.getloadavg()[0], 1),
        "goal": GOAL,
        "met": ratio >= GOAL and ours < most,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _timed(ask: Callable[[], int]) -> tuple[int, float]:
    began = time.perf_counter()
    count = ask()
    return count, (time.perf_counter() - began) * 1000


def _by_columns(config, rule, now, seconds: float = 1.0) -> int:
    """As a marketer's first look at this very rule: the columns are read, no answer is kept."""
    from users.segments import counting, held

    people = held.of(config.id).people
    if people is not None:
        people.masks.clear()
    found = counting.tallied(config, [rule], now=now, seconds=seconds)
    if found.is_sample:
        raise SystemExit("The count was an estimate.")
    return found.count(found.mask(rule))


def _by_sql(config, rule, now) -> int:
    from django.db import connection, transaction

    from users.segments import book, loading, query

    where, values = query.where(rule, book.of(config), now=now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off")
        sql = f"SELECT count(*) FROM users_enduser u WHERE {loading.PEOPLE} AND {where}"
        cursor.execute(sql, values | {"environment": config.id})
        return int(cursor.fetchone()[0])


def _duckdb(environment_id, folder: Path) -> Callable[[str], int]:
    """People in typed columns, in a Parquet file."""
    import duckdb
    from django.db import connection

    csv, parquet = folder / "people.csv", folder / "people.parquet"
    connection.ensure_connection()
    copied = f"COPY ({_TYPED}) TO STDOUT (FORMAT csv, HEADER)"
    with (
        connection.connection.cursor() as cursor,
        csv.open("wb") as out,
        cursor.copy(copied, [environment_id]) as copy,
    ):
        for block in copy:
            out.write(block)
    session = duckdb.connect()
    session.execute(f"COPY (SELECT * FROM read_csv('{csv}')) TO '{parquet}' (FORMAT parquet)")

    def ask(where: str) -> int:
        row = session.execute(f"SELECT count(*) FROM read_parquet('{parquet}') WHERE {where}").fetchone()
        return int(row[0]) if row else 0

    return ask


if __name__ == "__main__":
    main(int(sys.argv[1]))
