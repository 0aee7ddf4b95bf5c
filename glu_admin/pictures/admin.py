"""The admin of pictures: to look at. They are added in the console, and never changed."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from glu_admin.console.admin_base import Recorded
from glu_admin.pictures.models import Picture


@admin.register(Picture)
class PictureAdmin(Recorded):
    scope = "workspace"
    list_display = ("shown", "width", "height", "size", "added_by", "added_at", "unused_since")
    search_fields = ("sha256", "added_by")
    date_hierarchy = "added_at"
    ordering = ("-added_at",)

    @admin.display(description="picture")
    def shown(self, picture: Picture) -> SafeString:
        keys = {"workspace_id": picture.workspace_id, "sha256": picture.sha256}
        address, name = reverse("picture", kwargs=keys), picture.sha256[:8]
        return format_html('<img src="{}" height="40" alt="Picture {}">', address, name)
