"""The runtime as a Django app, for its migration and its `supervise` command."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "glu_admin.runtime"
    label = "runtime"
    verbose_name = "Runtime"
