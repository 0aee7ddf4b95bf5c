"""Developers: write keys, API keys, and the first three requests with this environment's key in them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from glu_admin.console import snippets
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces import audit, keys
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import ApiKey, Environment, WriteKey


class WriteKeyForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="Such as the app and its platform.")


class ApiKeyForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="Such as the server that will use it.")
    scopes = forms.MultipleChoiceField(
        label="Allowed to", choices=list(keys.SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )


@console("developers.view")
@require_GET
def developers(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _page(request, env)


@console("keys.edit")
@require_POST
def create_write_key(request: ConsoleRequest, env: Environment) -> HttpResponse:
    form = WriteKeyForm(request.POST, prefix="write")
    if not form.is_valid():
        return _page(request, env, write_form=form)
    with transaction.atomic():
        key = keys.create_write_key(env, form.cleaned_data["name"])
        audit.record(env, Actor.of(request.user), "write_key.created", key, {"name": [None, key.name]})
    messages.success(request, f"The write key “{key.name}” works from now on.")
    return redirect("developers", kind=env.kind)


@console("keys.edit")
@require_POST
def create_api_key(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """The secret stands in this very answer and nowhere else."""
    form = ApiKeyForm(request.POST, prefix="api")
    if not form.is_valid():
        return _page(request, env, api_form=form)
    with transaction.atomic():
        name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"]
        key, secret = keys.create_api_key(env, name, scopes)
        changes = {"name": [None, name], "scopes": [None, ", ".join(scopes)]}
        audit.record(env, Actor.of(request.user), "api_key.created", key, changes)
    return _page(request, env, secret=secret, secret_name=key.name)


@console("keys.edit")
@require_POST
def revoke_write_key(request: ConsoleRequest, env: Environment, pk: int) -> HttpResponse:
    return _revoke(request, env, get_object_or_404(WriteKey, environment=env, pk=pk, revoked_at=None))


@console("keys.edit")
@require_POST
def revoke_api_key(request: ConsoleRequest, env: Environment, pk: int) -> HttpResponse:
    return _revoke(request, env, get_object_or_404(ApiKey, environment=env, pk=pk, revoked_at=None))


def _revoke(request: ConsoleRequest, env: Environment, key: WriteKey | ApiKey) -> HttpResponse:
    action = "write_key.revoked" if isinstance(key, WriteKey) else "api_key.revoked"
    with transaction.atomic():
        keys.revoke(key)
        audit.record(env, Actor.of(request.user), action, key, {"name": [key.name, key.name]})
    messages.success(request, f"“{key.name}” opens nothing any more.")
    return redirect("developers", kind=env.kind)


def _page(
    request: ConsoleRequest,
    env: Environment,
    *,
    write_form: WriteKeyForm | None = None,
    api_form: ApiKeyForm | None = None,
    **more: Any,
) -> HttpResponse:
    write_keys = list(env.write_keys.order_by("revoked_at", "-id"))
    first = next((key.key for key in reversed(write_keys) if not key.revoked_at), "WRITE_KEY")
    context = {
        "write_keys": write_keys,
        "api_keys": env.api_keys.order_by("revoked_at", "-id"),
        "write_form": write_form or WriteKeyForm(prefix="write"),
        "api_form": api_form or ApiKeyForm(prefix="api"),
        "curls": snippets.curls(snippets.base_url(request), first),
        **more,
    }
    wrong = any(form and form.errors for form in (write_form, api_form))
    return render(request, "console/developers.html", context, status=400 if wrong else 200)
