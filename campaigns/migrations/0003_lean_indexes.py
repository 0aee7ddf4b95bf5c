import django.db.models.deletion
from django.db import migrations, models

import glu_admin.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_tenancy"),
        ("rewards", "0004_frozen"),
        ("users", "0002_room_for_updates"),
        ("workspaces", "0002_tenancy"),
    ]

    operations = [
        migrations.AlterField(
            model_name="entrypointstate",
            name="environment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.environment",
            ),
        ),
        migrations.AlterField(
            model_name="entrypointstate",
            name="user",
            field=glu_admin.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="users.enduser",
            ),
        ),
        migrations.AlterField(
            model_name="participation",
            name="campaign",
            field=glu_admin.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participations",
                to="campaigns.campaign",
            ),
        ),
        migrations.AlterField(
            model_name="participation",
            name="environment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.environment",
            ),
        ),
        migrations.AlterField(
            model_name="participation",
            name="user",
            field=glu_admin.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participations",
                to="users.enduser",
            ),
        ),
        migrations.AlterField(
            model_name="play",
            name="campaign",
            field=glu_admin.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="plays",
                to="campaigns.campaign",
            ),
        ),
        migrations.AlterField(
            model_name="play",
            name="environment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workspaces.environment",
            ),
        ),
        migrations.AlterField(
            model_name="play",
            name="participation",
            field=glu_admin.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="play_set",
                to="campaigns.participation",
            ),
        ),
        migrations.AlterField(
            model_name="play",
            name="variant",
            field=glu_admin.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="plays",
                to="rewards.variant",
            ),
        ),
    ]
