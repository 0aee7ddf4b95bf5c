"""Whatever names a person is found without reading whole tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0005_definitions_and_old_anonymous_ids"),
        ("workspaces", "0003_signed_identity_and_always_200"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                condition=models.Q(("referred_by__isnull", False)),
                fields=["environment", "referred_by"],
                name="user_referred_by",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("client_id__isnull", False), ("user__isnull", True)),
                fields=["environment", "client_id", "-id"],
                name="event_of_nobody",
            ),
        ),
        migrations.AddIndex(
            model_name="sdksignal",
            index=models.Index(
                condition=models.Q(("client_id", ""), _negated=True),
                fields=["environment", "client_id"],
                name="signal_of_client",
            ),
        ),
        # rows come in the order of their time, so the cheapest index there is finds the newest
        migrations.RunSQL(
            "CREATE INDEX change_newest ON users_userchange USING brin (at)", "DROP INDEX change_newest"
        ),
    ]
