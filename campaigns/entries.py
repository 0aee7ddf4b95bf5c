"""The names of a person's attempts, and the addresses of the pages that open them.

All of them follow from the campaign, the person and the attempt's number, so that reading
a wallet writes nothing.
"""

import base64
import hashlib
import hmac
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from campaigns import catalog
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from users import people
from users.people import Person

# RFC 9562: the two highest bits of this digit are 10
VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
OLDEST_SOUGHT = 100  # attempts back from the newest that an old page's address may name


def reward_user_id(campaign_id: UUID, glu_id: UUID | str, attempt: int) -> UUID:
    """The attempt's public name; the draw's ticket is made of it."""
    return uuid.uuid5(campaign_id, f"{glu_id}:{attempt}")


def hash_of(campaign_id: UUID) -> Any:
    """What the names of all attempts in a campaign begin to be hashed with, for who makes many of them."""
    return hashlib.sha1(campaign_id.bytes, usedforsecurity=False)


def transaction_id(config: EnvironmentConfig, campaign_id: UUID, glu_id: UUID, attempt: int) -> str:
    """The same for the same attempt, for ever: what receivers of webhooks de-duplicate by."""
    name = f"transaction:{campaign_id}:{glu_id}:{attempt}"
    digest = hmac.digest(config.key, name.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def base_url(request: HttpRequest) -> str:
    """Where this installation is reached: GLU_PUBLIC_URL, else as this request reached it."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    try:
        return f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        raise ApiError("host_not_allowed", "This host name is not served here.") from None


def page_url(
    base: str,
    kind: str,
    token: str,
    campaign: CatalogCampaign | None = None,
    reward_user_id: UUID | str | None = None,
) -> str:
    """The absolute address of a page: kind "wallet", "reward" or "program".

    Tokens and UUIDs hold no character that an address would have to escape.
    """
    attempt = "" if reward_user_id is None else f"&rewardUserId={reward_user_id}"
    of_campaign = "" if campaign is None else f"&campaignId={campaign.name_in_urls}"
    return f"{base}/{kind}/?token={token}{attempt}{of_campaign}"


def owners(config: EnvironmentConfig, person: Person) -> Iterator[tuple[int, UUID]]:
    """Under which keys and gluIds this person's attempts were made; aliases only if asked for more."""
    yield person.id, person.glu_id
    yield from people.aliases_of(config.id, person.id).items()


def attempt_named(campaign_id: UUID, glu_id: UUID, newest: int, wanted: UUID) -> int | None:
    """Which attempt, of the newest that are sought, `wanted` names."""
    for attempt in range(newest, max(0, newest - OLDEST_SOUGHT), -1):
        if reward_user_id(campaign_id, glu_id, attempt) == wanted:
            return attempt
    return None


def campaign_of(
    config: EnvironmentConfig, person: Person, progress: Mapping[UUID, Progress], wanted: UUID
) -> CatalogCampaign | None:
    """The campaign whose attempt `wanted` names: the next one of this person, or one made before."""
    for _, glu_id in owners(config, person):
        for campaign in catalog.of(config).campaigns:
            newest = progress.get(campaign.id, NOT_BEGUN).plays + 1
            if attempt_named(campaign.id, glu_id, newest, wanted):
                return campaign
    return None
