"""The phone beside the editor: the player's own page, made of what is typed and not saved yet.

Nothing is stored or drawn. The page has no script and sends nothing, so a preview in Live is
no visit of anybody. What can't be shown yet is answered by 204, and the phone keeps its picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.csp import CSP
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_POST

from campaigns import eligibility
from campaigns import look as looks
from campaigns.catalog import CatalogCampaign
from campaigns.console import preview_states, steps
from campaigns.console.beginnings import moved_on
from campaigns.console.editor_form import Editor
from campaigns.drafts import CampaignDraft
from campaigns.eligibility import Progress
from campaigns.look import Look
from campaigns.models import Campaign
from campaigns.pages import dress, games, policy, screens
from campaigns.pages.answers import LANGUAGES
from campaigns.pages.links import Links
from campaigns.pages.plays import Result
from campaigns.pages.screens import Scene, Screen
from campaigns.types import all_types
from campaigns.types.base import ConfigError
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.models import Environment
from rewards.award import expiry
from rewards.outcomes import FrozenTable, FrozenVariant
from rewards.shown import UNSEEN, ShownReward

SAMPLE_CODE = "SAMPLE-CODE"
OWN_SCREENS: dict[str, Callable[[], Screen]] = {
    "offline": screens.offline,
    "error": partial(screens.broken, "7Q2M-XK4D"),
}
NOBODY = UUID(int=0)


@console("campaigns.edit")
@require_POST
@xframe_options_exempt
def preview(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """The page in the state that the pressed button names."""
    data = moved_on(request.POST).copy()
    data["name"] = data.get("name", "").strip() or "Campaign"  # it is not on the page
    spoken = data.get("preview_language", "")
    with (
        timezone.override(steps.zone(data.get("time_zone", ""))),
        translation.override(spoken if spoken in LANGUAGES else "en"),
    ):
        editor = Editor.posted(env, data)
        context = _context(editor.draft({}), data.get("state", "")) if editor.is_valid() else None
        if context is None:
            return HttpResponse(status=204)
        worn = looks.of(editor.look.stored(), env.workspace.look)
        context |= _dress(env, worn, dark=bool(data.get("preview_dark")))
        answer = render(request, "console/editor/preview_page.html", context)
    closed = {"script-src": [CSP.NONE], "connect-src": [CSP.NONE], "form-action": [CSP.NONE]}
    answer._csp_config = {**policy.content_policy([], context["pictures"]), **closed}  # type: ignore[attr-defined]  # Django's own mark
    return answer


def _dress(env: Environment, worn: Look, *, dark: bool) -> dict[str, Any]:
    return {
        "brand": env.workspace.name,
        **dress.of(worn, env.workspace, dark=dark),
        "dark": dark,
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
    }


def _context(draft: CampaignDraft, state: str) -> dict[str, Any] | None:
    """What the game's template draws; None if this campaign has no such state, or no page yet."""
    now = timezone.now()
    campaign = _campaign(draft, now, has_ended=state == "ended")
    try:
        campaign.kind.check(campaign.config, campaign.outcomes)
    except ConfigError:
        return None
    moment = preview_states.moment_of(campaign, now)
    progress = preview_states.progress_of(campaign, state, moment)
    if progress is None:
        return None
    result = _result(campaign, progress, now, won=state == "won") if state in {"won", "lost"} else None
    if result is None and state in {"won", "lost"}:
        return None
    why_not = "other" if state == "not_eligible" else ""
    scene = Scene(
        campaign=campaign,
        standing=eligibility.standing(campaign, progress, now, why_not=why_not),
        progress=progress,
        moment=moment,
        result=result,
        sold_out=state == "sold_out",
        schemes=("https",),
        links=Links(""),
        key="",
        now=now,
        zone=campaign.time_zone,
    )
    context = games.context(scene, progress)
    if state in OWN_SCREENS:
        context |= {"screen": OWN_SCREENS[state](), "shows_odds": False}
    return context if any(each.is_fallback for each in draft.outcomes) else context | {"fallback": None}


def _campaign(draft: CampaignDraft, now: datetime, *, has_ended: bool) -> CatalogCampaign:
    """The draft as if it were launched and open."""
    return CatalogCampaign(
        id=NOBODY,
        type=draft.type,
        name=draft.name,
        tag="",
        status=str(Campaign.Status.ENDED if has_ended else Campaign.Status.LIVE),
        version=1,
        config=draft.config,
        banner=draft.banner,
        table=FrozenTable(NOBODY, 1, "", b"", _variants(draft)),
        plays_in_all=draft.plays_in_all,
        plays_a_day=draft.plays_a_day,
        starts_at=None,
        ends_at=draft.ends_at if draft.ends_at and draft.ends_at > now else None,
        time_zone=steps.zone(draft.time_zone),
        kind=all_types()[draft.type],
        look=looks.of(draft.look),
    )


def _variants(draft: CampaignDraft) -> tuple[FrozenVariant, ...]:
    made = [
        FrozenVariant(
            id=uuid4(),
            position=position,
            name=each.name,
            weight=each.weight,
            reward_type=each.reward_type,
            amount=each.amount,
            body=each.body,
            terms=tuple(each.terms),
            details={},
            deep_link=each.deep_link,
            pool_id=each.pool_id,
            stock_id=None,
            is_fallback=each.is_fallback,
            expiry=each.expiry,
            expires_at=each.expires_at,
            expires_after_days=each.expires_after_days,
            occasion=each.occasion,
        )
        for position, each in enumerate(draft.outcomes)
    ]
    if made and not any(each.is_fallback for each in made):
        made[-1] = replace(made[-1], is_fallback=True)  # a launched table has one
    return tuple(made)


def _result(campaign: CatalogCampaign, played: Progress, now: datetime, *, won: bool) -> Result | None:
    """One play's end: the first outcome that is a prize, or that is none."""
    variants: Sequence[FrozenVariant] = campaign.table.variants
    found = next((each for each in variants if each.is_prize == won), None)
    if found is None:
        return None
    drawn, kind = campaign.outcomes[found.position], campaign.kind
    reveal = kind.reveal(campaign.config, campaign.outcomes, drawn, played.state)
    return Result(won, found.name, reveal, _reward(campaign, found, now) if won else None)


def _reward(campaign: CatalogCampaign, found: FrozenVariant, now: datetime) -> ShownReward:
    return ShownReward(
        id=NOBODY,
        transaction_id="",
        reward_user_id=NOBODY,
        campaign_id=campaign.id,
        campaign_type=campaign.type,
        variant_id=found.id,
        name=found.name,
        reward_type=found.reward_type,
        amount=found.amount,
        body=found.body,
        terms=found.terms,
        details={},
        code=SAMPLE_CODE if found.pool_id else None,
        deep_link=found.deep_link,
        expires_at=expiry(found, None, now),
        won_at=now,
        state="won",
        status=UNSEEN,
        user_id="",
    )
