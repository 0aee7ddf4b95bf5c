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

PREFIX = "page"


@dataclass(frozen=True)
class Result:
    """What one attempt gave. `reveal` is None if the drawing has changed since."""

    attempt: int
    won: bool
    outcome: str
    reveal: Mapping[str, Any] | None
    reward: ShownReward | None


def key_of(visit: Visit, campaign: CatalogCampaign, attempt: int) -> str:
    name = f"play:{campaign.id}:{visit.person.glu_id}:{attempt}"
    digest = hmac.digest(visit.config.key, name.encode(), hashlib.sha256)
    return f"{PREFIX}.{attempt}.{base64.urlsafe_b64encode(digest[:18]).decode()}"


def check_key(visit: Visit, campaign: CatalogCampaign, key: str) -> None:
    """Raise ApiError for a key that we never handed out to this person."""
    attempt = key.split(".")[1] if key.count(".") == 2 else ""
    known = key.isascii() and attempt.isdecimal() and len(attempt) < 10
    if not known or not hmac.compare_digest(key_of(visit, campaign, int(attempt)), key):
        raise ApiError("play_key_invalid", "This page is out of date. Open it again.", status=403)


def attempt_named(
    visit: Visit, campaign: CatalogCampaign, progress: Progress, wanted: UUID | None
) -> int | None:
    """Which attempt that was made already a page's `rewardUserId` names; None if it names none."""
    newest = progress.plays
    for attempt in range(newest, max(0, newest - entries.OLDEST_SOUGHT), -1):
        if entries.reward_user_id(campaign.id, visit.person.glu_id, attempt) == wanted:
            return attempt
    return None


def result(visit: Visit, campaign: CatalogCampaign, attempt: int, *, now: datetime) -> Result | None:
    """What this attempt gave, with the code; None if it was not made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT y.answer::text, y.reward_id FROM campaigns_play y"
            " JOIN campaigns_participation p ON p.id = y.participation_id"
            " WHERE p.environment_id = %s AND p.user_id = %s AND p.campaign_id = %s AND y.attempt = %s",
            [visit.config.id, visit.person.id, campaign.id, attempt],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    reward = shown.show(visit.config, [row[1]], now=now).get(row[1]) if row[1] else None
    data = answers.from_store(visit.config, row[0], reward)
    same_drawing = data["fairness"]["tableVersion"] == campaign.table.version
    return Result(
        attempt=attempt,
        won=data["won"],
        outcome=data["outcome"]["name"] if data["outcome"] else "",
        reveal=data["reveal"] if same_drawing else None,
        reward=reward,
    )
