from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "glu_admin.webhooks"
    label = "webhooks"
