"""Whether campaigns are for a person: what is known of them, read as far as audiences need it.

The columns join the statements of the wallet and of plays; `load` is for whoever has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from campaigns.audience import LIST
from campaigns.catalog import CatalogCampaign
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users.segments import facts
from users.segments.facts import Facts

_LISTED = """(SELECT json_object_agg(listed.campaign_id, listed.included) FROM campaigns_listeduser listed
 WHERE listed.environment_id = u.environment_id AND listed.user_id = u.id)::text"""


@dataclass(frozen=True)
class Known:
    """A person as audiences see one; `listed` is what the API said of them, by campaign."""

    facts: Facts
    listed: Mapping[UUID, bool]

    def why_not(self, campaign: CatalogCampaign) -> str:
        """Why the campaign is not for this person, as audience.py says it; "" if it is."""
        return campaign.audience.why_not(self.facts, self.listed.get(campaign.id))

    def is_in(self, campaign: CatalogCampaign) -> bool:
        """Whether it is for this person: the quicker question, which a list asks of each campaign."""
        listed = self.listed.get(campaign.id) if self.listed else None
        return campaign.audience.lets_in(self.facts) if listed is None else listed


@lru_cache(maxsize=64)
def columns(needs: frozenset[str]) -> str:
    """What to select of a person `users_enduser u`; binds %(environment)s and %(now)s."""
    return f"{facts.columns(needs)}, {_LISTED if LIST in needs else 'NULL::text'}"


def known(row: Sequence[Any], needs: frozenset[str], config: EnvironmentConfig, now: datetime) -> Known:
    """The person in a row of `columns(needs)`."""
    found = facts.of_row(row[:-1], needs, now=now, zone=config.zone)
    listed = orjson.loads(row[-1]) if row[-1] else {}
    return Known(found, {UUID(campaign): included for campaign, included in listed.items()})


def load(config: EnvironmentConfig, user_pk: int, needs: frozenset[str], *, now: datetime) -> Known | None:
    """One statement; None for somebody who is there no more."""
    row = hot.row(
        f"SELECT {columns(needs)} FROM users_enduser u"
        " WHERE u.environment_id = %(environment)s::uuid AND u.id = %(user)s::bigint",
        {"environment": config.id, "user": user_pk, "now": now},
    )
    return known(row, needs, config, now) if row else None


def why_not(config: EnvironmentConfig, campaign: CatalogCampaign, user_pk: int, *, now: datetime) -> str:
    """Why one campaign is not for a person; "" if it is. For everybody's campaigns nothing is read."""
    if campaign.audience.is_everybody:
        return ""
    found = load(config, user_pk, campaign.audience.needs, now=now)
    return found.why_not(campaign) if found else "gone"


def known_each(
    config: EnvironmentConfig, user_pks: Sequence[int], needs: frozenset[str], *, now: datetime
) -> dict[int, Known]:
    """Many people, in one statement."""
    rows = hot.rows(
        f"SELECT {columns(needs)}, u.id FROM users_enduser u"
        " WHERE u.environment_id = %(environment)s::uuid AND u.id = ANY(%(users)s::bigint[])",
        {"environment": config.id, "users": list(user_pks), "now": now},
    )
    return {row[-1]: known(row[:-1], needs, config, now) for row in rows}


def why_not_each(
    config: EnvironmentConfig, campaigns: Sequence[CatalogCampaign], user_pk: int, *, now: datetime
) -> dict[UUID, str]:
    """The same of many campaigns, in one statement."""
    aimed = [each for each in campaigns if not each.audience.is_everybody]
    if not aimed:
        return {}
    needs = frozenset[str]().union(*(each.audience.needs for each in aimed))
    found = load(config, user_pk, needs, now=now)
    return {each.id: found.why_not(each) if found else "gone" for each in aimed}
