from django.db import migrations, models


class Migration(migrations.Migration):
    """A nullable column without a default or an index: nothing is rewritten, however many plays there are."""

    dependencies = [
        ("campaigns", "0008_looks"),
    ]

    operations = [
        migrations.AddField(
            model_name="play",
            name="occasion",
            field=models.CharField(
                help_text="What was drawn for; null: nothing, or it was not noted yet.",
                max_length=40,
                null=True,
            ),
        ),
    ]
