"""What campaigns hold of a person: plays and progress stay, because limits, odds and reports count
them, under a number that names nobody; what somebody may have typed into them goes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from campaigns import mentions
from campaigns.models import Earning, EntryPointState, Participation, Play
from glu_admin.workspaces.models import Environment
from users.privacy import parts

# A key is the app's own text, a fingerprint is of what the app sent, details are free text.
_EMPTY_PLAYS = """
UPDATE campaigns_play SET idempotency_key = id::text, fingerprint = decode(repeat('00', 32), 'hex'),
    answer = CASE jsonb_typeof(answer -> 'reward')
        WHEN 'object' THEN jsonb_set(answer, '{reward,details}', '{}') ELSE answer END
WHERE environment_id = %s AND user_id = ANY(%s)
"""


def register() -> None:
    parts.register(
        "participations",
        participations,
        empty_states,
        count=parts.counted(_participations),
        keeps="Reports count how many took part and won.",
        hold=hold,
    )
    parts.register(
        "plays",
        plays,
        empty_plays,
        count=parts.counted(_plays),
        keeps="They prove that the draws were fair. A play names nobody.",
    )
    parts.register("earnings", earnings, erase_earnings, count=parts.counted(_earnings))
    parts.register("entryPoints", entry_points, erase_entry_points, count=parts.counted(_entry_points))


def hold(environment: Environment, pks: Sequence[int]) -> None:
    """A play locks its participation before anything else, a drain and a merge those of one person in
    the order of their campaigns."""
    rows = _participations(environment, pks).order_by("user_id", "campaign_id")
    list(rows.select_for_update().values_list("id"))


def participations(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    rows = _participations(environment, pks).order_by("id")
    for row in rows.select_related("campaign"):
        yield {
            "campaignId": str(row.campaign_id),
            "campaign": row.campaign.name,
            "status": row.status,
            "state": row.state,
            "plays": row.plays,
            "wins": row.wins,
            "extraPlays": row.extra_plays,
            "extraUsed": row.extra_used,
            "ways": row.ways,
            "createdAt": row.created_at.isoformat(),
            "updatedAt": row.updated_at.isoformat(),
        }


def empty_states(environment: Environment, pks: Sequence[int]) -> int:
    """What a game remembers may be an answer that somebody typed; what those of others say goes, too.

    Every row is written: a play that read one before finds it changed, reads again, and is refused.
    """
    mentions.forget(environment, pks)
    return _participations(environment, pks).update(state={}, ways={}, updated_at=Now())


def _participations(environment: Environment, pks: Sequence[int]) -> QuerySet[Participation]:
    return Participation.objects.filter(environment=environment, user_id__in=list(pks))


def plays(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in parts.paged(_plays(environment, pks)):
        yield {
            "playId": str(row.id),
            "campaignId": str(row.campaign_id),
            "attempt": row.attempt,
            "idempotencyKey": row.idempotency_key,
            "occasion": row.occasion,
            "ticket": row.ticket,
            "rewardId": row.reward_id and str(row.reward_id),
            "answer": row.answer,
            "playedAt": row.played_at.isoformat(),
        }


def _plays(environment: Environment, pks: Sequence[int]) -> QuerySet[Play]:
    return Play.objects.filter(environment=environment, user_id__in=list(pks))


def empty_plays(environment: Environment, pks: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY_PLAYS, [environment.id, list(pks)])
        return int(cursor.rowcount)


def earnings(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in parts.paged(_earnings(environment, pks)):
        yield {
            "campaignId": str(row.campaign_id),
            "occasion": row.occasion,
            "cause": row.cause,
            "details": row.details,
            "earnedAt": row.earned_at.isoformat(),
        }


def _earnings(environment: Environment, pks: Sequence[int]) -> QuerySet[Earning]:
    return Earning.objects.filter(environment=environment, user_id__in=list(pks))


def erase_earnings(environment: Environment, pks: Sequence[int]) -> int:
    return _earnings(environment, pks).delete()[0]


def entry_points(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in _entry_points(environment, pks).order_by("id"):
        yield {
            "entryPointId": str(row.entry_point_id),
            "campaignId": row.campaign_id,
            "clicked": row.clicked,
            "completeStateViewed": row.complete_state_viewed,
        }


def erase_entry_points(environment: Environment, pks: Sequence[int]) -> int:
    return _entry_points(environment, pks).delete()[0]


def _entry_points(environment: Environment, pks: Sequence[int]) -> QuerySet[EntryPointState]:
    return EntryPointState.objects.filter(environment=environment, user_id__in=list(pks))
