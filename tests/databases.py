"""What makes the suite's databases quick: copied instead of migrated, emptied instead of cut off.

What a test finds is the same as with Django's own ways: tables as the migrations left them.
"""

import os

from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate

# told by the models alone, so they stay true whatever a test does
STAY = {"django_content_type", "auth_permission"}


def copy_the_template() -> None:
    """Let a database be made as a copy of the one that `./glu test` migrated, where there is one."""
    if template := os.environ.get("GLU_TEST_TEMPLATE"):
        connection.settings_dict["TEST"]["TEMPLATE"] = template


def flush_quickly() -> None:
    """TRUNCATE makes a file anew for each table, index and partition; a test leaves rows in a few."""
    DatabaseOperations.sql_flush = sql_flush
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


def sql_flush(_operations, _style, tables, **_options) -> list[str]:
    """One statement that empties what holds rows; whoever still writes is waited for, as before."""
    names = sorted(f'"{table}"' for table in set(tables) - STAY)
    emptied = "\n".join(f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; END IF;" for name in names)
    return [
        f"""DO $flush$ BEGIN
        PERFORM set_config('session_replication_role', 'replica', true);
        LOCK TABLE {", ".join(names)} IN EXCLUSIVE MODE;
        {emptied}
        END $flush$"""
    ]
