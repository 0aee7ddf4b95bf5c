"""A play: decided, given, and its answer kept under its idempotency key, all at once or not at all.

The only writer of participations and plays. It reads without a lock, decides, and writes by
one statement that finds everything as it was read, or nothing happens and it reads again.
Whoever loses too often, or draws what has run out, plays step by step in one transaction
behind the participation's lock. Limits hold under any concurrency, because they stand on the
row that every play locks first.
"""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, connection, transaction

from campaigns import (
    answers,
    catalog,
    claims,
    consequences,
    eligibility,
    entries,
    forcing,
    gates,
    internal,
    moments,
    participations,
    refusals,
    requests,
    standings,
    strokes,
    ways,
)
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress
from campaigns.participations import CampaignGone, Seen, StillPlaying
from campaigns.requests import PlayRequest
from campaigns.strokes import NewPlay, Outrun, RanOut
from campaigns.types.base import Moment, NotAllowed, Step
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from rewards import award as awards
from rewards.award import Award, Claimant
from rewards.gifts import NOTHING
from users import people
from users.people import Person
from users.tokens import Identity

Draw = Callable[..., Award]

TRIES = 8
AT_ONCE = 3  # so many of them without a lock
PASSING = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
    psycopg.errors.ForeignKeyViolation,  # the person or the campaign was deleted this moment
)


def act(identity: Identity, campaign_id: str, *, key: str, body: Any, now: datetime) -> dict[str, Any]:
    """Play once, or answer again what this key was answered before. Raises ApiError, Unauthorized."""
    campaign = catalog.of(identity.config).by_id(campaign_id)
    if campaign is None:
        people.load(identity)  # whoever may not act hears of nothing else
        raise refusals.not_found()
    request = requests.checked(identity, key, body, now)
    has_run_out = False
    for turn in range(TRIES):
        way = _step_by_step if has_run_out or turn >= AT_ONCE else _at_once
        try:
            return way(request, campaign)
        except Outrun:
            continue
        except RanOut:
            has_run_out = True
        except CampaignGone:
            raise refusals.not_found() from None
        except StillPlaying:
            raise refusals.in_progress() from None
        except DatabaseError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise _why_waited(request, campaign) from None
            if not isinstance(error.__cause__, PASSING):
                raise
    raise refusals.busy()


def _at_once(request: PlayRequest, campaign: CatalogCampaign) -> dict[str, Any]:
    """Two statements: what is so, and what becomes of it."""
    # a failed statement would end a caller's transaction; alone it needs no savepoint, unless more is
    # written in the same transaction
    is_one = connection.in_atomic_block or consequences.are_written(request.config)
    with transaction.atomic() if is_one else nullcontext():
        return _play(request, campaign, awards.promise)


def _step_by_step(request: PlayRequest, campaign: CatalogCampaign) -> dict[str, Any]:
    """Behind the participation's lock, where nobody can be faster, and what ran out has a stand-in."""
    with transaction.atomic():
        if participations.lock(request.identity, campaign):
            return _play(request, campaign, awards.award)
    _enter(request, campaign)
    raise Outrun("There is a row to lock now.")


def opened(
    config: EnvironmentConfig, person: Person, campaign: CatalogCampaign, *, now: datetime
) -> Progress:
    """How far this person is; the first opening of a running campaign is marked as such."""
    found = progress_of(config, person.id).get(campaign.id)
    if found is not None and found.status != "pristine":
        return found
    why_not = standings.why_not(config, campaign, person.id, now=now)
    if not eligibility.standing(campaign, found, now, why_not=why_not).visible:
        return found or NOT_BEGUN
    marked = participations.enter(config, person.id, campaign, "clicked", now)
    # None: somebody else marked it meanwhile, so it is there to be read; or the person was merged
    return marked or progress_of(config, person.id).get(campaign.id, NOT_BEGUN)


def progress_of(config: EnvironmentConfig, user_pk: int) -> dict[UUID, Progress]:
    """How far a person is in each campaign that was opened or played."""
    return participations.all_of(config, user_pk)


def _again(request: PlayRequest, seen: Seen) -> dict[str, Any] | None:
    """The answer that this key got before, whatever has become of the campaign since."""
    if seen.made is None:
        return None
    if seen.made.fingerprint != request.fingerprint:
        raise refusals.key_reused()
    return answers.from_store(request.config, seen.made.answer)


def _play(request: PlayRequest, campaign: CatalogCampaign, draw: Draw) -> dict[str, Any]:
    """Read, rules, draw, write. Whatever fails undoes all of it."""
    seen = participations.read(request.identity, campaign, request.key, now=request.now)
    if answer := _again(request, seen):
        return answer
    campaign, why_not = _current(request, campaign, seen)
    request = forcing.taken(request, campaign, seen.person)
    seen = replace(seen, progress=gates.begun(campaign, seen.progress, request.now))
    gate = gates.gate_of(request.config, campaign, seen.person.id)
    _refuse_unless_open(campaign, seen.progress, request.now, why_not, gate)
    moment = moments.of(campaign, seen.person, seen.progress.plays + 1, request.now)
    if accepted := gates.accepted(campaign, seen.progress, request.action, request.now):
        return _moved(request, campaign, seen, accepted, moment)
    if gates.waits_for_yes(campaign, seen.progress):
        raise refusals.not_accepted()
    step = _step(request, campaign, seen.progress, moment)
    if not (step.ends or step.draws):
        return _move(request, campaign, seen, step, moment)
    claimant = claims.claimant(request.config, campaign, seen.person, seen.progress.plays + 1)
    claimant = replace(claimant, wish=request.wish) if request.wish else claimant
    occasion = campaign.table.drawable(step.draws)
    award = None
    if occasion is not None:
        award = draw(request.config, campaign.table, claimant, now=request.now, occasion=occasion)
    after = _advanced(request.now, campaign, seen.progress, step, won=bool(award and award.reward))
    play = _new_play(request, campaign, claimant, award, after)
    written = strokes.write(request.config, campaign, seen, to=after, play=play)
    reward = award.reward if award else None
    if reward is not None and written.coupon:
        reward = replace(reward, code=written.coupon.code)
    consequences.mark_watched(request.config, seen.person.id)
    if internal.tells_of_plays(request.config):
        done = after.status == "completed" != seen.progress.status
        told = internal.played(campaign, seen.person, after.plays, won=reward is not None, is_done=done)
        internal.tell(request.config, told, now=request.now)
    consequences.after_commit(partial(consequences.tell, reward))
    return answers.from_store(request.config, written.answer, reward)


