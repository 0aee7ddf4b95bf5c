"""A sweep of what waits reads the last minutes of it, not a day of a crowd that never registers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0011_segments_inside_their_environment")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("verdict", "waiting")),
                fields=["received_at"],
                name="event_waits_since",
            ),
        ),
    ]
