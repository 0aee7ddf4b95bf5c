"""The rewards app: tells the webhooks how a won reward reads."""

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "rewards"

    def ready(self) -> None:
        from glu_admin.webhooks import outbox  # noqa: PLC0415  # models are loaded by now
        from rewards import award, webhook_body  # noqa: PLC0415

        outbox.register_body(award.REWARD_WON, webhook_body.render)
