"""One campaign's page: is it working, is it fair, who played? And its buttons."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns import publishing
from campaigns.console import figures, results, sharing, tally
from campaigns.console.figures import Progress
from campaigns.console.phases import phase, schedule_words
from campaigns.models import Campaign
from campaigns.publishing import CampaignError, NotReady
from campaigns.types import all_types
from campaigns.types.base import ANY
from glu_admin.console import snippets
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from rewards import coupons
from rewards.models import Variant
from users.models import EndUser


def find(env: Environment, pk: UUID) -> Campaign:
    """The campaign of this environment, or the 404 page."""
    found: Campaign = get_object_or_404(
        Campaign.objects.select_related("table", "environment"), environment=env, pk=pk
    )
    found.environment.workspace = env.workspace
    return found


@console("campaigns.view")
@require_GET
def campaign(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    one, now = find(env, pk), timezone.now()
    progress = figures.progress(env, [one.pk]).get(one.pk, Progress())
    versions = results.versions(one)
    shown = results.version_to_show(versions, request.GET.get("version", ""))
    tables = Variant.objects.filter(environment=env, table_id=shown.table_id)
    variants = list(tables.select_related("stock").order_by("position"))
    left = _left(env, any(variant.pool_id for variant in variants))
    labels = _labels(one)
    context = {
        "campaign": one,
        "phase": phase(one, now),
        "schedule": schedule_words(one, now),
        "progress": progress,
        "funnel": funnel(progress),
        "outcomes": results.outcomes(one, variants, left, labels),
        "tally": tally.of(one),
        "versions": versions,
        "shown": shown,
        "plays": results.newest(one, labels, in_full=request.may("users.personal")),
        **reach(request, env, one),
    }
    return render(request, "console/campaigns/page.html", context)


def reach(request: ConsoleRequest, env: Environment, one: Campaign) -> dict[str, Any]:
    """Link, QR code and requests, filled in with this environment's first key and a person of it."""
    base = snippets.base_url(request)
    write_key = env.write_keys.filter(revoked_at=None).order_by("id").values_list("key", flat=True).first()
    people = EndUser.objects.filter(environment=env, user_id__isnull=False, blocked_at=None)
    person = people.order_by("-is_test", "id").values_list("user_id", flat=True).first()
    return {
        "share": sharing.share(base, one, write_key or "", person or sharing.ANY_USER),
        "share_person": person,
        "curls": snippets.curls(base, write_key or "", str(one.pk)),
    }


def _labels(one: Campaign) -> dict[str, str]:
    """How the present settings call what outcomes are for."""
    kind = all_types().get(one.type)
    labels = {each.key: each.label for each in kind.occasions(one.config)} if kind else {}
    return labels and labels | {ANY: "Only stands in for others"}


def funnel(progress: Progress) -> list[tuple[str, int, int]]:
    """Steps with their count and their share of the step before, in percent."""
    steps = [("Opened", progress.opened), ("Played", progress.players), ("Won", progress.winners)]
    before = [progress.opened, progress.opened, progress.players]
    return [
        (name, count, round(100 * count / base) if base else 0)
        for (name, count), base in zip(steps, before, strict=True)
    ]


def _left(env: Environment, has_pools: bool) -> dict[UUID, int]:
    if not has_pools:
        return {}
    return {pool: count.left for pool, count in coupons.counts(env.id, now=timezone.now()).items()}


Change = Callable[[Campaign, Actor], Campaign]


def _change(permission: str, change: Change, words: str) -> Callable[..., Any]:
    """A button of the page: do it, say so, and show the campaign again."""

    @console(permission)
    @require_POST
    def view(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
        one = find(env, pk)
        try:
            changed = change(one, Actor.of(request.user))
        except (CampaignError, NotReady) as refusal:
            messages.error(request, str(refusal))
            return redirect("console-campaign", kind=env.kind, pk=one.pk)
        messages.success(request, words.format(changed.name))
        return redirect("console-campaign", kind=env.kind, pk=changed.pk)

    return view


launch = _change("campaigns.launch", publishing.launch, "“{}” is launched.")
pause = _change("campaigns.launch", publishing.pause, "“{}” is paused. Nobody can play it now.")
resume = _change("campaigns.launch", publishing.resume, "“{}” goes on.")
end = _change("campaigns.launch", publishing.end, "“{}” has ended.")
duplicate = _change("campaigns.edit", publishing.duplicate, "“{}” is a draft of its own now.")
