"""Segments, who is in them, and the answers to behaviour conditions that are kept."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import glu_admin.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0009_find_devices_by_push_token"),
        ("workspaces", "0003_signed_identity_and_always_200"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptBehaviour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("condition", models.JSONField()),
                ("ready_at", models.DateTimeField(null=True)),
                (
                    "environment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.environment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BehaviourState",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "environment_id",
                        "user_id",
                        "behaviour_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("differs", models.BooleanField()),
                ("check_at", models.DateTimeField(null=True)),
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
                (
                    "behaviour",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="states",
                        to="users.keptbehaviour",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(blank=True, max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("rules", "Rules"), ("static", "List"), ("event", "Event")],
                        default="rules",
                        max_length=6,
                    ),
                ),
                ("rule", models.JSONField(blank=True, null=True)),
                ("entry", models.JSONField(blank=True, null=True)),
                (
                    "notify",
                    models.BooleanField(default=False, help_text="Tell webhooks who enters and who leaves."),
                ),
                ("kept", models.BooleanField(default=False, editable=False)),
                (
                    "kept_since",
                    models.DateTimeField(editable=False, help_text="Its members are complete.", null=True),
                ),
                ("fault", models.CharField(blank=True, editable=False, max_length=300)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("is_demo", models.BooleanField(default=False, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "environment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.environment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SegmentCheck",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "environment_id",
                        "user_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("due_at", models.DateTimeField()),
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
        ),
        migrations.CreateModel(
            name="SegmentMember",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "environment_id",
                        "user_id",
                        "segment_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("hand", "Added by hand"),
                            ("api", "Added by the API"),
                            ("import", "Imported"),
                            ("event", "Entered by an event"),
                            ("rule", "Matches the rule"),
                            ("freeze", "Frozen from a rule"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "batch",
                    models.UUIDField(help_text="The import that added this person, to undo it.", null=True),
                ),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("leaves_at", models.DateTimeField(null=True)),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="users.segment",
                    ),
                ),
                (
                    "user",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="users.enduser",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SegmentMove",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("entered", models.BooleanField()),
                (
                    "why",
                    models.CharField(
                        blank=True, help_text="event, attribute, time, import, hand, api.", max_length=40
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="users.segment",
                    ),
                ),
                (
                    "user",
                    glu_admin.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="segment_moves",
                        to="users.enduser",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SegmentSize",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "environment_id",
                        "segment_id",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("size", models.BigIntegerField()),
                ("is_estimate", models.BooleanField(default=False)),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sizes",
                        to="users.segment",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="keptbehaviour",
            constraint=models.UniqueConstraint(fields=("environment", "id"), name="kept_behaviour_tenant"),
        ),
        migrations.AddConstraint(
            model_name="keptbehaviour",
            constraint=models.UniqueConstraint(
                fields=("environment", "digest"), name="one_behaviour_a_condition"
            ),
        ),
        migrations.AddIndex(
            model_name="behaviourstate",
            index=models.Index(
                condition=models.Q(("check_at__isnull", False)),
                fields=["check_at"],
                name="behaviour_to_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(fields=("environment", "id"), name="segment_tenant"),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(
                models.F("environment"),
                django.db.models.functions.text.Lower("name"),
                name="one_segment_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", True), ("kind", "rules"), ("rule__isnull", False)),
                    models.Q(("entry__isnull", True), ("kind", "static"), ("rule__isnull", True)),
                    models.Q(("entry__isnull", False), ("kind", "event"), ("rule__isnull", True)),
                    _connector="OR",
                ),
                name="segment_says_who",
            ),
        ),
        migrations.AddIndex(
            model_name="segmentcheck",
            index=models.Index(fields=["due_at"], name="segment_check_due"),
        ),
        migrations.AddIndex(
            model_name="segmentmember",
            index=models.Index(fields=["environment", "segment", "user"], name="member_of_segment"),
        ),
        migrations.AddIndex(
            model_name="segmentmember",
            index=models.Index(
                condition=models.Q(("leaves_at__isnull", False)), fields=["leaves_at"], name="member_leaves"
            ),
        ),
        migrations.AddIndex(
            model_name="segmentmember",
            index=models.Index(
                condition=models.Q(("batch__isnull", False)),
                fields=["environment", "batch"],
                name="member_of_batch",
            ),
        ),
        migrations.AddIndex(
            model_name="segmentmove",
            index=models.Index(fields=["environment", "user", "-at"], name="move_of_user"),
        ),
        migrations.AddIndex(
            model_name="segmentmove",
            index=models.Index(fields=["environment", "segment", "-at"], name="move_of_segment"),
        ),
    ]
