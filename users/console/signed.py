"""Signed identity in the console: what it means while it is off, its switch, and its secret."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.identity import signed

Mode = Environment.SignedIdentity
MEANS = {
    Mode.OFF: "Whoever has the write key may register as any user.",
    Mode.REPORT: "Everybody is taken. The answer to a missing or wrong userHash carries a warning, and"
    " the metric glu_unsigned_users counts it: see who would be refused.",
    Mode.ENFORCE: "A missing or wrong userHash gets a 401. Visitors need none, as they claim to be nobody.",
}


class ModeForm(forms.Form):
    mode = forms.ChoiceField(label="Signed identity", choices=Mode.choices, widget=forms.RadioSelect)


@console("developers.view")
@require_GET
def page(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _page(request, env)


@console("keys.edit")
@require_POST
def switch(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """Refusing who comes without a proof needs a secret to prove it by."""
    form = ModeForm(request.POST)
    if not form.is_valid():
        return _page(request, env, form)
    mode = form.cleaned_data["mode"]
    if mode == Mode.ENFORCE and env.sealed_identity_secret is None:
        form.add_error("mode", "Make a secret first: without one, every registration would be refused.")
        return _page(request, env, form)
    signed.switch(env, mode, Actor.of(request.user))
    messages.success(request, f"Signed identity: {Mode(mode).label.lower()}.")
    return redirect("signed-identity", kind=env.kind)


@console("keys.edit")
@require_POST
def rotate(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """The secret stands in this very answer and nowhere else."""
    return _page(request, env, secret=signed.rotate(env, Actor.of(request.user)))


def _page(
    request: ConsoleRequest, env: Environment, form: ModeForm | None = None, secret: str = ""
) -> HttpResponse:
    form = form or ModeForm(initial={"mode": env.signed_identity})
    context = {
        "form": form,
        "choices": [(each, MEANS[Mode(each.data["value"])]) for each in form["mode"]],
        "secret": secret,
        "has_secret": env.sealed_identity_secret is not None,
        "is_off": env.signed_identity == Mode.OFF,
    }
    return render(request, "users/signed.html", context, status=400 if form.errors else 200)
