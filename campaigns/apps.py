"""Campaigns: the games, who plays them, and the pages that make and show them."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns import (  # noqa: PLC0415  # models are loaded by now
            conditions,
            demand,
            internal,
            lists,
            merging,
            pictures,
            privacy,
            progress,
            reach,
            segment_uses,
            timeline,
        )
        from campaigns.console import person, segment_rows  # noqa: PLC0415  # models are loaded by now
        from campaigns.demo.welcome import demo_facts  # noqa: PLC0415  # models are loaded by now
        from campaigns.pages import telling  # noqa: PLC0415  # models are loaded by now
        from glu_admin.console.navigation import register  # noqa: PLC0415  # models are loaded by now
        from glu_admin.runtime.welcome import register_provider  # noqa: PLC0415  # models are loaded by now
        from users.events import subscribers  # noqa: PLC0415
        from users.identity.merging import on_merge  # noqa: PLC0415

        subscribers.subscribe("campaigns", progress.heard)
        parts = (internal, telling, timeline, privacy, lists, conditions, demand, reach, pictures)
        for part in (*parts, segment_uses, segment_rows, person):
            part.register()
        register("", "Overview", "overview", "overview.view")
        register("Build", "Bridge tester", "bridge-tester", "developers.view", 4)
        register("Workspace", "Look", "workspace-look", "campaigns.view", 3)
        register("Engage", "Campaigns", "console-campaigns", "campaigns.view", 1)
        register_provider(demo_facts)
        on_merge(merging.fold)
        on_merge(lists.fold)
