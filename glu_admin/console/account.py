"""A member's own page: their name and their password."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from glu_admin.console.access import enter
from glu_admin.workspaces.models import Environment, Member


class AccountForm(SetPasswordForm[Member]):
    """Asks for the old password only of those who have one."""

    name = forms.CharField(max_length=80, required=False, help_text="How colleagues see you.")
    old_password = forms.CharField(
        label="Current password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("name", "old_password", "new_password1", "new_password2")

    def __init__(self, user: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        for name in ("new_password1", "new_password2"):
            self.fields[name].required = False
        if not user.has_usable_password():
            del self.fields["old_password"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        wants_password = bool(data.get("new_password1"))
        asks_for_old = wants_password and "old_password" in self.fields
        if asks_for_old and not self.user.check_password(data.get("old_password", "")):
            self.add_error("old_password", "This is not your current password.")
        return data

    def save(self, commit: bool = True) -> Member:
        self.user.name = self.cleaned_data["name"]
        if self.cleaned_data.get("new_password1"):
            self.user.set_password(self.cleaned_data["new_password1"])
        self.user.save()
        return self.user


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    member = request.user
    assert isinstance(member, Member)  # noqa: S101 - login_required let nobody else in
    enter(request, member, Environment.Kind.TEST)
    form = AccountForm(member, request.POST or None, initial={"name": member.name})
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, member)
        messages.success(request, "Saved.")
        return redirect("account")
    return render(request, "console/account.html", {"form": form}, status=400 if form.errors else 200)
