"""A search for a contact or the beginning of a name, and a page of the feed, read what they show.

Names need another order of text than the database's own, so that beginnings are found by index.
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
            CREATE INDEX user_by_email ON users_enduser (environment_id, upper(email))
             WHERE email IS NOT NULL;
            CREATE INDEX user_by_phone ON users_enduser (environment_id, phone)
             WHERE phone IS NOT NULL;
            CREATE INDEX user_by_name ON users_enduser (environment_id, upper(user_name) text_pattern_ops)
             WHERE user_name IS NOT NULL;
            """,
            "DROP INDEX user_by_email; DROP INDEX user_by_phone; DROP INDEX user_by_name;",
        ),
    ]
