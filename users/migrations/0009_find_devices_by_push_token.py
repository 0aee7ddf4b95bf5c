"""A push token that comes from one device is taken from whichever had it, so it must be found."""

from django.db import migrations, models
from django.db.models.functions import MD5


class Migration(migrations.Migration):
    dependencies = [("users", "0008_find_the_erased")]

    operations = [
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                MD5("firebase_token"),
                condition=models.Q(("firebase_token", ""), _negated=True),
                name="device_by_firebase_token",
            ),
        ),
        migrations.AddIndex(
            model_name="device",
            index=models.Index(
                MD5("apns_device_token"),
                condition=models.Q(("apns_device_token", ""), _negated=True),
                name="device_by_apns_token",
            ),
        ),
    ]
