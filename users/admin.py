"""The admin of people, what they did and what changed in them: to look up, not to change.

Each of these tables has a writer of its own: registration, ingest, the drain, definitions,
the catalogue, erasure.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from glu_admin.console.admin_base import InEnvironment, Recorded, Rows
from glu_admin.console.admin_site import environment_of
from users.models import (
    AttributeDefinition,
    Device,
    EndUser,
    Erasure,
    Event,
    EventDefinition,
    KeptBehaviour,
    ParkedEvent,
    SdkSignal,
    Segment,
    SegmentImport,
    SegmentMove,
    UserChange,
)
from users.v1 import search

PUSH_TOKENS = ("firebase_token", "apns_device_token")  # they open a way to the phone


class DeviceRows(Rows):
    model = Device
    hidden = PUSH_TOKENS


@admin.register(EndUser)
class EndUserAdmin(Recorded):
    list_display = (
        "__str__",
        "user_name",
        "is_test",
        "is_demo",
        "blocked_at",
        "registered_at",
        "last_seen_at",
    )
    list_filter = (
        "is_test",
        "is_demo",
        ("blocked_at", admin.EmptyFieldListFilter),
        ("merged_into", admin.EmptyFieldListFilter),
        ("erased_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("user_id", "anonymous_id", "user_name", "email", "phone", "referral_code")
    inlines: ClassVar[list[Any]] = [DeviceRows]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the indexes: Django's own search would read every person."""
        environment, term = environment_of(request), search_term.strip()
        if not term or environment is None:
            return queryset, False
        found = [
            user.pk
            for name in (*search.EXACT, "anonymousId", "name")
            for user in search.search(environment.pk, {name: term}, limit=self.list_per_page)
        ]
        return queryset.filter(pk__in=found), False


@admin.register(Device)
class DeviceAdmin(Recorded):
    hidden = PUSH_TOKENS
    list_display = ("device_id", "user", "device_type", "device_name", "app_version", "last_seen_at")
    list_filter = ("device_type",)
    list_select_related = ("user",)
    search_fields = ("device_id__exact", "user__user_id__exact")


class Numbered(Recorded):
    """A table cut by time: the newest rows first, by number, and no bar of dates: it reads them all."""

    ordering = ("-id",)


@admin.register(Event)
class EventAdmin(Numbered):
    list_display = ("received_at", "name", "client_id", "verdict", "reason", "source", "happened_at")
    list_filter = ("verdict", "source")
    search_fields = ("user__user_id__exact",)


@admin.register(UserChange)
class UserChangeAdmin(Numbered):
    list_display = ("at", "user", "kind", "source", "changes")
    list_filter = ("kind", "source")
    list_select_related = ("user",)
    search_fields = ("user__user_id__exact",)


@admin.register(SdkSignal)
class SdkSignalAdmin(Numbered):
    list_display = ("received_at", "kind", "name", "client_id")
    list_filter = ("kind",)
    search_fields = ("client_id__exact",)


@admin.register(ParkedEvent)
class ParkedEventAdmin(Recorded):
    list_display = ("parked_at", "subscriber", "event_id", "error", "attempts", "replayed_at")
    list_filter = ("subscriber", ("replayed_at", admin.EmptyFieldListFilter))
    search_fields = ("=event_id", "error")
    ordering = ("-id",)


@admin.register(EventDefinition)
class EventDefinitionAdmin(Recorded):
    list_display = ("name", "mode", "declared", "description")
    list_filter = ("mode", "declared")
    search_fields = ("name", "description")
    ordering = ("name",)


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(Recorded):
    list_display = ("name", "declared_type", "have_it", "people", "sampled", "last_seen_at")
    list_filter = ("declared_type",)
    search_fields = ("name", "description")
    ordering = ("name",)


@admin.register(Erasure)
class ErasureAdmin(Recorded):
    list_display = ("at", "id", "actor", "subject")
    search_fields = ("=id", "actor", "=subject")
    date_hierarchy = "at"
    ordering = ("-at",)


@admin.register(Segment)
class SegmentAdmin(Recorded):
    list_display = ("name", "kind", "version", "kept", "notify", "fault", "is_demo", "updated_at")
    list_filter = ("kind", "kept", "notify", "is_demo")
    search_fields = ("name", "description", "=id")
    ordering = ("name",)


@admin.register(SegmentImport)
class SegmentImportAdmin(Recorded):
    list_display = ("file_name", "segment", "field", "mode", "actor", "created_at", "applied_at", "undone_at")
    list_filter = ("mode", ("segment", InEnvironment))
    list_select_related = ("segment",)
    search_fields = ("file_name", "actor", "=id")
    ordering = ("-created_at",)


@admin.register(SegmentMove)
class SegmentMoveAdmin(Recorded):
    list_display = ("at", "user", "segment", "entered", "why")
    list_filter = ("entered", ("segment", InEnvironment))
    list_select_related = ("user", "segment")
    search_fields = ("=user__user_id", "=segment__id")
    ordering = ("-at",)


@admin.register(KeptBehaviour)
class KeptBehaviourAdmin(Recorded):
    list_display = ("__str__", "condition", "ready_at")
    list_filter = (("ready_at", admin.EmptyFieldListFilter),)
    search_fields = ("digest",)
    ordering = ("id",)
