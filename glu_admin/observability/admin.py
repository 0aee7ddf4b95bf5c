"""The admin of signs of life: when each kind of process was last seen."""

from django.contrib import admin

from glu_admin.console.admin_base import Unscoped
from glu_admin.observability.models import Heartbeat


@admin.register(Heartbeat)
class HeartbeatAdmin(Unscoped):
    list_display = ("name", "at")
    search_fields = ("name",)
