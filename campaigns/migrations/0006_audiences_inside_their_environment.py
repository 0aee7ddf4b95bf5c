"""Audiences never cross environments; a segment that a campaign uses can't be deleted."""

from django.db import migrations

from glu_admin.tenancy import tenant_key


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_audiences"), ("users", "0011_segments_inside_their_environment")]

    operations = [
        tenant_key("campaigns_campaignsegment", "campaign_id", "campaigns_campaign"),
        tenant_key("campaigns_campaignsegment", "segment_id", "users_segment", "RESTRICT"),
        tenant_key("campaigns_listeduser", "campaign_id", "campaigns_campaign"),
        tenant_key("campaigns_listeduser", "user_id", "users_enduser"),
    ]
