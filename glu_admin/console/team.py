"""Team & roles: who is in the workspace, what each role may do, and invitations by link."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces import access, sign_in, team
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment, Membership

Role = Membership.Role
ROLES = [(role.value, role.label) for role in Role]


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254)
    role = forms.ChoiceField(choices=ROLES, initial=Role.VIEWER)


@console("team.view")
@require_GET
def members(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _page(request, env, InviteForm())


@console("team.edit")
@require_POST
def invite(request: ConsoleRequest, env: Environment) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, env, form)
    try:
        _only_owners_make_owners(request, form.cleaned_data["role"])
        made = team.invite(
            env.workspace, form.cleaned_data["email"], form.cleaned_data["role"], Actor.of(request.user)
        )
    except team.TeamError as error:
        form.add_error("email", str(error))
        return _page(request, env, form)
    return _show_link(request, env, made)


@console("team.edit")
@require_POST
def link(request: ConsoleRequest, env: Environment, pk: int) -> HttpResponse:
    """A new sign-in link for a colleague who lost the password."""
    membership = _membership(env, pk)
    try:
        _only_owners_make_owners(request, membership.role)
    except team.TeamError as error:
        messages.error(request, str(error))
        return redirect("team", kind=env.kind)
    return _show_link(request, env, membership)


@console("team.edit")
@require_POST
def change(request: ConsoleRequest, env: Environment, pk: int) -> HttpResponse:
    membership, role = _membership(env, pk), request.POST.get("role", "")
    try:
        _only_owners_make_owners(request, role, membership.role)
        team.change_role(membership, Role(role), Actor.of(request.user))
        messages.success(request, f"{membership.member} has the role {Role(role).label} now.")
    except team.TeamError as error:
        messages.error(request, str(error))
    except ValueError:
        messages.error(request, "There is no such role.")
    return redirect("team", kind=env.kind)


@console("team.edit")
@require_POST
def remove(request: ConsoleRequest, env: Environment, pk: int) -> HttpResponse:
    membership = _membership(env, pk)
    try:
        _only_owners_make_owners(request, membership.role)
        team.remove(membership, Actor.of(request.user))
        messages.success(request, f"{membership.member} has left the team.")
    except team.TeamError as error:
        messages.error(request, str(error))
    return redirect("team", kind=env.kind)


def _page(request: HttpRequest, env: Environment, form: InviteForm, **more: object) -> HttpResponse:
    found = Membership.objects.filter(workspace=env.workspace).select_related("member").order_by("id")
    rules = [(rule.words, [_allowed(role, rule) for role in Role]) for rule in access.RULES.values()]
    context = {"form": form, "members": found, "roles": ROLES, "rules": rules, **more}
    return render(request, "console/team.html", context, status=400 if form.errors else 200)


def _allowed(role: Role, rule: access.Rule) -> str:
    if role in rule.roles:
        return "yes"
    return "in Test" if role in rule.in_test else "no"


def _show_link(request: ConsoleRequest, env: Environment, membership: Membership) -> HttpResponse:
    """The link is shown now and never again: only its hash is kept."""
    url = request.build_absolute_uri(sign_in.create_link(membership.member, life=team.INVITATION_LIFE))
    return _page(request, env, InviteForm(), link=url, invited=membership.member)


def _membership(env: Environment, pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("member"), pk=pk, workspace=env.workspace)


def _only_owners_make_owners(request: ConsoleRequest, *roles: str) -> None:
    """An admin who could make owners, or sign in as one, would be one."""
    if Role.OWNER in roles and request.membership.role != Role.OWNER:
        raise team.TeamError("Only Owners may invite, change or remove an Owner.")
