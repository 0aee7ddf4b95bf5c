"""Observability as a Django app, for its table, its checks and its ear for exceptions."""

from django.apps import AppConfig
from django.core.signals import got_request_exception

from glu_admin import checks
from glu_admin.observability.logs import log_exception


class ObservabilityConfig(AppConfig):
    name = "glu_admin.observability"
    label = "observability"

    def ready(self) -> None:
        checks.register_all()
        checks.refuse_unfit_production()
        got_request_exception.connect(log_exception, dispatch_uid="glu.failures")
