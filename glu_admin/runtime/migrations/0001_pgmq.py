"""The SQL of the embedded broker, as the pgmq package ships it: a schema, no extension."""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from pgmq.install import get_embedded_install_sql


def install(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'pgmq'")
        # A server that has the real extension keeps it.
        if cursor.fetchone() is None:
            cursor.execute(get_embedded_install_sql())


def remove(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [migrations.RunPython(install, remove)]
