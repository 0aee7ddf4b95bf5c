"""The console: the shell, sign-in, and the pages that know no campaign."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "glu_admin.console"
    label = "console"

    def ready(self) -> None:
        from glu_admin.console.navigation import register  # noqa: PLC0415  # models are loaded by now

        register("Observe", "Webhooks", "webhooks", "webhooks.view", 2)
        register("Build", "Developers", "developers", "developers.view", 1)
        register("Workspace", "Team & roles", "team", "team.view", 1)
        register("Workspace", "Audit log", "audit-log", "audit.view", 2)
