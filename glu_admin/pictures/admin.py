"""The admin of pictures: to look at. They are added in the console, and never changed."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from glu_admin.console.admin_base import Recorded
from glu_admin.pictures import keeping
from glu_admin.pictures.models import Picture


@admin.register(Picture)
class PictureAdmin(Recorded):
    scope = "workspace"
    list_display = ("shown", "width", "height", "size", "added_by", "added_at")
    search_fields = ("sha256", "added_by")
    date_hierarchy = "added_at"
    ordering = ("-added_at",)

    @admin.display(description="picture")
    def shown(self, picture: Picture) -> SafeString:
        name = f"{picture.sha256}-{picture.width}x{picture.height}"
        found = keeping.shown(picture.workspace_id, name)
        address = found.address if found else ""
        return format_html('<img src="{}" height="40" alt="Picture {}">', address, picture.sha256[:8])
