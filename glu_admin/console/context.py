"""What every console page knows: the member, the workspace, the environment."""

from typing import Any

from django.http import HttpRequest

from glu_admin.console import navigation
from glu_admin.workspaces.models import Environment

OTHER = {Environment.Kind.TEST.value: "live", Environment.Kind.LIVE.value: "test"}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Empty outside the console: player pages and sign-in pay nothing for it."""
    environment: Environment | None = getattr(request, "environment", None)
    if environment is None:
        return {}
    role, kind = request.membership.role, environment.kind  # type: ignore[attr-defined]  # a ConsoleRequest
    other = OTHER[kind]
    return {
        "environment": environment,
        "workspace": environment.workspace,
        "membership": request.membership,  # type: ignore[attr-defined]
        "kind": kind,
        "sections": navigation.sections(role, kind, request.path),
        "other_url": navigation.counterpart(role, kind, other, request.path),
    }
