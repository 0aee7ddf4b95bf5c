"""Who may see a campaign: segments in and out, a rule, and the list that the API keeps."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import glu_admin.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0004_mark_folded_participations"),
        ("users", "0011_segments_inside_their_environment"),
        ("workspaces", "0003_signed_identity_and_always_200"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="audience_rule",
            field=models.JSONField(
                blank=True,
                help_text="Who else than the segments say, as a rule; empty: everybody.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="has_list",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="campaign",
            name="only_listed",
            field=models.BooleanField(
                default=False, help_text="Nobody sees it but those whom the API added to its list."
            ),
        ),
        migrations.CreateModel(
            name="CampaignSegment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "campaign_id",
                        "segment_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("excluded", models.BooleanField(default=False)),
                (
                    "campaign",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="segments",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "environment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.environment",
                    ),
                ),
                (
                    "segment",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="campaigns",
                        to="users.segment",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["environment", "segment"], name="campaign_by_segment")],
            },
        ),
        migrations.CreateModel(
            name="ListedUser",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "environment_id",
                        "user_id",
                        "campaign_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("included", models.BooleanField()),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "campaign",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listed",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "environment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.environment",
                    ),
                ),
                (
                    "user",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="users.enduser",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["environment", "campaign"], name="listed_of_campaign")],
            },
        ),
    ]
