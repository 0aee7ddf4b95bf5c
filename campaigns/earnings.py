"""What was earned without a play of one's own becomes plays: by an event, or by a call of the API.

Earnings are written in the transaction that earned them, and settled by workers a moment later, each
in a transaction of its own, under the locks of plays: the participation, what the draw takes, and last
the campaign. The play, what it gives and the end of the earning are kept together or not at all, so a
worker that is killed loses and doubles nothing. A paused campaign pays when it goes on; one that has
ended still pays what was earned before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from campaigns import catalog, settlement
from campaigns.catalog import CatalogCampaign
from campaigns.participations import dump
from campaigns.settlement import Changed, Due
from glu_admin import config as configs
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from glu_admin.doorbell import Doorbell

AT_ONCE = 50  # of a campaign, before others have their turn
_bell = Doorbell("campaigns.tasks.settle", queue="interactive")
_KEEP = """
INSERT INTO campaigns_earning (environment_id, campaign_id, user_id, occasion, cause, details, earned_at)
SELECT %(environment)s, campaign_id, user_id, occasion, cause, details::jsonb, %(now)s
  FROM unnest(%(campaigns)s::uuid[], %(users)s::bigint[], %(occasions)s::text[], %(causes)s::text[],
              %(details)s::text[]) WITH ORDINALITY
       AS earned (campaign_id, user_id, occasion, cause, details, place)
 ORDER BY place
    ON CONFLICT (environment_id, user_id, campaign_id, cause, occasion) DO NOTHING
"""
_WAITING = "SELECT EXISTS (SELECT FROM campaigns_earning)"
_OWING = """
SELECT c.environment_id, c.id FROM campaigns_campaign c
 WHERE c.status IN ('live', 'ended') AND EXISTS (SELECT FROM campaigns_earning e WHERE e.campaign_id = c.id)
 ORDER BY c.id
"""
_NEXT = """
SELECT e.id, e.user_id, e.occasion, e.cause, e.details::text, e.earned_at FROM campaigns_earning e
 WHERE e.environment_id = %(environment)s AND e.campaign_id = %(campaign)s AND e.id > %(after)s
 ORDER BY e.id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
log = structlog.get_logger("glu.earnings")


@dataclass(frozen=True)
class Earned:
    """A draw that somebody earned; the same cause earns an occasion of a campaign once."""

    campaign: CatalogCampaign
    user_pk: int
    occasion: str
    cause: str
    details: Mapping[str, Any] = field(default_factory=dict)


def of_event(number: int) -> str:
    """The cause that an event is, by the number of its row."""
    return f"event:{number}"


def ring() -> None:
    """Call it after the commit. Never waits and never raises."""
    _bell.ring()


def keep(config: EnvironmentConfig, earned: Sequence[Earned], now: datetime) -> None:
    """Write them down, in the caller's transaction."""
    values = {
        "environment": config.id,
        "campaigns": [each.campaign.id for each in earned],
        "users": [each.user_pk for each in earned],
        "occasions": [each.occasion for each in earned],
        "causes": [each.cause for each in earned],
        "details": [dump(each.details) for each in earned],
        "now": now,
    }
    hot.rows(_KEEP, values)


def settle(*, now: datetime, most: int = 1_000) -> int:
    """Make up to about `most` earnings plays; how many. Of each campaign some, so that none waits for
    another's crowd; nor for its fault, which is raised when the others have got theirs. What somebody
    else has in hand is left to them."""
    settled, fault = 0, None
    while settled < most and fault is None:
        if not hot.rows(_WAITING, [])[0][0]:
            break
        before = settled
        for environment_id, campaign_id in hot.rows(_OWING, []):
            try:
                settled += _settle_some(environment_id, campaign_id, min(AT_ONCE, most - settled), now)
            except Exception as failed:  # whatever it is, it is this campaign's alone
                if connection.in_atomic_block:
                    raise
                log.error("earnings.settle_failed", campaign=str(campaign_id), error=type(failed).__name__)
                fault = failed
            if settled >= most:
                break
        if settled == before:
            break
    if fault is not None:
        raise fault
    return settled


def _settle_some(environment_id: UUID, campaign_id: UUID, most: int, now: datetime) -> int:
    config = configs.get(environment_id)
    campaign = catalog.of(config).by_id(campaign_id) if config else None
    if config is None or campaign is None:  # it was deleted this moment, or its type is gone
        return 0
    settled, after, tries = 0, 0, 0
    while settled < most and tries < 2 * most:
        tries += 1
        try:
            number, is_settled = _settle_next(config, campaign, after, now)
        except Changed:
            fresh = catalog.fresh(config, campaign_id)
            if fresh is None or fresh.status == "paused":
                return settled
            campaign = fresh
            continue
        except (OperationalError, InterfaceError) as fault:
            if connection.in_atomic_block:
                raise
            log.warning("earnings.settle_aborted", error=str(fault).partition("\n")[0])
            connection.close_if_unusable_or_obsolete()
            return settled
        if number == 0:
            return settled
        after = number
        settled += is_settled
    return settled


def _settle_next(
    config: EnvironmentConfig, campaign: CatalogCampaign, after: int, now: datetime
) -> tuple[int, bool]:
    """The next earning that nobody has in hand: its number, 0 if there is none, and whether it is settled."""
    values = {"environment": config.id, "campaign": campaign.id, "after": after}
    with transaction.atomic():
        row = hot.row(_NEXT, values)
        if row is None:
            return 0, False
        return row[0], settlement.settle(config, campaign, Due(*row), now=now)
