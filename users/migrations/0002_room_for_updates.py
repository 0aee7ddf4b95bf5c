"""Room on each page for the next version of a row: an update then touches no index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE users_enduser SET (fillfactor = 80)",
            "ALTER TABLE users_enduser RESET (fillfactor)",
        )
    ]
