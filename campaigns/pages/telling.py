"""Keeps what pages say of themselves among the SDKs' analytics, and sends it to whoever subscribes.

The webhook's kind is `frontend.event`; its body is the event as it was kept. Nothing here may
keep a page from opening: these rows are for counting, and no campaign hangs on them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest

from campaigns import analytics
from campaigns.analytics import Page
from campaigns.catalog import CatalogCampaign
from campaigns.pages.screens import Scene
from campaigns.pages.visits import Visit
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from glu_admin.webhooks import outbox
from users.events import signals
from users.events.models import SdkSignal

FRONTEND_EVENT = "frontend.event"
WALLET_PAGE = "WALLET_PAGE"
_WANTED = """
    SELECT id FROM webhooks_endpoint
     WHERE environment_id = %s AND kinds @> to_jsonb(%s::text) LIMIT 1
"""
_CONTENT = "SELECT content::text FROM users_sdksignal WHERE environment_id = %s AND id = %s"


def register() -> None:
    outbox.register_body(FRONTEND_EVENT, body)


def wallet_opened(request: HttpRequest, visit: Visit, *, now: datetime) -> None:
    _tell(visit.config, analytics.page_opened(_page(request, visit, WALLET_PAGE, now)), now)


def game_opened(request: HttpRequest, visit: Visit, scene: Scene) -> None:
    campaign = scene.campaign
    name = analytics.page_name(campaign.kind.label, is_program=campaign.is_program)
    page = _page(request, visit, name, scene.now, _campaign_details(scene))
    _tell(visit.config, analytics.page_opened(page), scene.now)


def played(visit: Visit, campaign: CatalogCampaign, data: Mapping[str, Any], *, now: datetime) -> None:
    """A play that a page sent; the same play told again is told again."""
    glu_id = str(visit.person.glu_id)
    event = analytics.reward_interaction(campaign.type, visit.user_id or "", glu_id, data)
    _tell(visit.config, {"timestamp": now.isoformat(timespec="milliseconds"), **event}, now)


def body(config: EnvironmentConfig, subject: UUID) -> dict[str, object] | None:
    """The event of a message; None if it was swept meanwhile."""
    row = hot.row(_CONTENT, [config.id, subject.int])
    return orjson.loads(row[0]) if row else None


def _tell(config: EnvironmentConfig, event: Mapping[str, Any], now: datetime) -> None:
    (number,) = signals.append(config, [event], kind=SdkSignal.Kind.ANALYTICS, now=now)
    if hot.row(_WANTED, [config.id, FRONTEND_EVENT]):
        outbox.put(config.id, FRONTEND_EVENT, UUID(int=number))
        outbox.ring()


def _page(
    request: HttpRequest,
    visit: Visit,
    name: str,
    now: datetime,
    campaign: Mapping[str, Any] | None = None,
) -> Page:
    agent = request.headers.get("User-Agent", "")[:500]
    return Page(name, visit.user_id or "", visit.name, agent, now, campaign or {})


def _campaign_details(scene: Scene) -> dict[str, Any]:
    campaign, result = scene.campaign, scene.result
    reward = result.reward if result else None
    details = {
        "campaign_id": str(campaign.id),
        "campaign_name": campaign.name,
        "campaign_experience": analytics.experience(campaign.kind.label),
        "campaign_state": scene.standing.status.upper(),
    }
    if reward is None:
        return details
    return details | {
        "reward_user_id": str(reward.reward_user_id),
        "reward_status": reward.status.upper(),
        "reward_type": reward.reward_type,
        "reward_title": reward.name,
        "reward_amount": reward.amount or 0,
    }
