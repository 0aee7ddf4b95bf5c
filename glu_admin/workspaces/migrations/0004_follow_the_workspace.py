"""A workspace's time zone and name are part of what caches know of its environments."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0003_signed_identity_and_always_200")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION glu_bump_environments_of_workspace() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                UPDATE workspaces_environment SET version = version + 1 WHERE workspace_id = NEW.id;
                RETURN NULL;
            END $$;
            CREATE TRIGGER workspaces_workspace_bumps_environments AFTER UPDATE ON workspaces_workspace
                FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW)
                EXECUTE FUNCTION glu_bump_environments_of_workspace();
            """,
            """
            DROP TRIGGER workspaces_workspace_bumps_environments ON workspaces_workspace;
            DROP FUNCTION glu_bump_environments_of_workspace();
            """,
        ),
    ]
