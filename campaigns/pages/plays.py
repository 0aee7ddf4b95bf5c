"""Plays as pages make and show them: the key that a page hands out, and the result of an attempt.

A page's key is made of the person, the campaign and the attempt, and nobody else can make
it: it proves that our page sent the play, and however often it is sent, it plays once.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from campaigns import answers, entries
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import Progress
from campaigns.pages.visits import Visit
from glu_admin.api.errors import ApiError
from rewards import shown
from rewards.shown import ShownReward
from users import people

PREFIX = "page"
Attempt = tuple[int, int]  # whose row, and the number


@dataclass(frozen=True)
class Result:
    """What one attempt gave. `reveal` is None if the drawing has changed since."""

    won: bool
    outcome: str
    reveal: Mapping[str, Any] | None
    reward: ShownReward | None


def key_of(visit: Visit, campaign: CatalogCampaign, attempt: int) -> str:
    # of the token's own name: a page that a visitor opened plays once, also as the user
    name = f"play:{campaign.id}:{visit.identity.glu_id}:{attempt}"
    digest = hmac.digest(visit.config.key, name.encode(), hashlib.sha256)
    return f"{PREFIX}.{attempt}.{base64.urlsafe_b64encode(digest[:18]).decode()}"


def check_key(visit: Visit, campaign: CatalogCampaign, key: str) -> None:
    """Raise ApiError for a key that we never handed out to this person."""
    attempt = key.split(".")[1] if key.count(".") == 2 else ""
    known = key.isascii() and attempt.isdecimal() and len(attempt) < 10
    if not known or not hmac.compare_digest(key_of(visit, campaign, int(attempt)), key):
        raise ApiError("play_key_invalid", "This page is out of date. Open it again.", status=403)


def attempt_of(key: str) -> int:
    """The attempt that a checked key is for."""
    return int(key.split(".")[1])


def attempt_named(
    visit: Visit, campaign: CatalogCampaign, progress: Progress, wanted: UUID | None
) -> Attempt | None:
    """Which attempt that was made already a page's `rewardUserId` names; None if it names none."""
    if wanted is None:
        return None
    for user_pk, glu_id in entries.owners(visit.config, visit.person):
        number = entries.attempt_named(campaign.id, glu_id, progress.plays, wanted)
        if number is not None:
            return user_pk, number
    return None


def result(visit: Visit, campaign: CatalogCampaign, attempt: Attempt, *, now: datetime) -> Result | None:
    """What this attempt gave, with the code; None if it was not made."""
    user_pk, number = attempt
    return _result(visit, campaign, "p.user_id = %s AND y.attempt = %s", [user_pk, number], now)


def newest(visit: Visit, campaign: CatalogCampaign, *, now: datetime) -> Result | None:
    """What the person's last attempt gave, as whomever it was made."""
    condition = f"p.user_id IN ({people.IDS_OF}) ORDER BY y.played_at DESC, y.attempt DESC LIMIT 1"
    person = visit.person.id
    return _result(visit, campaign, condition, [person, visit.config.id, person], now)


def _result(
    visit: Visit, campaign: CatalogCampaign, condition: str, values: list[Any], now: datetime
) -> Result | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT y.answer::text, y.reward_id FROM campaigns_play y"
            " JOIN campaigns_participation p ON p.id = y.participation_id"
            f" WHERE p.environment_id = %s AND p.campaign_id = %s AND {condition}",
            [visit.config.id, campaign.id, *values],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    reward = shown.show(visit.config, [row[1]], now=now).get(row[1]) if row[1] else None
    data = answers.from_store(visit.config, row[0], reward)
    same_drawing = data["fairness"]["tableVersion"] == campaign.table.version
    return Result(
        won=data["won"],
        outcome=data["outcome"]["name"] if data["outcome"] else "",
        reveal=data["reveal"] if same_drawing else None,
        reward=reward,
    )
