"""When, where and for whom the rules of a campaign are asked: the `Moment` that they are given.

The seed of an attempt is made of the table's secret seed, so nobody can know what is shuffled by
it, and it is the same at every move of the attempt.
"""

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.catalog import CatalogCampaign
from campaigns.types.base import Moment, Player
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users import answers
from users.people import Person

REFERRAL = "SELECT referral_code FROM users_enduser WHERE environment_id = %s AND id = %s"


def of(campaign: CatalogCampaign, person: Person, attempt: int, now: datetime) -> Moment:
    """The moment of an attempt (the first is 1); days are those of the person's own zone."""
    return Moment(
        now=now,
        zone=zone_of(campaign, person.time_zone),
        seed=seed_of(campaign, person.glu_id, attempt),
        player=Player(name=person.name or "", user_id=person.user_id or person.anonymous_id or ""),
        campaign=campaign.name_in_urls,
    )


def with_referral(config: EnvironmentConfig, person: Person, moment: Moment) -> Moment:
    """The same, with the code and the link by which this person invites others: one more statement."""
    row = hot.row(REFERRAL, [config.id, person.id])
    code = row[0] if row else ""
    link = answers.referral_link(config, code) or ""
    return replace(moment, player=replace(moment.player, referral_code=code, referral_link=link))


def zone_of(campaign: CatalogCampaign, time_zone: str | None) -> ZoneInfo:
    """The person's own time zone, else the campaign's."""
    return ZoneInfo(time_zone) if time_zone else campaign.time_zone


def seed_of(campaign: CatalogCampaign, glu_id: UUID, attempt: int) -> bytes:
    """What this person's attempt is shuffled by; it never leaves the server."""
    name = f"moment:{campaign.id}:{glu_id}:{attempt}"
    return hmac.digest(campaign.table.seed, name.encode(), hashlib.sha256)
