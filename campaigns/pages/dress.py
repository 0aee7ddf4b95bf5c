"""What every page wears: the colours of a look in light or dark, its logo and the picture behind it."""

from typing import Any

from campaigns.look import Look
from campaigns.pages.theme import DEFAULT, of_look
from glu_admin.pictures import names
from glu_admin.workspaces.models import Workspace


def of(look: Look, workspace: Workspace | None, *, dark: bool) -> dict[str, Any]:
    """For the templates. A page that knows no workspace wears ours, without a picture."""
    if workspace is None:
        return {"theme": of_look(look, DEFAULT, dark=dark)}
    return {
        "theme": of_look(look, workspace.brand_color, dark=dark),
        "logo": names.shown(workspace.pk, look.logo),
        "backdrop": names.shown(workspace.pk, look.background),
    }
