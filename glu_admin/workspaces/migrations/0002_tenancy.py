"""What Django can't say of these tables: keys that stay inside an environment, and triggers."""

from django.db import migrations

from glu_admin.tenancy import FUNCTIONS, append_only, bumps_environment

ENVIRONMENT_BUMPS_ITSELF = migrations.RunSQL(
    """
    CREATE FUNCTION glu_new_environment_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.version := OLD.version + 1;  -- also when a stale object is saved
        RETURN NEW;
    END $$;
    CREATE TRIGGER workspaces_environment_version BEFORE UPDATE ON workspaces_environment
        FOR EACH ROW EXECUTE FUNCTION glu_new_environment_version();
    """,
    "DROP TRIGGER workspaces_environment_version ON workspaces_environment;"
    " DROP FUNCTION glu_new_environment_version();",
)


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial")]

    operations = [
        FUNCTIONS,
        append_only("workspaces_auditentry"),
        bumps_environment("workspaces_writekey"),
        bumps_environment("workspaces_tokenkey"),
        ENVIRONMENT_BUMPS_ITSELF,
    ]
