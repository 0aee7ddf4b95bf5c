"""The door of every console page: a signed-in member, their workspace, the environment, the role.

`@console("campaigns.view")` wraps `view(request, env, …)` at a URL that begins with
`c/<str:kind>/`. The member's role in the workspace decides; the rest get the 403 page.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from glu_admin.workspaces.access import may, refusal
from glu_admin.workspaces.models import Environment, Member, Membership

WORKSPACE_KEY = "workspace"  # the session's, for a member of several
View = Callable[..., HttpResponseBase]
READING = {"GET", "HEAD", "OPTIONS"}


class ConsoleRequest(HttpRequest):
    """What a console view gets: for types only, a plain request carries these."""

    user: Member  # the door let nobody else in
    membership: Membership
    environment: Environment
    may: Callable[[str], bool]  # whether the member has a permission here


def console(permission: str, *, post: str = "") -> Callable[[View], View]:
    """Let in who has `permission`; `post` is the one that writing needs, if it is another."""

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, kind: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not isinstance(request.user, Member):
                return redirect_to_login(request.get_full_path())
            membership, environment = enter(request, request.user, kind)
            needed = permission if request.method in READING else post or permission
            if not may(membership.role, needed, kind):
                raise PermissionDenied(refusal(needed))
            return view(request, environment, *args, **kwargs)

        door.permissions = (permission, post or permission)  # type: ignore[attr-defined]  # read by tests
        return never_cache(door)

    return decorate


def enter(request: HttpRequest, member: Member, kind: str) -> tuple[Membership, Environment]:
    """Find the member's workspace and the environment, and leave both on the request."""
    if kind not in Environment.Kind.values:
        raise Http404("There are two environments: test and live.")
    # one statement for both, because every page pays for it
    mine = Environment.objects.filter(kind=kind, workspace__memberships__member=member)
    named = mine.select_related("workspace").annotate(
        membership_id=F("workspace__memberships__id"), role=F("workspace__memberships__role")
    )
    found = list(named.order_by("membership_id"))
    environment = _chosen(request, found)
    membership = Membership(
        id=environment.membership_id,
        workspace=environment.workspace,
        member=member,
        role=environment.role,
    )
    request.membership = membership  # type: ignore[attr-defined]  # see ConsoleRequest
    request.environment = environment  # type: ignore[attr-defined]
    request.may = lambda permission: may(membership.role, permission, kind)  # type: ignore[attr-defined]
    return membership, environment


def membership_of(request: HttpRequest, member: Member) -> Membership:
    """The membership in the workspace that the session chose, else in the oldest one."""
    mine = Membership.objects.filter(member=member).select_related("workspace").order_by("id")
    membership: Membership = _chosen(request, list(mine))
    membership.member = member
    return membership


def _chosen(request: HttpRequest, mine: Sequence[Any]) -> Any:
    if not mine:
        raise PermissionDenied("You are in no workspace yet. Ask the person who invited you.")
    chosen = request.session.get(WORKSPACE_KEY)
    return next((each for each in mine if str(each.workspace_id) == chosen), mine[0])
