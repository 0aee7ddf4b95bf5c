"""The bridge tester: a player page as an app holds it, and every message that it sends to the app."""

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import catalog, eligibility
from glu_admin import config
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.models import Environment
from users import people, tokens
from users.models import EndUser
from users.people import Person
from users.tokens import Subject

WALLET = "wallet"


class VisitForm(forms.Form):
    """Which page is opened, and as whom."""

    user_id = forms.CharField(label="User id", max_length=255)
    page = forms.ChoiceField(label="Page")
    isEmbedded = forms.BooleanField(label="Embedded in a screen", required=False)  # noqa: N815  # the page's own
    darkMode = forms.BooleanField(label="Dark", required=False)  # noqa: N815

    def __init__(self, env: Environment, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they are
        self.env = env
        now = timezone.now()
        running = [each for each in _catalog(env) if not eligibility.closed(each, now)]
        names = [(str(each.id), each.name) for each in running]
        self.fields["page"].choices = [(WALLET, "Wallet"), *names]  # type: ignore[attr-defined]

    def clean_user_id(self) -> Person:
        found = people.find(_config(self.env), self.cleaned_data["user_id"])
        if found is None:
            raise forms.ValidationError("Nobody has this user id here. Register the user first.")
        return found


@console("developers.view")
@require_safe
def tester(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """Test only: in Live it would open a real person's wallet."""
    form, address = None, ""
    if env.is_test:
        form = VisitForm(env, request.GET) if "page" in request.GET else _blank(env)
        address = _address(env, form) if form.is_bound and form.is_valid() else ""
    return render(request, "console/bridge.html", {"form": form, "address": address})


def _blank(env: Environment) -> VisitForm:
    known = EndUser.objects.filter(environment=env, merged_into=None, erased_at=None).exclude(user_id=None)
    newest = known.order_by("-id").values_list("user_id", flat=True).first()
    return VisitForm(env, initial={"user_id": newest or ""})


def _address(env: Environment, form: VisitForm) -> str:
    """The page's own address, as the API would give it to the app."""
    person, page = form.cleaned_data["user_id"], form.cleaned_data["page"]
    subject = Subject(person.glu_id, person.user_id, person.anonymous_id, person.token_version)
    query = {"token": tokens.issue(_config(env), subject, kind="page", now=timezone.now())}
    query |= {name: "true" for name in ("isEmbedded", "darkMode") if form.cleaned_data[name]}
    if page == WALLET:
        return reverse("wallet", query=query)
    campaign = next(each for each in _catalog(env) if str(each.id) == page)
    return reverse("program" if campaign.is_program else "game", query=query | {"campaignId": page})


def _config(env: Environment) -> config.EnvironmentConfig:
    found = config.get(env.id)
    if found is None:  # deleted since the console's door let us in
        raise Http404
    return found


def _catalog(env: Environment) -> tuple[catalog.CatalogCampaign, ...]:
    return catalog.of(_config(env)).campaigns
