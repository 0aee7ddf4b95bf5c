"""Files of people for lists: what a file says, whom it is about, and what became of it."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import glu_admin.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0012_find_the_newest_that_wait"),
        ("workspaces", "0003_signed_identity_and_always_200"),
    ]

    operations = [
        migrations.CreateModel(
            name="SegmentImport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("file_name", models.CharField(blank=True, max_length=120)),
                ("format", models.CharField(max_length=4)),
                ("field", models.CharField(max_length=160)),
                ("column", models.CharField(blank=True, max_length=255)),
                ("has_header", models.BooleanField(default=True)),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("add", "Add these people"),
                            ("replace", "Replace the list by these people"),
                        ],
                        default="add",
                        max_length=7,
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[("check", "Check"), ("apply", "Apply"), ("undo", "Undo")],
                        default="check",
                        max_length=5,
                    ),
                ),
                ("job_id", models.UUIDField(null=True)),
                ("report", models.JSONField(default=dict)),
                ("actor", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("checked_at", models.DateTimeField(null=True)),
                ("applied_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "environment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.environment",
                    ),
                ),
                (
                    "segment",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imports",
                        to="users.segment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SegmentImportRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "environment_id",
                        "segment_import_id",
                        "user_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("removed", models.BooleanField(default=False)),
                ("source", models.CharField(blank=True, max_length=6)),
                ("batch", models.UUIDField(null=True)),
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
                    "segment_import",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="users.segmentimport",
                    ),
                ),
                (
                    "user",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="users.enduser",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="segmentimport",
            index=models.Index(fields=["environment", "segment", "-created_at"], name="import_of_segment"),
        ),
        migrations.AddConstraint(
            model_name="segmentimport",
            constraint=models.UniqueConstraint(fields=("environment", "id"), name="segment_import_tenant"),
        ),
    ]
