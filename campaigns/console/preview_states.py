"""The states in which the phone beside the editor can show a page, and how a person gets into each. Pure.

A state under way is found by doing what people do: the first event that the type listens to, or
the first action that it takes. A type that nobody can be half-way through has no such state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress
from campaigns.types import all_types
from campaigns.types.base import CampaignType, Config, Happening, Moment, NotAllowed, Player, State

STATES = {
    "start": "Start",
    "in_progress": "Under way",
    "won": "Won",
    "lost": "No prize",
    "sold_out": "Sold out",
    "no_plays": "No plays left",
    "not_eligible": "Not eligible",
    "ended": "Ended",
    "offline": "Offline",
    "error": "Error",
}
UNDER_WAY, NO_PLAYS = "in_progress", "no_plays"
FIRST_ACTIONS: tuple[Mapping[str, Any], ...] = ({}, {"move": "0"}, {"move": "0", "card": "1"})
UTC = ZoneInfo("UTC")
ATTEMPT = b"the attempt of nobody"  # what is shuffled looks the same at each look
SAMPLE = Player(
    name="Mia",
    user_id="u_mia",
    referral_code="GLU-7Q2MXK",
    referral_link="https://example.com/?ref=GLU-7Q2MXK",
)


def states_of(slug: str, now: datetime) -> list[tuple[str, str]]:
    """The buttons for a type, with their labels."""
    kind = all_types().get(slug)
    without = {NO_PLAYS} if kind and kind.page == "program" else set()
    moment = Moment(now, UTC, ATTEMPT, SAMPLE)
    if kind is None or _under_way(kind, kind.defaults(), moment) is None:
        without.add(UNDER_WAY)
    return [(state, label) for state, label in STATES.items() if state not in without]


def moment_of(campaign: CatalogCampaign, now: datetime) -> Moment:
    return Moment(now, campaign.time_zone, ATTEMPT, SAMPLE, campaign.name_in_urls)


def progress_of(campaign: CatalogCampaign, state: str, moment: Moment) -> Progress | None:
    """How far somebody is whose page is in this state; None if it can't be."""
    today = moment.now.astimezone(campaign.time_zone).date()
    if state == UNDER_WAY:
        found = _under_way(campaign.kind, campaign.config, moment)
        return None if found is None else replace(NOT_BEGUN, status="in-progress", state=found)
    if state == NO_PLAYS:
        limits = [each for each in (campaign.plays_a_day, campaign.plays_in_all) if each]
        return Progress("completed", max(limits), max(limits), today) if limits else None
    if state in {"won", "lost"}:
        played = _finished(campaign.kind, campaign.config, moment, won=state == "won")
        return Progress("completed", 1, 1, today, state=played)
    return NOT_BEGUN


def _finished(kind: CampaignType, config: Config, moment: Moment, *, won: bool) -> State:
    """The state of somebody at the end, or who played without a choice; else of a beginner."""
    found = kind.finished(config, moment, won=won)
    if found is not None:
        return found
    begun = kind.start(config)
    try:
        return kind.act(config, begun, {}, moment).state
    except NotAllowed:
        return begun


def _under_way(kind: CampaignType, config: Config, moment: Moment) -> State | None:
    return next((each for each in _firsts(kind, config, moment) if kind.headline(config, each, moment)), None)


def _firsts(kind: CampaignType, config: Config, moment: Moment) -> Iterator[State]:
    """What a first event or a first action makes of somebody who just came."""
    begun = kind.start(config)
    about = {"campaign": moment.campaign, "gluId": "sample", "userId": "u_sam", "name": "Sam", "amount": 1}
    earlier = moment.now - timedelta(minutes=1)
    for name in sorted(kind.listens(config)):
        step = kind.happened(config, begun, Happening("sample", name, earlier, about), moment)
        if step is not None:
            yield step.state
    for action in FIRST_ACTIONS:
        try:
            step = kind.act(config, begun, action, moment)
        except NotAllowed:
            continue
        if not step.completed:
            yield step.state
