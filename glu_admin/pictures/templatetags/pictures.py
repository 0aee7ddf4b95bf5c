"""`{{ name|picture:workspace }}`: what a page needs to show the picture of that name."""

from django import template

from glu_admin.pictures import names
from glu_admin.pictures.names import Shown
from glu_admin.workspaces.models import Workspace

register = template.Library()


@register.filter
def picture(name: object, workspace: Workspace) -> Shown | None:
    return names.shown(workspace.pk, str(name or ""))
