"""Signing in and out: e-mail and password, or a link that works once.

The answer is the same for a wrong password and an unknown address. Guessing is slowed by
address here and stopped by django-axes, which locks an account for an address.
"""

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from glu_admin.api.errors import ApiError
from glu_admin.api.throttles import limit
from glu_admin.observability.addresses import client_address
from glu_admin.workspaces import sign_in as links
from glu_admin.workspaces.models import Member

BACKEND = "django.contrib.auth.backends.ModelBackend"
WRONG = "This e-mail and password do not fit together. Check both and try again."
LOCKED = "Too many tries for this account. Wait 15 minutes, or ask an Admin for a sign-in link."


class SignInForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    if request.method == "GET":
        if isinstance(request.user, Member):
            return _onward(request)
        return _page(request, form)
    try:
        limit("sign-in", client_address(request))
    except ApiError as refusal:
        form.add_error(None, refusal.message)
        return _page(request, form, status=refusal.status)
    if not form.is_valid():
        return _page(request, form, status=400)
    return _try(request, form)


def _try(request: HttpRequest, form: SignInForm) -> HttpResponse:
    email = form.cleaned_data["email"].lower()
    member = authenticate(request, username=email, password=form.cleaned_data["password"])
    if member is not None:
        login(request, member, backend=BACKEND)
        return _onward(request)
    is_locked = AxesProxyHandler.is_locked(request, {"username": email})
    # the middleware of axes would answer with a page of its own; this one keeps what was typed
    request.axes_locked_out = False  # type: ignore[attr-defined]  # set by axes
    form.add_error(None, LOCKED if is_locked else WRONG)
    return _page(request, form, status=429 if is_locked else 400)


def _page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "console/sign_in.html", context, status=status)


def _onward(request: HttpRequest) -> HttpResponseRedirect:
    """To where the person wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if own else "/")


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows who would be signed in; the button uses the link up."""
    try:
        limit("sign-in", client_address(request))
        if request.method == "GET":
            member = links.holder(token, now=timezone.now())
            return render(request, "console/sign_in_link.html", {"member": member})
        member = links.use(token, now=timezone.now())
    except links.LinkSpentError:
        return render(request, "console/sign_in_link.html", {"member": None}, status=410)
    except ApiError as refusal:
        return HttpResponse(refusal.message, status=refusal.status, content_type="text/plain")
    login(request, member, backend=BACKEND)
    if "next" in request.GET or member.has_usable_password():
        return _onward(request)
    return redirect("account")  # an invited colleague needs a password to come back


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")
