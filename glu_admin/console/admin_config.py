"""Makes the console's admin site the one that every `admin.py` registers with."""

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    default_site = "glu_admin.console.admin_site.ConsoleAdminSite"
