"""Webhooks: the outbox, its deliveries, and a receiver to try them with."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "glu_admin.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from glu_admin.console.navigation import register  # noqa: PLC0415  needs the apps

        register("Build", "Webhook receiver", "receiver", "webhooks.view", 5)
