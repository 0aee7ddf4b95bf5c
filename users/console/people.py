"""Users in the console: find one, see what happened with them, block, export or erase them.

People are found by what somebody knows of them, never browsed: the page opens with those who
registered last.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from glu_admin.api.errors import ApiError
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users import people as people_ids
from users import registration
from users.console import finding, shown, tabs
from users.models import EndUser
from users.privacy import erasure, export
from users.v1 import search

LENGTH = 25


class EraseForm(forms.Form):
    """The typed confirmation: the person's own id, so that nobody is erased by a slip."""

    confirm = forms.CharField(label="Type the user id to confirm")

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean_confirm(self) -> str:
        typed: str = self.cleaned_data["confirm"]
        if typed != self._expected:
            raise forms.ValidationError("This is not the id of this user. Ids are case-sensitive.")
        return typed


@console("users.view")
@require_GET
def people(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """`q` finds exactly by any id or contact, and by the beginning of a name."""
    wanted = request.GET.get("q", "").strip().replace("\0", "")
    in_full = request.may("users.personal")
    found = finding.find(env.id, wanted, limit=LENGTH) if wanted else search.search(env.id, {}, limit=LENGTH)
    close = [] if found or not wanted else finding.close_to(env.id, wanted, beginnings=in_full)
    rows = [shown.row(person, in_full=in_full) for person in found or close]
    context = {"rows": rows, "looked_for": wanted, "is_close": bool(close)}
    return render(request, "users/people.html", context)


@console("users.view")
@require_GET
def person(request: ConsoleRequest, env: Environment, glu_id: UUID) -> HttpResponse:
    found = _person(env, glu_id)
    return _page(request, env, found)


@console("users.edit")
@require_POST
def act(request: ConsoleRequest, env: Environment, glu_id: UUID, action: str) -> HttpResponse:
    """Block, unblock or sign out; each is written into the audit log by its writer."""
    found, actor = _person(env, glu_id), Actor.of(request.user)
    if action == "block":
        registration.block(found, actor)
        messages.success(request, "Blocked. Every call of this user is refused from now on.")
    elif action == "unblock":
        registration.unblock(found, actor)
        messages.success(request, "Unblocked.")
    elif action == "sign-out":
        registration.revoke_tokens(found, actor)
        messages.success(request, "Signed out everywhere. The app gets a new token when it registers again.")
    else:
        raise Http404("There is no such action.")
    return redirect("console-user", kind=env.kind, glu_id=found.glu_id)


@console("users.erase")
@require_GET
def export_json(request: ConsoleRequest, env: Environment, glu_id: UUID) -> StreamingHttpResponse:
    """Everything that is known of one person, as a file, which may be larger than memory."""
    found = _person(env, glu_id)
    audit.record(env, Actor.of(request.user), "user.exported", found, {})
    return StreamingHttpResponse(
        export.stream(env, found),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="user-{found.glu_id}.json"'},
    )


@console("users.erase")
def erase(request: ConsoleRequest, env: Environment, glu_id: UUID) -> HttpResponse:
    """First what would go and what stays; a POST with the typed id does it, and shows the receipt."""
    found = _person(env, glu_id)
    expected = found.user_id or found.anonymous_id or ""
    form = EraseForm(request.POST or None, expected=expected)
    if request.method == "POST" and form.is_valid():
        receipt = erasure.erase(found, Actor.of(request.user), now=timezone.now())
        return render(request, "users/erased.html", {"receipt": receipt, **shown.receipt(receipt)})
    counts = erasure.preview(found)
    context = {
        "person": found,
        "form": form,
        "expected": expected,
        "gone": [(shown.words(name), count) for name, count in counts["removed"].items()],
        "kept": [
            (shown.words(name), count, counts["reasons"][name]) for name, count in counts["kept"].items()
        ],
    }
    return render(request, "users/erase.html", context, status=400 if form.errors else 200)


def _person(env: Environment, glu_id: UUID) -> EndUser:
    try:
        return search.person(env.id, glu_id)
    except ApiError as error:
        raise Http404(error.message) from error


def _page(request: ConsoleRequest, env: Environment, found: EndUser) -> HttpResponse:
    tab = tabs.chosen(request.GET.get("tab", ""))
    pks = people_ids.ids_of(env.id, found.pk)
    context: dict[str, Any] = {
        "person": found,
        "who": shown.row(found, in_full=request.may("users.personal")),
        "heads": [head(request, env, found, pks) for head in tabs.heads()],
        "tabs": tabs.all_tabs(),
        "tab": tab,
        "body": tab.render(request, env, found, pks),
    }
    return render(request, "users/person.html", context)
