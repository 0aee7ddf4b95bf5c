"""The audit log: who did what to which object. Rows are only added, in the caller's transaction.

Personal fields are recorded by name only, never by value; secrets never.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from glu_admin.observability.context import request_id
from glu_admin.workspaces.models import AuditEntry, Environment, Member, Workspace


@dataclass(frozen=True)
class Actor:
    """Who acts: a member, or a name such as "demo data" or an API key's."""

    name: str
    member: Member | None = None

    @classmethod
    def of(cls, member: Member) -> "Actor":
        return cls(str(member), member)


def record(
    scope: Workspace | Environment,
    actor: Actor,
    action: str,
    about: Model,
    changes: dict[str, Any] | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Add one entry. `action` reads `entity.action`; `changes` is {field: [before, after]}; `at` is now."""
    environment = scope if isinstance(scope, Environment) else None
    AuditEntry.objects.create(
        workspace_id=scope.workspace_id if isinstance(scope, Environment) else scope.pk,
        environment=environment,
        member=actor.member,
        actor=actor.name,
        action=action,
        object_type=about._meta.model_name or "",
        object_id=str(about.pk),
        changes=changes or {},
        request_id=request_id(),
        at=at or timezone.now(),
    )
