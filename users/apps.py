"""The users app: tells the timeline what it knows of people."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        from users.history import sources  # noqa: PLC0415  # models are loaded by now

        sources.register()
