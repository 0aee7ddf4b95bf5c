"""Those who were erased lately are found at once: what was under way at that moment is swept up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0007_find_people_and_follow_the_feed")]

    operations = [
        migrations.AddIndex(
            model_name="enduser",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", False)), fields=["erased_at"], name="user_erased"
            ),
        ),
    ]
