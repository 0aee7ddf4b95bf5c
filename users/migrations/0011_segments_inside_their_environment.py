"""Segments and who is in them never cross environments; a changed segment reaches every cache."""

from django.db import migrations

from glu_admin.tenancy import bumps_environment, tenant_key


class Migration(migrations.Migration):
    dependencies = [("users", "0010_segments")]

    operations = [
        tenant_key("users_segmentmember", "user_id", "users_enduser"),
        tenant_key("users_segmentmember", "segment_id", "users_segment"),
        tenant_key("users_segmentmove", "user_id", "users_enduser"),
        tenant_key("users_segmentmove", "segment_id", "users_segment"),
        tenant_key("users_segmentsize", "segment_id", "users_segment"),
        tenant_key("users_behaviourstate", "user_id", "users_enduser"),
        tenant_key("users_behaviourstate", "behaviour_id", "users_keptbehaviour"),
        tenant_key("users_segmentcheck", "user_id", "users_enduser"),
        bumps_environment("users_segment"),
        bumps_environment("users_keptbehaviour"),
    ]
