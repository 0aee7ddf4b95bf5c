"""Internal events: what campaigns themselves did, told in people's streams like what apps send.

Their names begin with `glu.`, which nobody else may use. An event's id is made of its cause, so that
the same thing is told once. Told in the transaction that made it true; one call tells all there is
to tell, in the order of their ids, so that two at once never wait for each other in a circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from campaigns import listening
from campaigns.catalog import CatalogCampaign
from glu_admin import config as configs
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users import registration
from users.events import ingest
from users.events.forms import Sent
from users.people import Person
from users.segments import members

SOURCE = "campaign"
REGISTERED, PLAYED = "glu.registered", "glu.played"
COMPLETED, ENTERED = "glu.campaign_completed", "glu.segment_entered"
NAMESPACE = uuid5(NAMESPACE_OID, "glu.internal-events")
_NAMES = """
SELECT u.id, coalesce(u.user_id, u.anonymous_id) FROM users_enduser u
 WHERE u.environment_id = %s AND u.id = ANY(%s::bigint[]) AND u.erased_at IS NULL AND u.blocked_at IS NULL
"""
_REFERRER = """
SELECT u.user_name FROM users_enduser u
 WHERE u.environment_id = %s AND (u.user_id = %s OR u.anonymous_id = %s)
 ORDER BY u.user_id NULLS LAST LIMIT 1
"""


@dataclass(frozen=True)
class Told:
    """One event for the person whom apps call `to`."""

    to: str
    name: str
    properties: Mapping[str, Any]
    cause: str


def register() -> None:
    registration.on_referred(referred)
    members.on_enter(entered_is_heard, entered)


def tell(config: EnvironmentConfig, told: Sequence[Told], *, now: datetime) -> None:
    """Put these into people's streams, in the caller's transaction. What nobody listens to is left out."""
    events = [
        Sent(
            str(uuid5(NAMESPACE, f"{config.id}:{each.cause}")), each.name, each.to, now, dict(each.properties)
        )
        for each in told
        if each.to and listening.is_heard(config, each.name)
    ]
    if events:
        ingest.take(config, events, source=SOURCE, now=now)


def tells_of_plays(config: EnvironmentConfig) -> bool:
    """Whether any campaign waits for what people play."""
    heard = listening.by_name(config)
    return PLAYED in heard or COMPLETED in heard


def completed(config: EnvironmentConfig, campaign: CatalogCampaign, person: Person, cause: str) -> list[Told]:
    """That somebody has completed a campaign."""
    about = {"campaign": campaign.name_in_urls, "tag": campaign.tag, "status": "completed"}
    return [Told(_name(person), COMPLETED, about, f"{campaign.id}:{person.glu_id}:completed:{cause}")]


def played(
    campaign: CatalogCampaign, person: Person, attempt: int, *, won: bool, is_done: bool
) -> list[Told]:
    """That somebody has played, and has completed the campaign by it."""
    about = {"campaign": campaign.name_in_urls, "tag": campaign.tag, "won": won}
    cause = f"{campaign.id}:{person.glu_id}:played:{attempt}"
    told = [Told(_name(person), PLAYED, about, cause)]
    if is_done:
        done = {"campaign": campaign.name_in_urls, "tag": campaign.tag, "status": "completed"}
        told.append(Told(_name(person), COMPLETED, done, f"{cause}:completed"))
    return told


def referred(config: EnvironmentConfig, user_id: str, referrer: str, now: datetime) -> None:
    """In a registration that recorded a referrer."""
    if listening.is_heard(config, REGISTERED):
        row = hot.row(_REFERRER, [config.id, referrer, referrer])
        about = {"referredBy": referrer, "referrerName": (row[0] if row else None) or ""}
        tell(config, [Told(user_id, REGISTERED, about, f"registered:{user_id}:{referrer}")], now=now)


def entered_is_heard(environment_id: UUID) -> bool:
    config = configs.get(environment_id)
    return config is not None and listening.is_heard(config, ENTERED)


def entered(environment_id: UUID, segment_id: UUID, user_pks: Sequence[int], now: datetime) -> None:
    """In the transaction that let people into a segment."""
    config = configs.get(environment_id)
    if config is None:
        return
    about = {"segment": str(segment_id)}
    told = [
        Told(name, ENTERED, about, f"{segment_id}:{pk}:entered:{now.isoformat()}")
        for pk, name in hot.rows(_NAMES, [environment_id, list(user_pks)])
    ]
    tell(config, told, now=now)


def _name(person: Person) -> str:
    return person.user_id or person.anonymous_id or ""
