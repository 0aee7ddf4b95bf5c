"""An outcome may be for one of several things that its campaign rewards."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rewards", "0006_empty_details_of_the_erased"),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="occasion",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What of its campaign it rewards; a draw is among the outcomes of one occasion.",
                max_length=40,
            ),
        ),
        migrations.AlterField(
            model_name="variant",
            name="weight",
            field=models.PositiveIntegerField(
                help_text="Its share is weight / sum of its occasion's weights."
            ),
        ),
    ]
