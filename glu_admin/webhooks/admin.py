"""The admin of endpoints, deliveries and attempts. Endpoints are changed in the console."""

from typing import Any, ClassVar

from django.contrib import admin

from glu_admin.console.admin_base import Configured, InEnvironment, Recorded, Rows
from glu_admin.webhooks.models import (
    Attempt,
    Delivery,
    Endpoint,
    OutboxMessage,
    Received,
    ReceiverSettings,
)


class DeliveryRows(Rows):
    model = Delivery


class AttemptRows(Rows):
    model = Attempt


@admin.register(Endpoint)
class EndpointAdmin(Recorded):
    list_display = ("url", "kinds", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("url",)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(Recorded):
    list_display = ("kind", "subject_id", "created_at", "fanned_out_at")
    list_filter = ("kind", ("fanned_out_at", admin.EmptyFieldListFilter))
    search_fields = ("=subject_id",)
    date_hierarchy = "created_at"
    inlines: ClassVar[list[Any]] = [DeliveryRows]


@admin.register(Delivery)
class DeliveryAdmin(Recorded):
    list_display = ("message", "endpoint", "state", "tries", "next_at", "created_at", "delivered_at")
    list_filter = ("state", ("endpoint", InEnvironment))
    list_select_related = ("message", "endpoint")
    search_fields = ("=id", "=message__subject_id")
    date_hierarchy = "created_at"
    inlines: ClassVar[list[Any]] = [AttemptRows]


@admin.register(Attempt)
class AttemptAdmin(Recorded):
    list_display = ("delivery_id", "number", "status", "problem", "milliseconds", "started_at")
    list_filter = ("status",)
    search_fields = ("problem", "=delivery__id")
    date_hierarchy = "started_at"


@admin.register(Received)
class ReceivedAdmin(Recorded):
    list_display = ("at", "cg_signature", "webhook_signature", "answered")
    list_filter = ("answered",)
    search_fields = ("answered",)


@admin.register(ReceiverSettings)
class ReceiverSettingsAdmin(Configured):
    list_display = ("environment", "behaviour")
    list_select_related = ("environment__workspace",)
    editable = ("behaviour",)
