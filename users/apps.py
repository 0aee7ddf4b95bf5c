"""The users app: tells timelines, exports and erasures what it knows of people, and counts what they do."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        from glu_admin.console import navigation  # noqa: PLC0415  # models are loaded by now
        from glu_admin.observability import metrics  # noqa: PLC0415  # models are loaded by now
        from users.bulk import jobs  # noqa: PLC0415  # models are loaded by now
        from users.console import own_tabs  # noqa: PLC0415  # models are loaded by now
        from users.events import gauges, shards, subscribers, sweeps, tally, waiting  # noqa: PLC0415
        from users.history import sources  # noqa: PLC0415  # models are loaded by now
        from users.identity import merging  # noqa: PLC0415  # models are loaded by now
        from users.privacy import own  # noqa: PLC0415
        from users.segments import folding, keeping, told  # noqa: PLC0415  # models are loaded by now
        from users.segments import privacy as segment_privacy  # noqa: PLC0415  # models are loaded by now
        from users.segments.console import conditions, person_tab  # noqa: PLC0415  # models are loaded by now
        from users.segments.lists import wiring  # noqa: PLC0415  # models are loaded by now

        sources.register()
        wiring.register()
        own.register()
        segment_privacy.register()
        told.register()
        own_tabs.register()
        jobs.register()
        subscribers.subscribe("tally", tally.count, shared=True)
        subscribers.subscribe("segments", keeping.heard)
        sweeps.register_tables()
        merging.on_merge(waiting.follow)
        merging.on_merge(folding.fold)  # after the drains that had the visitor in hand
        post_migrate.connect(shards.ensure, sender=self)
        metrics.read_at_scrape(gauges.gauges)
        conditions.register()
        person_tab.register()
        navigation.register("Audience", "Segments", "console-segments", "segments.view", 2)
        navigation.register("Audience", "Users", "console-users", "users.view", 1)
        navigation.register("Build", "Signed identity", "signed-identity", "developers.view", 3)
        navigation.register("Observe", "Events", "console-events", "events.view", 1)
