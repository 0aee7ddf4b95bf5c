"""What Django can't say of these tables: keys that stay inside an environment, and triggers."""

from django.db import migrations

from glu_admin.tenancy import tenant_key


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]

    operations = [
        tenant_key("webhooks_delivery", "message_id", "webhooks_outboxmessage", "CASCADE"),
        tenant_key("webhooks_delivery", "endpoint_id", "webhooks_endpoint", "CASCADE"),
        tenant_key("webhooks_attempt", "delivery_id", "webhooks_delivery", "CASCADE"),
    ]
