"""The wall between environments, as constraints.

A `TenantForeignKey` is a foreign key of two columns in the database, so that a row can
never point at a row of another environment. Django sees a plain foreign key.
"""

from typing import Any

from django.db import migrations, models

ACTIONS = {"CASCADE": "CASCADE", "RESTRICT": "RESTRICT", "SET NULL": "SET NULL ({column})"}


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]  # both sides are the caller's
    """A foreign key inside one environment; `tenant_key` writes its constraint."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


def tenant_key(table: str, column: str, target: str, on_delete: str = "CASCADE") -> migrations.RunSQL:
    """The constraint `(environment_id, column) -> target (environment_id, id)`."""
    name = f"{table}_{column}_tenant"
    action = ACTIONS[on_delete].format(column=column)
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (environment_id, {column})"
        f" REFERENCES {target} (environment_id, id) ON DELETE {action}",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def append_only(table: str) -> migrations.RunSQL:
    """Rows of `table` can be added, never changed; deleting takes a stated maintenance."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION glu_append_only()",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )


def bumps_environment(table: str) -> migrations.RunSQL:
    """A change in `table` gives its environment a new version, which every cache follows."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_bumps_environment AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION glu_bump_environment()",
        f"DROP TRIGGER {table}_bumps_environment ON {table}",
    )


FUNCTIONS = migrations.RunSQL(
    """
    CREATE FUNCTION glu_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('glu.maintenance', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'Rows of % are never changed or deleted.', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE FUNCTION glu_bump_environment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            UPDATE workspaces_environment SET version = version + 1 WHERE id = OLD.environment_id;
        END IF;
        IF TG_OP = 'INSERT' THEN
            UPDATE workspaces_environment SET version = version + 1 WHERE id = NEW.environment_id;
        END IF;
        RETURN NULL;
    END $$;
    """,
    "DROP FUNCTION glu_append_only(); DROP FUNCTION glu_bump_environment();",
)
