"""Makes the first member of an installation, and prints a link that signs them in once."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from glu_admin.workspaces import keys, team
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Membership, Workspace
from glu_admin.workspaces.sign_in import create_link


class Command(BaseCommand):
    help = "Make EMAIL an owner of a workspace (made if it does not exist) and print a sign-in link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--workspace", default="", help="Its name; the oldest one if not given.")

    def handle(self, *, email: str, workspace: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an e-mail address.") from None
        home = _workspace(workspace)
        membership = Membership.objects.filter(workspace=home, member__email=email.lower()).first()
        if membership is None:
            membership = team.invite(home, email, Membership.Role.OWNER, Actor("create_owner"))
        elif membership.role != Membership.Role.OWNER:
            team.change_role(membership, Membership.Role.OWNER, Actor("create_owner"))
        self.stdout.write(f"{email} is an owner of {home}. This link signs in once, within an hour:")
        self.stdout.write(settings.PUBLIC_URL + create_link(membership.member))


def _workspace(name: str) -> Workspace:
    found = Workspace.objects.filter(name=name) if name else Workspace.objects.all()
    return found.order_by("created_at").first() or keys.create_workspace(name or "My workspace")
