"""The look of all pages of a workspace: its colours, corners and links. Test shows it as Live does."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from campaigns import look as looks
from campaigns.console import look_form
from campaigns.console.look_form import LookForm
from campaigns.pages.theme import of_look
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.pictures import names, sending
from glu_admin.pictures.reading import Use
from glu_admin.workspaces.audit import Actor, record
from glu_admin.workspaces.models import Environment, Workspace


@console("campaigns.view", post="look.edit")
@require_http_methods(["GET", "POST"])
def page(request: ConsoleRequest, env: Environment) -> HttpResponse:
    if request.method == "GET":
        return _page(request, env, LookForm(initial=look_form.as_typed(_typed(env.workspace))))
    typed, refused = sending.received(request, env, {look_form.LOGO: Use.LOGO}, {})
    form = LookForm(typed)
    for message in refused.values():
        form.add_error("logo", message)
    if not form.is_valid():
        return _page(request, env, form)
    _store(env, form, Actor.of(request.user))
    messages.success(request, "Saved. Pages wear it from now on.")
    return redirect("workspace-look", kind=env.kind)


def _store(env: Environment, form: LookForm, actor: Actor) -> None:
    """The main colour is the brand's, which more than pages show."""
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=env.workspace_id)
        before = _typed(workspace)
        stored = form.stored()
        workspace.brand_color = stored.pop("color", workspace.brand_color)
        workspace.look = stored
        workspace.save(update_fields=["brand_color", "look"])
        after = _typed(workspace)
        changes = {name: [before.get(name), after.get(name)] for name in before.keys() | after.keys()}
        changed = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        record(env, actor, "workspace.look_changed", workspace, changed)


def _typed(workspace: Workspace) -> dict[str, object]:
    return {**workspace.look, "color": workspace.brand_color}


def _page(request: ConsoleRequest, env: Environment, form: LookForm) -> HttpResponse:
    shown = looks.of(env.workspace.look)
    themes = [of_look(shown, env.workspace.brand_color, dark=dark) for dark in (False, True)]
    logo = names.shown(env.workspace_id, shown.logo)
    context = {"form": form, "themes": themes, "logo": logo, "may_edit": request.may("look.edit")}
    return render(request, "console/look.html", context, status=400 if form.errors else 200)
