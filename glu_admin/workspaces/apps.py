from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "glu_admin.workspaces"
    label = "workspaces"
