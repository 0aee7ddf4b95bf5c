"""The list of campaigns: what is running, what is next, what has been."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns.console import figures
from campaigns.console.overview import rows
from campaigns.console.phases import Phase, phase, tabs
from campaigns.models import Campaign
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.models import Environment

PAGE = 25


@console("campaigns.view")
@require_GET
def campaigns(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """Filtered by `status` (a phase) and `q`; both live in the address, so that it can be shared."""
    now = timezone.now()
    every = list(Campaign.objects.filter(environment=env).order_by("-created_at"))
    status, wanted = request.GET.get("status", ""), request.GET.get("q", "").strip()
    found = [each for each in every if _fits(each, wanted) and (not status or phase(each, now) == status)]
    order = list(Phase)
    found.sort(key=lambda each: order.index(phase(each, now)))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    context = {
        "tabs": tabs([phase(each, now) for each in every], status),
        "rows": rows(shown, figures.progress(env, [each.pk for each in shown]), now),
        "page": page,
        "wanted": wanted,
    }
    return render(request, "console/campaigns/list.html", context)


def _fits(campaign: Campaign, wanted: str) -> bool:
    text = wanted.casefold()
    return text in campaign.name.casefold() or text in (str(campaign.pk), campaign.tag.casefold())
