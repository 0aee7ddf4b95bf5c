"""What events earn: draws to come, extra plays, and how people come into a campaign."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import glu_admin.tenancy
from glu_admin.tenancy import tenant_key


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0006_audiences_inside_their_environment"),
        ("users", "0011_segments_inside_their_environment"),
        ("workspaces", "0003_signed_identity_and_always_200"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="earning",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="How people come in, and what earns more plays; see ways.py.",
            ),
        ),
        migrations.AddField(
            model_name="participation",
            name="extra_plays",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="participation",
            name="extra_used",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="participation",
            name="ways",
            field=models.JSONField(
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="When it was accepted and completed, and the extra plays of each day.",
            ),
        ),
        migrations.CreateModel(
            name="Earning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("occasion", models.CharField(blank=True, max_length=40)),
                ("cause", models.CharField(max_length=255)),
                ("details", models.JSONField(default=dict)),
                ("earned_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "campaign",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
                "indexes": [models.Index(fields=["campaign", "id"], name="earnings_to_settle")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("environment", "user", "campaign", "cause", "occasion"),
                        name="one_earning_a_cause",
                    )
                ],
            },
        ),
        tenant_key("campaigns_earning", "campaign_id", "campaigns_campaign"),
        tenant_key("campaigns_earning", "user_id", "users_enduser"),
    ]
