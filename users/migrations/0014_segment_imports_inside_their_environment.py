"""Imports of lists, and whom they are about, never cross environments."""

from django.db import migrations

from glu_admin.tenancy import tenant_key


class Migration(migrations.Migration):
    dependencies = [("users", "0013_segment_imports")]

    operations = [
        tenant_key("users_segmentimport", "segment_id", "users_segment"),
        tenant_key("users_segmentimportrow", "segment_import_id", "users_segmentimport"),
        tenant_key("users_segmentimportrow", "user_id", "users_enduser"),
    ]
