"""The admin of campaigns, plays and entry points. Campaigns are changed in the console."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from campaigns.models import Campaign, Earning, EntryPoint, EntryPointState, Participation, Play, Slot
from glu_admin.console.admin_base import Configured, InEnvironment, Recorded, Rows


class PlayRows(Rows):
    model = Play
    fk_name = "participation"
    hidden = ("answer", "fingerprint")


@admin.register(Campaign)
class CampaignAdmin(Recorded):
    list_display = ("name", "type", "status", "version", "starts_at", "ends_at", "launched_at")
    list_filter = ("status", "type", "is_demo")
    search_fields = ("name", "tag", "=id")
    date_hierarchy = "created_at"


@admin.register(Participation)
class ParticipationAdmin(Recorded):
    list_display = ("user", "campaign", "status", "plays", "wins", "updated_at")
    list_filter = ("status", ("campaign", InEnvironment))
    list_select_related = ("user", "campaign")
    search_fields = ("=user__user_id",)
    inlines: ClassVar[list[Any]] = [PlayRows]


@admin.register(Play)
class PlayAdmin(Recorded):
    list_display = ("played_at", "user", "campaign", "attempt", "occasion", "variant", "ticket", "reward_id")
    list_filter = (("campaign", InEnvironment),)
    list_select_related = ("user", "campaign", "variant")
    search_fields = ("=id", "=user__user_id", "=reward_id")
    date_hierarchy = "played_at"


@admin.register(Earning)
class EarningAdmin(Recorded):
    """What waits to be given; as a rule for less than a second."""

    list_display = ("earned_at", "user", "campaign", "occasion", "cause")
    list_filter = (("campaign", InEnvironment),)
    list_select_related = ("user", "campaign")
    search_fields = ("=user__user_id", "=cause")
    date_hierarchy = "earned_at"


@admin.register(EntryPoint)
class EntryPointAdmin(Configured):
    list_display = ("name", "consumer", "visible", "updated_at")
    list_filter = ("visible", "consumer")
    search_fields = ("name",)
    editable = ("name", "consumer", "visible", "content")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(EntryPointState)
class EntryPointStateAdmin(Recorded):
    list_display = ("entry_point", "user", "campaign_id", "clicked", "complete_state_viewed")
    list_filter = ("clicked", ("entry_point", InEnvironment))
    list_select_related = ("entry_point", "user")
    search_fields = ("=user__user_id", "campaign_id")


@admin.register(Slot)
class SlotAdmin(Recorded):
    list_display = ("name", "kind", "platform", "seen_at")
    list_filter = ("kind", "platform")
    search_fields = ("name",)
    date_hierarchy = "seen_at"
