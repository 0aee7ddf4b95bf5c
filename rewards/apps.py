"""The rewards app: tells the webhooks how a won reward reads, and the console of its pages."""

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "rewards"

    def ready(self) -> None:
        from glu_admin.console.navigation import register  # noqa: PLC0415
        from glu_admin.webhooks import outbox  # noqa: PLC0415  # models are loaded by now
        from rewards import award, conditions, person, privacy, timeline, webhook_body  # noqa: PLC0415

        timeline.register()
        privacy.register()
        conditions.register()
        person.register()
        outbox.register_body(award.REWARD_WON, webhook_body.render)
        register("Rewards", "Coupon pools", "coupon-pools", "pools.view", 2)
