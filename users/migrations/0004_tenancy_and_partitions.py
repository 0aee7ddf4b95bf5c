"""What Django can't say of the new tables: keys inside an environment, and cuts by time or hash."""

from django.db import migrations
from django.utils import timezone

from glu_admin import partitions
from glu_admin.tenancy import append_only, tenant_key

SHARDS = 16
BY_MONTH = {"users_event": "received_at", "users_userchange": "at", "users_sdksignal": "received_at"}
HASHED = "\n".join(
    f"CREATE TABLE users_seenevent_{n} PARTITION OF users_seenevent"
    f" FOR VALUES WITH (MODULUS {SHARDS}, REMAINDER {n});"
    for n in range(SHARDS)
)


def by_month(table: str, column: str, indexes: str = "") -> migrations.RunSQL:
    """Make the (empty) table anew, cut by month; the key must hold the column of the cut."""
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} RENAME TO {table}_whole;
        CREATE TABLE {table} (LIKE {table}_whole INCLUDING DEFAULTS) PARTITION BY RANGE ({column});
        DROP TABLE {table}_whole;
        CREATE SEQUENCE {table}_number;
        ALTER TABLE {table} ALTER COLUMN id SET DEFAULT nextval('{table}_number');
        ALTER SEQUENCE {table}_number OWNED BY {table}.id;
        ALTER TABLE {table} ADD PRIMARY KEY (id, {column});
        CREATE TABLE {table}_default PARTITION OF {table} DEFAULT;
        {indexes}
        """,
        migrations.RunSQL.noop,
    )


def make_months(apps, schema_editor):
    for table in BY_MONTH:
        partitions.ensure(table, timezone.now())


class Migration(migrations.Migration):
    dependencies = [("users", "0003_devices_events_history"), ("workspaces", "0002_tenancy")]

    operations = [
        tenant_key("users_enduser", "merged_into_id", "users_enduser", "RESTRICT"),
        tenant_key("users_device", "user_id", "users_enduser", "CASCADE"),
        by_month(
            "users_event",
            "received_at",
            """
            CREATE INDEX event_of_user ON users_event (environment_id, user_id, id DESC);
            CREATE INDEX event_that_waits ON users_event (environment_id, client_id)
             WHERE verdict = 'waiting';
            """,
        ),
        by_month(
            "users_userchange",
            "at",
            "CREATE INDEX change_of_user ON users_userchange (environment_id, user_id, id DESC);",
        ),
        by_month("users_sdksignal", "received_at"),
        tenant_key("users_event", "user_id", "users_enduser", "CASCADE"),
        tenant_key("users_userchange", "user_id", "users_enduser", "CASCADE"),
        append_only("users_userchange"),
        migrations.RunPython(make_months, migrations.RunPython.noop),
        migrations.RunSQL(
            f"""
            DROP TABLE users_seenevent;
            CREATE TABLE users_seenevent (environment_id uuid NOT NULL, digest uuid NOT NULL,
                seen_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (environment_id, digest)
            ) PARTITION BY HASH (digest);
            {HASHED}
            CREATE INDEX seen_event_age ON users_seenevent USING brin (seen_at);
            INSERT INTO users_shard SELECT generate_series(0, {SHARDS - 1});
            ALTER TABLE users_eventtally SET (fillfactor = 50);
            ALTER TABLE users_device SET (fillfactor = 80);
            """,
            migrations.RunSQL.noop,
        ),
    ]
