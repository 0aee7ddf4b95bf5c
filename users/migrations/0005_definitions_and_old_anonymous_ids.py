"""A change of an event definition reaches every process, and late events find who a visitor became."""

from django.db import migrations, models

from glu_admin.tenancy import bumps_environment


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_tenancy_and_partitions"),
        ("workspaces", "0003_signed_identity_and_always_200"),
    ]

    operations = [
        bumps_environment("users_eventdefinition"),
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                condition=models.Q(
                    ("anonymous_id__isnull", False),
                    models.Q(("user_id__isnull", False), ("merged_into__isnull", False), _connector="OR"),
                ),
                fields=["environment", "anonymous_id"],
                name="user_by_old_anonymous_id",
            ),
        ),
    ]
