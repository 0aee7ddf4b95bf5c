"""The admin of jobs: to look up. Their files are personal data and are not shown."""

from django.contrib import admin

from glu_admin.console.admin_base import Recorded
from glu_admin.jobs.models import Job


@admin.register(Job)
class JobAdmin(Recorded):
    list_display = ("kind", "status", "actor", "done", "failed", "total", "created_at", "ended_at")
    list_filter = ("status", "kind")
    search_fields = ("actor", "error")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
