"""Which environment a command is about: its kind, and the workspace's name if there are several."""

from django.core.management.base import CommandError, CommandParser

from glu_admin.workspaces.models import Environment, Workspace


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--environment", choices=Environment.Kind.values, required=True)
    parser.add_argument("--workspace", default="", help="Its name; needed if there are several.")


def environment(kind: str, workspace: str) -> Environment:
    """The one that is meant; raises CommandError."""
    names = list(Workspace.objects.order_by("created_at").values_list("name", flat=True))
    if not workspace and len(names) > 1:
        raise CommandError(f"Say which --workspace: {', '.join(names)}.")
    found = Environment.objects.select_related("workspace").filter(kind=kind)
    found = found.filter(workspace__name=workspace) if workspace else found
    only = list(found[:2])
    if len(only) != 1:
        raise CommandError(f"There is no one workspace {workspace or 'yet'}. There are: {', '.join(names)}.")
    return only[0]
