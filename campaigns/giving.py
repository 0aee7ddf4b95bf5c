"""A server gives a campaign's reward to somebody, without a game: an earning like those of events.

The key of the call makes it once for each person and campaign. A type that counts what is given, such
as the direct reward, is asked first.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns import earnings, moments, participations, settlement, tracks
from campaigns.catalog import CatalogCampaign
from campaigns.earnings import Earned
from campaigns.tracks import Track
from campaigns.types.base import Happening
from glu_admin import hot
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from users import people

AWARDED = "glu.awarded"
_GIVEN = """
SELECT e.occasion FROM campaigns_earning e
 WHERE e.environment_id = %(environment)s AND e.campaign_id = %(campaign)s AND e.cause = %(cause)s
   AND e.user_id IN (SELECT id FROM users_enduser
                      WHERE environment_id = %(environment)s AND (id = %(user)s OR merged_into_id = %(user)s))
UNION ALL
SELECT substr(y.idempotency_key, length(%(made)s) + 1) FROM users_enduser u
  JOIN campaigns_participation p
    ON p.environment_id = u.environment_id AND p.user_id = u.id AND p.campaign_id = %(campaign)s
  JOIN campaigns_play y ON y.participation_id = p.id AND starts_with(y.idempotency_key, %(made)s)
 WHERE u.environment_id = %(environment)s AND (u.id = %(user)s OR u.merged_into_id = %(user)s)
"""


@dataclass(frozen=True)
class Award:
    """What a server asks for."""

    user_pk: int
    key: str
    occasion: str
    details: Mapping[str, Any]

    @property
    def cause(self) -> str:
        return f"api:{hashlib.sha256(self.key.encode()).hexdigest()}"


def give(config: EnvironmentConfig, campaign: CatalogCampaign, award: Award, *, now: datetime) -> bool:
    """Whether it is new; False if this key gave it before. Raises ApiError."""
    participations.enter(config, award.user_pk, campaign, "pristine", now)
    with transaction.atomic():
        found = tracks.lock(config, [(award.user_pk, campaign.id)])
        if not found:
            raise ApiError(
                "user_not_found", "This user is being changed. Send the same key again.", status=404
            )
        (track,) = found.values()
        given = _given(config, campaign, award)
        if given:
            if award.occasion and award.occasion not in given:
                message = "This Idempotency-Key gave another occasion. Send a new key for a new award."
                raise ApiError("idempotency_key_reused", message, status=422, field="Idempotency-Key")
            return False
        occasions = _occasions(config, campaign, award, track, now)
        earned = [
            Earned(campaign, award.user_pk, each, award.cause, award.details)
            for each in occasions
            if campaign.table.lot(each).total
        ]
        if not earned:
            message = "This campaign has no reward for this occasion. Look at its outcomes in the console."
            raise ApiError("occasion_unknown", message, status=422, field="occasion")
        earnings.keep(config, earned, now)
        transaction.on_commit(earnings.ring)
    return True


def _given(config: EnvironmentConfig, campaign: CatalogCampaign, award: Award) -> list[str]:
    """The occasions that this key gave before."""
    values = {
        "environment": config.id,
        "campaign": campaign.id,
        "user": award.user_pk,
        "cause": award.cause,
        "made": f"{settlement.EARNED}{award.cause} ",
    }
    return [row[0] for row in hot.rows(_GIVEN, values)]


def _occasions(
    config: EnvironmentConfig, campaign: CatalogCampaign, award: Award, track: Track, now: datetime
) -> tuple[str, ...]:
    """What is drawn: what the call names, or what a type says that counts such awards."""
    if award.occasion or AWARDED not in campaign.listens:
        return (award.occasion,)
    person = people.by_keys(config.id, [award.user_pk])[award.user_pk]
    moment = moments.of(campaign, person, track.progress.plays + 1, now)
    about = {**award.details, "campaign": campaign.name_in_urls}
    happening = Happening(award.cause, AWARDED, now, about)
    step = campaign.kind.happened(campaign.config, track.progress.state, happening, moment)
    if step is None:
        message = "This user has got all that this campaign gives to one person."
        raise ApiError("all_given", message, status=409, field="userId")
    status = "completed" if step.completed else "in-progress"
    tracks.write(config, [(track, replace(track.progress, status=status, state=step.state))], now)
    return step.draws
