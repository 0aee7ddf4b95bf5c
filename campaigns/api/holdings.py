"""`POST /reward/v2/user/program` and `/reward/v2/user/reward`: what a person takes part in and has won.

Apps hand the answer to the web view as text, so any JSON object is right; ours holds the keys of
the list of campaigns and of rewards.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import answers, catalog, eligibility, moments, participations, standings
from campaigns.api import companion_documents as documents
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer, load_object
from glu_admin.api.views import JsonView
from rewards import shown
from rewards.shown import ShownReward
from users import people, tokens
from users.people import Person
from users.tokens import Identity

MOST = 100


@dataclass(frozen=True)
class Wanted:
    """Which page of which campaigns; no names: of all."""

    names: frozenset[str]
    limit: int
    page: int

    def has(self, *names: str) -> bool:
        return not self.names or any(name and name.lower() in self.names for name in names)

    def paged(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        first = (self.page - 1) * self.limit
        page = list(rows[first : first + self.limit])
        return {"success": True, "page": self.page, "limit": self.limit, "total": len(rows), "data": page}


class HoldingsView(JsonView, ABC):
    """The base of both: a person's token, and a filter in the body."""

    def post(self, request: Request) -> HttpResponse:
        identity = tokens.identify(request)
        wanted = _wanted(load_object(request))
        person = people.load(identity)
        rows = list(self.rows(identity, person, wanted, timezone.now()))
        listing = answer(wanted.paged(rows))
        listing.headers["Cache-Control"] = "no-store"
        return listing

    @abstractmethod
    def rows(
        self, identity: Identity, person: Person, wanted: Wanted, now: datetime
    ) -> Iterable[dict[str, Any]]:
        """What is listed, in its order."""


class ProgramsView(HoldingsView):
    """The campaigns that the token's person may see, with how far the person has come."""

    @extend_schema(**documents.PROGRAMS)
    def post(self, request: Request) -> HttpResponse:
        return super().post(request)

    def rows(
        self, identity: Identity, person: Person, wanted: Wanted, now: datetime
    ) -> Iterable[dict[str, Any]]:
        config = identity.config
        running = [each for each in catalog.of(config).campaigns if not eligibility.closed(each, now)]
        asked = [each for each in running if wanted.has(each.name_in_urls, each.tag)]
        why_not = standings.why_not_each(config, asked, person.id, now=now)
        progress = participations.all_of(config, person.id)
        for campaign in asked:
            if not why_not.get(campaign.id):
                begun = progress.get(campaign.id, NOT_BEGUN)
                moment = moments.of(campaign, person, begun.plays + 1, now)
                way = campaign.kind.way(campaign.config, begun.state, moment)
                steps = {"totalSteps": way.total, "stepsCompleted": way.done} if way else {}
                yield _program(campaign, begun.status) | steps


class RewardsView(HoldingsView):
    """What the token's person has won, the newest first."""

    @extend_schema(**documents.REWARDS_WON)
    def post(self, request: Request) -> HttpResponse:
        return super().post(request)

    def rows(
        self, identity: Identity, person: Person, wanted: Wanted, now: datetime
    ) -> Iterable[dict[str, Any]]:
        campaigns = catalog.of(identity.config)
        for reward in shown.of_person(identity.config, person.id, now=now):
            campaign = campaigns.by_id(reward.campaign_id)
            if wanted.has(str(reward.campaign_id), campaign.tag if campaign else ""):
                yield _reward(reward)


def _program(campaign: CatalogCampaign, status: str) -> dict[str, Any]:
    return {"campaignId": campaign.name_in_urls, "type": campaign.type, "status": status, **campaign.card}


def _reward(reward: ShownReward) -> dict[str, Any]:
    named = {
        "campaignId": str(reward.campaign_id),
        "campaignType": reward.campaign_type,
        "rewardUserId": str(reward.reward_user_id),
    }
    return named | answers.told_reward(reward) | {"state": reward.state, "code": reward.code}


def _wanted(body: Mapping[str, Any]) -> Wanted:
    chosen = body.get("filter") or {}
    ids = chosen.get("campaignId") or {} if isinstance(chosen, dict) else None
    if not isinstance(ids, dict):
        message = 'filter must be {"campaignId": {"<id>": true}}.'
        raise ApiError("invalid_filter", message, field="filter")
    names = frozenset(str(name).lower() for name, is_wanted in ids.items() if is_wanted)
    return Wanted(names, _whole(body, "limit", 50, MOST), _whole(body, "page", 1, 10**6))


def _whole(body: Mapping[str, Any], name: str, default: int, most: int) -> int:
    value = body.get(name, default)
    if type(value) is not int or not 1 <= value <= most:
        raise ApiError("invalid_value", f"{name} must be a whole number from 1 to {most}.", field=name)
    return value
