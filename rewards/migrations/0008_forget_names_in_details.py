"""An erasure may take out of details what they say of somebody, also in a reward of another person."""

from importlib import import_module

from django.db import migrations

before = import_module("rewards.migrations.0006_empty_details_of_the_erased")
LESSENS = before.EMPTIES.replace("NEW.details = '{}'::jsonb", "NEW.details <@ OLD.details")


class Migration(migrations.Migration):
    dependencies = [("rewards", "0007_occasions")]

    operations = [
        migrations.RunSQL(
            before.GUARD.format(maintenance=LESSENS), before.GUARD.format(maintenance=before.EMPTIES)
        )
    ]