def _move(
    request: PlayRequest, campaign: CatalogCampaign, seen: Seen, step: Step, moment: Moment
) -> dict[str, Any]:
    """A part of a play: only the state is written, and no limit is used. One that was made already
    finds the state as it stands, and writes nothing: moves have numbers of their own, so the key is
    left for the press that ends the play."""
    status = "completed" if step.completed else "in-progress"
    after = replace(seen.progress, status=status, state=step.state)
    if step.completed:
        after = ways.completed(campaign.ways, after, request.now)
    return _moved(request, campaign, seen, after, moment)


def _moved(
    request: PlayRequest, campaign: CatalogCampaign, seen: Seen, after: Progress, moment: Moment
) -> dict[str, Any]:
    if after != seen.progress or seen.participation_id is None:
        strokes.move(request.config, campaign, seen, to=after, at=request.now)
        consequences.mark_watched(request.config, seen.person.id)
        if after.status == "completed" != seen.progress.status and internal.tells_of_plays(request.config):
            told = internal.completed(request.config, campaign, seen.person, f"move:{after.plays}")
            internal.tell(request.config, told, now=request.now)
    return answers.moved(
        campaign,
        reward_user_id=entries.reward_user_id(campaign.id, seen.person.glu_id, after.plays + 1),
        after=eligibility.standing(campaign, after, request.now),
        state=after.state,
        moment=moment,
    )


def _new_play(
    request: PlayRequest, campaign: CatalogCampaign, claimant: Claimant, award: Award | None, after: Progress
) -> NewPlay:
    play_id = uuid.uuid4()
    answer = answers.made(
        campaign,
        play_id=play_id,
        reward_user_id=claimant.reward_user_id,
        award=award,
        after=eligibility.standing(campaign, after, request.now),
        state=after.state,
    )
    return NewPlay(
        id=play_id,
        key=request.key,
        fingerprint=request.fingerprint,
        occasion=award.drawn.occasion if award else None,  # of what was drawn, whatever stood in
        variant_id=award.variant.id if award else None,
        ticket=award.ticket if award else None,
        reward_id=award.reward_id if award else None,
        answer=answer,
        at=request.now,
        gift=award.gift if award else NOTHING,
        given=award.values if award else {},
    )


def _current(request: PlayRequest, campaign: CatalogCampaign, seen: Seen) -> tuple[CatalogCampaign, str]:
    """The campaign as the database has it now, and why it is not for this person, if it is not: the
    copy in memory may be a second old."""
    if (seen.status, seen.version) == (campaign.status, campaign.version):
        return campaign, seen.why_not
    fresh = catalog.fresh(request.config, campaign.id)
    if fresh is None:
        raise refusals.not_found()
    return fresh, standings.why_not(request.config, fresh, seen.person.id, now=request.now)


def _refuse_unless_open(
    campaign: CatalogCampaign, progress: Progress | None, now: datetime, why_not: str, gate: str = ""
) -> None:
    stands = eligibility.standing(campaign, progress, now, why_not=why_not, gate=gate)
    if not stands.may_play:
        raise refusals.closed(stands)


def _step(request: PlayRequest, campaign: CatalogCampaign, progress: Progress, moment: Moment) -> Step:
    try:
        return campaign.kind.act(campaign.config, progress.state, request.action, moment)
    except NotAllowed as refusal:
        raise ApiError("not_allowed", str(refusal), status=409) from None


def _advanced(
    now: datetime, campaign: CatalogCampaign, before: Progress, step: Step, *, won: bool
) -> Progress:
    today = eligibility.local_day(campaign.time_zone, before.day, now)
    after = replace(
        before,
        status="in-progress",
        plays=before.plays + 1,
        plays_on_day=before.plays_on_day + 1 if before.day == today else 1,
        day=today,
        wins=before.wins + won,
        state=step.state,
        extra_used=before.extra_used + eligibility.takes_extra(campaign, before, now),
    )
    is_last = campaign.is_program or eligibility.standing(campaign, after, now).plays_left == 0
    done = step.completed and is_last
    return ways.completed(campaign.ways, replace(after, status="completed"), now) if done else after


def _enter(request: PlayRequest, campaign: CatalogCampaign) -> None:
    """Make the row that plays lock, on its own, so that no play waits for it while it holds stock."""
    person = people.load(request.identity)
    why_not = standings.why_not(request.config, campaign, person.id, now=request.now)
    _refuse_unless_open(campaign, None, request.now, why_not)
    participations.enter(request.config, person.id, campaign, "pristine", request.now)


def _why_waited(request: PlayRequest, campaign: CatalogCampaign) -> ApiError:
    """A lock was not to be had: this person's own, or one that others hold."""
    return refusals.in_progress() if participations.is_locked(request.identity, campaign) else refusals.busy()
