from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "glu_admin.console"
    label = "console"
