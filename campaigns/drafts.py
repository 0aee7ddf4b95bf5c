"""What a marketer says a campaign should be, and whether that can be stored.

A draft may be unfinished (readiness.py says what forbids a launch), but never nonsense.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from campaigns import look, targeting, ways
from campaigns.look import LookError
from campaigns.models import Campaign
from campaigns.targeting import EVERYBODY, AudienceDraft, AudienceError
from campaigns.types import all_types
from campaigns.types.base import ConfigError
from glu_admin.pictures.names import is_name
from rewards import tables
from rewards.tables import OutcomeDraft

TAG = re.compile(r"[A-Za-z0-9._-]{1,40}")
BANNER_LIMITS = {"title": 80, "body": 200, "imageUrl": 500, "picture": 100}
MOST_PLAYS = 1_000_000
ELSEWHERE = {"outcomes", "audience"}  # what is stored in tables of its own


class CampaignError(ValueError):
    """The campaign can't be stored or moved like this; `field` names what to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class CampaignDraft:
    """Everything of a campaign that a marketer decides."""

    type: str
    name: str
    outcomes: tuple[OutcomeDraft, ...] = ()
    tag: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    banner: Mapping[str, Any] = field(default_factory=dict)
    look: Mapping[str, Any] = field(default_factory=dict)
    earning: Mapping[str, Any] = field(default_factory=dict)
    plays_in_all: int | None = None
    plays_a_day: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    time_zone: str = "UTC"
    audience: AudienceDraft = EVERYBODY


def draft_of(campaign: Campaign) -> CampaignDraft:
    """The draft that would make this campaign as it is."""
    return CampaignDraft(
        type=campaign.type,
        name=campaign.name,
        outcomes=tables.drafts(campaign.table),
        tag=campaign.tag,
        config=campaign.config,
        banner=campaign.banner,
        look=campaign.look,
        earning=campaign.earning,
        plays_in_all=campaign.plays_in_all,
        plays_a_day=campaign.plays_a_day,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        time_zone=campaign.time_zone,
        audience=targeting.of(campaign),
    )


def fields_of(draft: CampaignDraft) -> dict[str, object]:
    """The campaign's columns; raises CampaignError with the first field that can't be stored."""
    if draft.type not in all_types():
        raise CampaignError("type", f"There is no game called {draft.type}.")
    if not 0 < len(draft.name.strip()) <= 80:
        raise CampaignError("name", "Give the campaign a name of up to 80 characters.")
    _check_tag(draft.tag)
    _check_banner(draft.banner)
    _check_look(draft.look)
    _check_earning(draft.earning)
    # none of its own, where plays are earned
    _check_limit("plays_in_all", draft.plays_in_all, 0 if ways.names(ways.read(draft.earning)) else 1)
    _check_limit("plays_a_day", draft.plays_a_day)
    _check_schedule(draft)
    _check_audience(draft.audience)
    columns = {name: getattr(draft, name) for name in draft.__dataclass_fields__ if name not in ELSEWHERE}
    aimed = {"audience_rule": draft.audience.rule, "only_listed": draft.audience.only_listed}
    return columns | aimed | {"name": draft.name.strip()}


def _check_tag(tag: str) -> None:
    if tag and not TAG.fullmatch(tag):
        raise CampaignError("tag", "A tag is up to 40 letters, digits, dots, dashes and underscores.")
    if _is_uuid(tag):
        raise CampaignError("tag", "A tag must not look like a campaign's id.")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _check_banner(banner: Mapping[str, Any]) -> None:
    for key, text in banner.items():
        if key not in BANNER_LIMITS:
            raise CampaignError("banner", f"A card has a title, a body, a picture and an imageUrl; no {key}.")
        if not isinstance(text, str) or len(text) > BANNER_LIMITS[key]:
            raise CampaignError(
                "banner", f"The card's {key} is text of up to {BANNER_LIMITS[key]} characters."
            )
    if (picture := banner.get("imageUrl")) and not picture.startswith(("https://", "http://")):
        raise CampaignError("banner", "The card's imageUrl must be a full address, starting with https://.")
    if (picture := banner.get("picture")) and not is_name(picture):
        raise CampaignError("banner", "The card's picture is the name of one that was uploaded.")


def _check_earning(stored: Mapping[str, Any]) -> None:
    try:
        ways.check(stored)
    except ConfigError as error:
        raise CampaignError("earning", str(error)) from None


def _check_look(stored: Mapping[str, Any]) -> None:
    try:
        look.check(stored)
    except LookError as error:
        raise CampaignError(f"look.{error.field}", str(error)) from None


def _check_limit(name: str, limit: int | None, least: int = 1) -> None:
    if limit is not None and not least <= limit <= MOST_PLAYS:
        raise CampaignError(
            name, f"A limit is a whole number from {least} to {MOST_PLAYS}; leave it empty for none."
        )


def _check_audience(audience: AudienceDraft) -> None:
    try:
        targeting.check(audience)
    except AudienceError as error:
        raise CampaignError("audience", str(error)) from None


def _check_schedule(draft: CampaignDraft) -> None:
    try:
        ZoneInfo(draft.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"There is no time zone {draft.time_zone}. Use a name such as Europe/Madrid."
        raise CampaignError("time_zone", message) from None
    if draft.starts_at and draft.ends_at and draft.starts_at >= draft.ends_at:
        raise CampaignError("ends_at", "The campaign must end after it starts.")
