"""A job may be known while its file is still on its way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_tenancy")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="status",
            field=models.CharField(
                choices=[
                    ("receiving", "Being sent"),
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="queued",
                max_length=9,
            ),
        ),
    ]
