"""The members of a workspace: the only writer of Membership.

A workspace never loses its last owner, and only owners make owners. Every change is audited.
"""

from datetime import timedelta

from django.db import transaction

from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Member, Membership, Workspace

Role = Membership.Role
INVITATION_LIFE = timedelta(days=3)


class TeamError(ValueError):
    """The change is not possible; the message is for the person who tried."""


def invite(workspace: Workspace, email: str, role: str, actor: Actor) -> Membership:
    """Add a member, made first if nobody has this address; raises TeamError."""
    with transaction.atomic():
        member = Member.objects.filter(email=email.lower()).first() or Member.objects.create_user(email)
        membership, is_new = Membership.objects.get_or_create(
            workspace=workspace, member=member, defaults={"role": role}
        )
        if not is_new:
            raise TeamError(f"{email} is in the team already.")
        audit.record(workspace, actor, "member.invited", membership, {"role": [None, role]})
    return membership


def change_role(membership: Membership, role: str, actor: Actor) -> None:
    """Give the member another role; raises TeamError for the last owner."""
    with transaction.atomic():
        before = _locked(membership)
        if before.role == role:
            return
        _keep_an_owner(before)
        Membership.objects.filter(pk=before.pk).update(role=role)
        audit.record(before.workspace, actor, "member.role_changed", before, {"role": [before.role, role]})


def remove(membership: Membership, actor: Actor) -> None:
    """Take the member out of the team; raises TeamError for the last owner."""
    with transaction.atomic():
        before = _locked(membership)
        _keep_an_owner(before)
        audit.record(before.workspace, actor, "member.removed", before, {"role": [before.role, None]})
        before.delete()


def _locked(membership: Membership) -> Membership:
    """The row as it is now, with its team held still, so that two owners can't remove each other."""
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    return Membership.objects.select_related("workspace").get(pk=membership.pk)


def _keep_an_owner(membership: Membership) -> None:
    if membership.role != Role.OWNER:
        return
    others = Membership.objects.filter(workspace_id=membership.workspace_id, role=Role.OWNER)
    if not others.exclude(pk=membership.pk).exists():
        raise TeamError("This is the last owner. Make somebody else an owner first.")
