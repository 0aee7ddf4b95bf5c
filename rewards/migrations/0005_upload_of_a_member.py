"""An upload belongs to who made it: rejected rows hold codes, and nobody else is to read them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewards", "0004_frozen"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        # what waits for a decision can be uploaded again; without it the column needs no default
        migrations.RunSQL("DELETE FROM rewards_couponupload", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="couponupload",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]
