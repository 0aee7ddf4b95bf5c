from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "glu_admin.jobs"
