"""The Django admin, for owners and admins only, inside one workspace and one environment.

The environment is chosen by a switch and kept in the session; every list, object and
choice is filtered by it. There is no second sign-in: the console's is used.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from glu_admin.console.access import membership_of
from glu_admin.workspaces.access import may, refusal
from glu_admin.workspaces.models import Environment, Member

KIND_KEY = "admin_kind"


class ConsoleAdminSite(AdminSite):
    site_title = site_header = "Glu Admin"
    index_title = "Every table"
    site_url = None

    def has_permission(self, request: HttpRequest) -> bool:
        if not isinstance(request.user, Member) or not request.user.is_active:
            return False
        if not hasattr(request, "admin_environment"):
            membership = membership_of(request, request.user)
            kind = request.session.get(KIND_KEY, Environment.Kind.TEST.value)
            request.admin_role = membership.role  # type: ignore[attr-defined]  # for this request only
            mine = Environment.objects.select_related("workspace").filter(workspace=membership.workspace)
            request.admin_environment = mine.get(kind=kind)  # type: ignore[attr-defined]  # the same
        return may(request.admin_role, "admin.use", Environment.Kind.LIVE)  # type: ignore[attr-defined]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if isinstance(request.user, Member):
            raise PermissionDenied(refusal("admin.use"))
        return redirect_to_login(request.GET.get("next") or request.get_full_path())

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("sign-in")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # by another name than the console's, whose shell is not drawn around these pages
        return super().each_context(request) | {"admin_environment": environment_of(request)}

    def get_urls(self) -> list[Any]:
        switch = require_POST(self.admin_view(self.switch))
        return [path("environment/", switch, name="environment"), *super().get_urls()]

    def switch(self, request: HttpRequest) -> HttpResponse:
        kind = request.POST.get("kind", "")
        if kind in Environment.Kind.values:
            request.session[KIND_KEY] = kind
        return HttpResponseRedirect(request.META.get("SCRIPT_NAME", "") + "/admin/")


def environment_of(request: HttpRequest) -> Environment | None:
    """What the switch says; None before `has_permission` looked."""
    return getattr(request, "admin_environment", None)
