"""A play: one transaction that decides, gives, and keeps its answer under its idempotency key.

The only writer of participations and plays. Locks are taken in one order: participation,
coupon cursor, stock, then the campaign's row, which says whether it may still pay. Limits
hold under any concurrency, because they stand on the row that every play locks first.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import DatabaseError, transaction

from campaigns import answers, catalog, eligibility, entries, participations
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress
from campaigns.participations import CampaignGone, Held, NewPlay, StillPlaying
from campaigns.types.base import NotAllowed, Step
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from glu_admin.observability import metrics
from glu_admin.webhooks import outbox
from rewards import award as awards
from rewards.award import Award, Claimant
from users import people
from users.people import Person
from users.tokens import Identity

TRIES = 5  # a first play takes one to make its participation
KEY = re.compile(r"[\x20-\x7e]{1,255}")
PASSING = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
    psycopg.errors.ForeignKeyViolation,  # the person or the campaign was deleted this moment
)
REFUSALS = {
    "ended": ("campaign_ended", "This campaign has ended."),
    "paused": ("campaign_paused", "This campaign is paused. Try again later."),
    "not_started": ("not_started", "This campaign has not started yet."),
    "no_plays_left": ("no_plays_left", "All plays of this campaign are used up."),
    "no_plays_today": ("no_plays_today", "All plays of today are used up."),
}


class _Changed(Exception):
    """The campaign was paused, ended or edited while this play was decided."""


@dataclass(frozen=True)
class _Request:
    """One wish to play, checked."""

    identity: Identity
    key: str
    action: Mapping[str, Any]
    fingerprint: bytes
    now: datetime

    @property
    def config(self) -> EnvironmentConfig:
        return self.identity.config


def act(identity: Identity, campaign_id: str, *, key: str, body: Any, now: datetime) -> dict[str, Any]:
    """Play once, or answer again what this key was answered before. Raises ApiError, Unauthorized."""
    campaign = catalog.of(identity.config).by_id(campaign_id)
    if campaign is None:
        people.load(identity)  # whoever may not act hears of nothing else
        raise _not_found()
    request = _checked(identity, key, body, now)
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                held = participations.take(identity, campaign, key)
                if held is not None:
                    return _again(request, held) or _play(request, campaign, held)
            _enter(request, campaign)
        except _Changed:
            continue
        except CampaignGone:
            raise _not_found() from None
        except StillPlaying:
            message = "Another play of this person is still running. Send the same key again in a moment."
            raise ApiError("play_in_progress", message, status=409) from None
        except DatabaseError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                break
            if not isinstance(error.__cause__, PASSING):
                raise
    raise _busy()


def opened(
    config: EnvironmentConfig, person: Person, campaign: CatalogCampaign, *, now: datetime
) -> Progress:
    """How far this person is; the first opening of a running campaign is marked as such."""
    found = progress_of(config, person.id).get(campaign.id)
    if found is not None and found.status != "pristine":
        return found
    if not eligibility.standing(campaign, found, now).visible:
        return found or NOT_BEGUN
    marked = participations.enter(config, person.id, campaign, "clicked", now)
    # None: somebody else marked it meanwhile, so it is there to be read
    return marked or progress_of(config, person.id)[campaign.id]


def progress_of(config: EnvironmentConfig, user_pk: int) -> dict[UUID, Progress]:
    """How far a person is in each campaign that was opened or played."""
    return participations.all_of(config, user_pk)


def _checked(identity: Identity, key: str, body: Any, now: datetime) -> _Request:
    if not key:
        message = "Send the header Idempotency-Key with a value that is new for each play."
        raise ApiError("idempotency_key_missing", message, field="Idempotency-Key")
    if not KEY.fullmatch(key):
        message = "Idempotency-Key must be 1 to 255 printable ASCII characters."
        raise ApiError("idempotency_key_invalid", message, field="Idempotency-Key")
    if not isinstance(body, dict) or not body.keys() <= {"action"}:
        raise ApiError("invalid_body", 'The body must be {} or {"action": {…}}.')
    action = body.get("action", {})
    if not isinstance(action, dict):
        raise ApiError("invalid_body", "action must be a JSON object.", field="action")
    return _Request(identity, key, action, _fingerprint(body), now)


def _fingerprint(body: dict[str, Any]) -> bytes:
    try:
        return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
    except orjson.JSONEncodeError:
        raise ApiError("invalid_body", "The body is nested too deeply.", field="action") from None


def _again(request: _Request, held: Held) -> dict[str, Any] | None:
    """The answer that this key got before, whatever has become of the campaign since."""
    if held.made is None:
        return None
    if held.made.fingerprint != request.fingerprint:
        message = "This Idempotency-Key was used with another body. Send a new key for a new play."
        raise ApiError("idempotency_key_reused", message, status=422, field="Idempotency-Key")
    return answers.from_store(request.config, held.made.answer)


def _play(request: _Request, campaign: CatalogCampaign, held: Held) -> dict[str, Any]:
    """Behind the lock: rules, draw, one write. Whatever fails undoes all of it."""
    campaign = _current(request.config, campaign, held)
    _refuse_unless_open(campaign, held.progress, request.now)
    step = _step(request, campaign, held.progress)
    claimant = _claimant(request.config, campaign, held.person, held.progress.plays + 1)
    award = _award(request, campaign, claimant) if step.draws else None
    reward = award.reward if award else None
    after = _advanced(request.now, campaign, held.progress, step, won=reward is not None)
    play_id = uuid.uuid4()
    answer = answers.made(
        campaign,
        play_id=play_id,
        reward_user_id=claimant.reward_user_id,
        award=award,
        after=eligibility.standing(campaign, after, request.now),
    )
    play = NewPlay(
        id=play_id,
        key=request.key,
        fingerprint=request.fingerprint,
        variant_id=award.variant.id if award else None,
        ticket=award.ticket if award else None,
        reward_id=reward.id if reward else None,
        answer=answer,
        at=request.now,
    )
    stored = participations.write(request.config, campaign, held, to=after, play=play)
    if stored is None:
        raise _Changed
    transaction.on_commit(partial(metrics.count_play, won=reward is not None))
    if reward is not None:
        transaction.on_commit(outbox.ring)
    return answers.from_store(request.config, stored, reward)


def _award(request: _Request, campaign: CatalogCampaign, claimant: Claimant) -> Award:
    return awards.award(request.config, campaign.table, claimant, now=request.now)


def _current(config: EnvironmentConfig, campaign: CatalogCampaign, held: Held) -> CatalogCampaign:
    """The campaign as the database has it now: the copy in memory may be a second old."""
    if (held.status, held.version) == (campaign.status, campaign.version):
        return campaign
    fresh = catalog.fresh(config, campaign.id)
    if fresh is None:
        raise _not_found()
    return fresh


def _refuse_unless_open(campaign: CatalogCampaign, progress: Progress | None, now: datetime) -> None:
    stands = eligibility.standing(campaign, progress, now)
    if stands.may_play:
        return
    code, message = REFUSALS[stands.reason]
    if stands.next_play_at:
        message += f" You can play from {answers.timestamp(stands.next_play_at)}."
    raise ApiError(code, message, status=409)


def _step(request: _Request, campaign: CatalogCampaign, progress: Progress) -> Step:
    try:
        return campaign.kind.act(campaign.config, progress.state, request.action)
    except NotAllowed as refusal:
        raise ApiError("not_allowed", str(refusal), status=409) from None


def _claimant(config: EnvironmentConfig, campaign: CatalogCampaign, person: Person, attempt: int) -> Claimant:
    return Claimant(
        user_pk=person.id,
        campaign_id=campaign.id,
        campaign_type=campaign.type,
        reward_user_id=entries.reward_user_id(campaign.id, person.glu_id, attempt),
        transaction_id=entries.transaction_id(config, campaign.id, person.glu_id, attempt),
        user_id=person.user_id or person.anonymous_id or "",
    )


def _advanced(
    now: datetime, campaign: CatalogCampaign, before: Progress, step: Step, *, won: bool
) -> Progress:
    today = eligibility.local_day(campaign.time_zone, before.day, now)
    after = Progress(
        status="in-progress",
        plays=before.plays + 1,
        plays_on_day=before.plays_on_day + 1 if before.day == today else 1,
        day=today,
        wins=before.wins + won,
        state=step.state,
    )
    done = step.completed and eligibility.standing(campaign, after, now).plays_left == 0
    return replace(after, status="completed") if done else after


def _enter(request: _Request, campaign: CatalogCampaign) -> None:
    """Make the row that plays lock, on its own, so that no play waits for it while it holds stock."""
    person = people.load(request.identity)
    _refuse_unless_open(campaign, None, request.now)
    participations.enter(request.config, person.id, campaign, "pristine", request.now)


def _not_found() -> ApiError:
    return ApiError("campaign_not_found", "There is no campaign with this id or tag.", status=404)


def _busy() -> ApiError:
    refusal = ApiError("busy", "The service is busy. Send the same key again in a moment.", status=503)
    refusal.headers["Retry-After"] = "1"
    return refusal
