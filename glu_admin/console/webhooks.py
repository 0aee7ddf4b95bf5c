"""The webhook desk: endpoints, and what became of every delivery."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from glu_admin.console.access import ConsoleRequest, console
from glu_admin.webhooks import endpoints, outbox
from glu_admin.webhooks.endpoints import EndpointError
from glu_admin.webhooks.models import Attempt, Delivery, Endpoint
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment

PAGE = 25
TONES = {"delivered": "good", "exhausted": "bad", "held": "warn", "cancelled": "plain"}


class EndpointForm(forms.Form):
    url = forms.CharField(
        label="Address", max_length=500, help_text="Where your server takes POST requests: https://…"
    )
    kinds = forms.MultipleChoiceField(label="Send", widget=forms.CheckboxSelectMultiple)
    token = forms.CharField(
        label="Signing token",
        required=False,
        max_length=200,
        help_text="Of your choice; signs X-CG-SIGNATURE. Without one that header is not sent.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.fields["kinds"]
        assert isinstance(kinds, forms.MultipleChoiceField)  # noqa: S101 - declared above
        kinds.choices = [(kind, kind) for kind in outbox.kinds()]
        kinds.initial = list(outbox.kinds())


@console("webhooks.view")
@require_GET
def webhooks(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _page(request, env, EndpointForm())


@console("webhooks.edit")
@require_POST
def create(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """The secret stands in this very answer and nowhere else."""
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _page(request, env, form)
    fields = form.cleaned_data
    try:
        endpoint, secret = endpoints.create(
            env, fields["url"], fields["kinds"], fields["token"] or None, actor=Actor.of(request.user)
        )
    except EndpointError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, env, form)
    return _page(request, env, EndpointForm(), secret=secret, secret_of=endpoint)


@console("webhooks.edit")
@require_POST
def rotate(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    endpoint = _endpoint(env, pk)
    secret = endpoints.rotate(endpoint, actor=Actor.of(request.user))
    return _page(request, env, EndpointForm(), secret=secret, secret_of=endpoint)


@console("webhooks.edit")
@require_POST
def switch(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """On becomes off, off becomes on; what waits is held, and goes out later."""
    endpoint = _endpoint(env, pk)
    if endpoint.status == Endpoint.Status.ACTIVE:
        endpoints.disable(endpoint, actor=Actor.of(request.user))
        messages.success(request, "Switched off. What it would have got is held.")
    else:
        endpoints.enable(endpoint, actor=Actor.of(request.user))
        messages.success(request, "Switched on. What was held goes out now.")
    return redirect("webhooks", kind=env.kind)


def _endpoint(env: Environment, pk: UUID) -> Endpoint:
    return get_object_or_404(Endpoint.objects.select_related("environment"), environment=env, pk=pk)


def _page(request: ConsoleRequest, env: Environment, form: EndpointForm, **more: Any) -> HttpResponse:
    state = request.GET.get("state", "")
    counted = dict(
        Delivery.objects.filter(environment=env).values_list("state").annotate(Count("id")).order_by()
    )
    page = Paginator(_deliveries(env, state), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "endpoints": Endpoint.objects.filter(environment=env).order_by("-created_at"),
        "page": page,
        "rows": [(each, TONES.get(each.state, "info")) for each in page],
        "state": state,
        "states": [(value, label, counted.get(value, 0)) for value, label in Delivery.State.choices],
        "total": sum(counted.values()),
        "receiver": endpoints.receiver_path(env.id) if env.is_test else "",
        **more,
    }
    return render(request, "console/webhooks.html", context, status=400 if form.errors else 200)


def _deliveries(env: Environment, state: str) -> QuerySet[Delivery]:
    found = Delivery.objects.filter(environment=env).select_related("message", "endpoint")
    attempts = Prefetch("attempts", Attempt.objects.order_by("number"))
    if state in Delivery.State.values:
        found = found.filter(state=state)
    return found.prefetch_related(attempts).order_by("-created_at")
