"""What the console tells of one person's campaigns: how far, what is left, why not; and their wallet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone

from campaigns import catalog, engine, gates, standings
from campaigns.catalog import CatalogCampaign
from campaigns.console import sharing
from campaigns.eligibility import NOT_BEGUN, Progress, Standing, standing
from campaigns.models import Participation
from glu_admin import config as configs
from glu_admin.console import snippets
from glu_admin.console.access import ConsoleRequest
from glu_admin.workspaces.models import Environment
from users.console import tabs
from users.models import EndUser

MOST = 100
BLOCKED = "The user is blocked"
WHY_NOT = {
    "ended": "The campaign has ended",
    "paused": "The campaign is paused",
    "not_started": "The campaign has not started yet",
    "no_plays_left": "All plays are used up",
    "no_plays_today": "All plays of today are used up",
    "done": "All there is to do is done",
    "locked": "Another campaign has to be completed first",
}
OUTSIDE = {
    "removed": "Taken out by the API",
    "excluded": "In a segment that is kept out",
    "not_listed": "Not on the campaign's list",
    "not_in_segments": "In none of its segments",
    "rule": "Doesn't fit its rule",
}
TONES = {"pristine": "plain", "clicked": "info", "in-progress": "warn", "completed": "good"}


@dataclass(frozen=True)
class Line:
    """One campaign as one person has it; `why_not` is "" for one who may play."""

    campaign: CatalogCampaign
    progress: Progress
    stands: Standing
    state: str
    tone: str
    why_not: str


def register() -> None:
    tabs.register("campaigns", "Campaigns", _campaigns, 50)
    tabs.register_head("wallet", _wallet)


def lines(
    campaigns: Sequence[CatalogCampaign],
    progress: Mapping[UUID, Progress],
    outside: Mapping[UUID, str],
    *,
    is_blocked: bool,
    now: datetime,
) -> list[Line]:
    """What the person may play first, then what they took part in, then the rest. Pure.

    `outside` says, as standings.py does, which of them are not for this person.
    """
    found = [_line(each, progress, outside.get(each.id, ""), is_blocked, now) for each in campaigns]
    return sorted(found, key=lambda line: (bool(line.why_not), line.progress is NOT_BEGUN))


def _line(
    campaign: CatalogCampaign, mine: Mapping[UUID, Progress], outside: str, is_blocked: bool, now: datetime
) -> Line:
    progress = mine.get(campaign.id)
    stands = standing(campaign, progress, now, why_not=outside, gate=gates.gate(campaign, mine))
    words = OUTSIDE.get(outside, "") if stands.reason == "not_eligible" else WHY_NOT.get(stands.reason, "")
    why_not = BLOCKED if is_blocked else words
    state = Participation.Status(stands.status)
    return Line(campaign, progress or NOT_BEGUN, stands, state.label, TONES[state.value], why_not)


def _campaigns(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    config = configs.get(env.id)
    if config is None:
        return ""
    campaigns, now = catalog.of(config).campaigns, timezone.now()
    found = lines(
        campaigns,
        engine.progress_of(config, person.pk),
        standings.why_not_each(config, campaigns, person.pk, now=now),
        is_blocked=person.blocked_at is not None,
        now=now,
    )
    facts = {"lines": found[:MOST], "more": len(found) - MOST}
    return render_to_string("console/people/campaigns.html", facts, request)


def _wallet(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    """Its link holds the person's id, so only those who may see ids get it."""
    write_key = env.write_keys.filter(revoked_at=None).order_by("id").values_list("key", flat=True).first()
    facts = {
        "in_full": request.may("users.personal"),
        "is_enforced": env.signed_identity == Environment.SignedIdentity.ENFORCE,
        "write_key": write_key,
        "share": sharing.wallet(snippets.base_url(request), write_key or "", _ids(person)),
    }
    return render_to_string("console/people/wallet.html", facts, request)


def _ids(person: EndUser) -> dict[str, str]:
    """As the client calls the person."""
    return {"userId": person.user_id} if person.user_id else {"anonymousId": person.anonymous_id or ""}
