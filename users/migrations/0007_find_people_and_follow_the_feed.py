"""A search for a contact or the beginning of a name, and a page of the feed, read what they show.

Each index ends with the id, so that it gives its rows in the order of the answer; names are in the
order of their bytes, because only that one finds beginnings.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0006_find_what_an_erasure_takes")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["environment", "id"], name="event_in_order"),
        ),
        migrations.RunSQL(
            """
            CREATE INDEX user_by_email ON users_enduser (environment_id, upper(email), id)
             WHERE email IS NOT NULL;
            CREATE INDEX user_by_phone ON users_enduser (environment_id, phone, id)
             WHERE phone IS NOT NULL;
            CREATE INDEX user_by_name ON users_enduser (environment_id, (upper(user_name) COLLATE "C"), id)
             WHERE user_name IS NOT NULL;
            """,
            "DROP INDEX user_by_email; DROP INDEX user_by_phone; DROP INDEX user_by_name;",
        ),
    ]
