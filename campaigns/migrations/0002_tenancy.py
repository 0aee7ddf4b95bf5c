"""What Django can't say of these tables: keys that stay inside an environment, and triggers."""

from django.db import migrations

from glu_admin.tenancy import bumps_environment, tenant_key


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("workspaces", "0002_tenancy")]

    operations = [
        tenant_key("campaigns_campaign", "table_id", "rewards_rewardtable", "RESTRICT"),
        tenant_key("campaigns_participation", "campaign_id", "campaigns_campaign", "CASCADE"),
        tenant_key("campaigns_participation", "user_id", "users_enduser", "CASCADE"),
        tenant_key("campaigns_play", "participation_id", "campaigns_participation", "CASCADE"),
        tenant_key("campaigns_play", "campaign_id", "campaigns_campaign", "CASCADE"),
        tenant_key("campaigns_play", "user_id", "users_enduser", "CASCADE"),
        tenant_key("campaigns_play", "variant_id", "rewards_variant", "RESTRICT"),
        tenant_key("campaigns_entrypointstate", "entry_point_id", "campaigns_entrypoint", "CASCADE"),
        tenant_key("campaigns_entrypointstate", "user_id", "users_enduser", "CASCADE"),
        bumps_environment("campaigns_campaign"),
        # room in the page for the next version of the row: plays change no indexed column
        migrations.RunSQL(
            "ALTER TABLE campaigns_participation SET (fillfactor = 75)",
            "ALTER TABLE campaigns_participation RESET (fillfactor)",
        ),
    ]
