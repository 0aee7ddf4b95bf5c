"""The admin of people: to look up, not to change; registration is their only writer."""

from django.contrib import admin

from glu_admin.console.admin_base import Recorded
from users.models import EndUser


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
    list_filter = ("is_test", "is_demo", ("blocked_at", admin.EmptyFieldListFilter))
    search_fields = ("user_id", "anonymous_id", "user_name", "=email", "=phone", "=referral_code")
    date_hierarchy = "registered_at"
