"""The campaign editor: one form in five steps, that saves, checks and launches.

Works without a script: every button posts the whole form, and what was typed comes back.
A save on top of somebody else's is refused, with both versions side by side.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns import publishing
from campaigns.console import steps
from campaigns.console.beginnings import choices, first_draft, moved_on
from campaigns.console.campaign import find
from campaigns.console.editor_form import PICTURES, Editor, pictures_in_config
from campaigns.console.outcome_form import change_rows, raw_rows
from campaigns.console.phases import phase
from campaigns.console.preview_states import states_of
from campaigns.drafts import CampaignDraft
from campaigns.look import LANGUAGES
from campaigns.models import Campaign
from campaigns.pages.answers import LANGUAGES as SPOKEN
from campaigns.publishing import CampaignError, NotReady, draft_of
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.pictures import sending
from glu_admin.pictures.sending import Received
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from rewards.odds import OddsError
from rewards.outcomes import TableError

SAVING = {"save", "close", "launch"}


class StaleError(Exception):
    """Somebody else saved the campaign after this page was loaded."""

    def __init__(self, current: Campaign) -> None:
        super().__init__("Somebody else saved this campaign meanwhile.")
        self.current = current


@console("campaigns.edit")
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _edit(request, env, None, first_draft(env, request.GET.get("type", "")))


@console("campaigns.view", post="campaigns.edit")
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    campaign = find(env, pk)
    return _edit(request, env, campaign, draft_of(campaign))


def _edit(
    request: ConsoleRequest, env: Environment, campaign: Campaign | None, stored: CampaignDraft
) -> HttpResponse:
    zone = steps.zone(request.POST.get("time_zone") or stored.time_zone)
    with timezone.override(zone):
        if request.method == "GET":
            return _page(request, env, campaign, Editor.of_draft(env, stored))
        sent = sending.received(request, env, PICTURES, pictures_in_config(request.FILES))
        if request.POST.get("do", "save") in SAVING:
            return _save(request, env, campaign, stored, sent)
        return _press(request, env, campaign, sent)


def _press(
    request: ConsoleRequest, env: Environment, campaign: Campaign | None, sent: Received
) -> HttpResponse:
    """A button that changes the game or rows, and stores nothing but pictures."""
    data, problem = moved_on(sent.data), ""
    for message in sent.refused.values():
        messages.error(request, message)
    unit, rows = data.get("unit", ""), raw_rows(data)
    do = str(data.get("do", ""))
    if do.partition(".")[0] == "game":
        return _page(request, env, campaign, Editor.half_done(env, data, unit, rows), step="look")
    shown = Editor.half_done(env, data, unit, rows)
    drawn = [lot.places for lot in shown.lots() if lot.is_drawn]
    try:
        unit, rows = change_rows(do, unit, rows, str(data.get("pasted", "")), drawn)
    except OddsError as error:
        problem = str(error)
    editor = Editor.half_done(env, data, unit, rows)
    editor.odds_problem = problem
    return _page(request, env, campaign, editor, step="odds")


def _save(
    request: ConsoleRequest,
    env: Environment,
    campaign: Campaign | None,
    stored: CampaignDraft,
    sent: Received,
) -> HttpResponse:
    editor = Editor.posted(env, moved_on(sent.data))
    theirs: list[steps.Difference] = []
    if editor.is_valid(sent.refused):
        kept = stored.config if stored.type == editor.slug else {}  # another game's mean nothing to it
        draft = editor.draft(kept)
        try:
            saved = _store(env, campaign, draft, request.POST.get("seen", ""), Actor.of(request.user))
            return _go_on(request, env, saved)
        except (CampaignError, TableError) as refusal:
            editor.refuse(refusal.field, refusal.message)
        except NotReady as refusal:
            for check in refusal.checks:
                if not check.ok:
                    editor.refuse(check.field, check.message)
        except StaleError as stale:
            campaign = stale.current
            theirs = steps.differences(draft_of(campaign), draft)
    return _page(request, env, campaign, editor, theirs=theirs, status=409 if theirs else 400)


def _store(
    env: Environment, campaign: Campaign | None, draft: CampaignDraft, seen: str, actor: Actor
) -> Campaign:
    if campaign is None:
        return publishing.create(env, draft, actor)
    with transaction.atomic():
        rows = Campaign.objects.select_for_update(of=("self",), no_key=True)
        current = rows.select_related("environment", "table").get(environment=env, pk=campaign.pk)
        if seen and seen != current.updated_at.isoformat():
            raise StaleError(current)
        return publishing.revise(current, draft, actor)


def _go_on(request: ConsoleRequest, env: Environment, saved: Campaign) -> HttpResponse:
    """After a save: stay, close, or launch what was saved."""
    do, step = request.POST.get("do", "save"), request.POST.get("step", "")
    if do == "launch" and request.may("campaigns.launch"):
        try:
            publishing.launch(saved, Actor.of(request.user))
        except (CampaignError, NotReady) as refusal:
            messages.error(request, f"Saved, but not launched. {refusal}")
            return redirect(_address(env, saved) + "#review")
        messages.success(request, f"“{saved.name}” is launched.")
        return redirect("console-campaign", kind=env.kind, pk=saved.pk)
    messages.success(request, "Saved.")
    if do == "close":
        return redirect("console-campaign", kind=env.kind, pk=saved.pk)
    return redirect(_address(env, saved) + (f"#{step}" if step in steps.NAMES else ""))


def _address(env: Environment, campaign: Campaign) -> str:
    return reverse("campaign-edit", kwargs={"kind": env.kind, "pk": campaign.pk})


def _page(
    request: ConsoleRequest,
    env: Environment,
    campaign: Campaign | None,
    editor: Editor,
    *,
    step: str = "",
    theirs: list[steps.Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    checks = publishing.checks(campaign, timezone.now()) if campaign else []
    is_draft = campaign is not None and campaign.status == Campaign.Status.DRAFT
    leads = request.method == "GET" and is_draft and request.may("campaigns.edit")
    checklist = steps.checklist(editor, checks, leads=leads)
    lots = steps.lots_of(editor)
    context: dict[str, Any] = {
        "campaign": campaign,
        "phase": phase(campaign, timezone.now()) if campaign else None,
        "editor": editor,
        "errors": list(editor.errors()),
        "lots": lots,
        "odds": steps.all_odds(lots),
        "choices": choices(),
        "steps": steps.of(editor, checks),
        "step": step,
        "checklist": checklist,
        "theirs": theirs or [],
        "preview_languages": [(code, LANGUAGES[code]) for code in LANGUAGES if code in SPOKEN],
        "preview_states": states_of(editor.slug, timezone.now()),
        "may_edit": request.may("campaigns.edit"),
        "may_launch": request.may("campaigns.launch"),
    }
    return render(request, "console/editor/page.html", context, status=status)
