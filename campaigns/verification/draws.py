"""Every draw, drawn again: the ticket from the committed seed, and the outcome from the ticket.

The seeds are opened for this and shown to nobody.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from campaigns import entries
from campaigns.verification.invariants import Invariant
from glu_admin import config as configs
from rewards import fairness, odds, tables
from rewards.models import RewardTable
from rewards.outcomes import FrozenTable, FrozenVariant, Lot

PAGE = 5_000


class _Played(NamedTuple):
    id: UUID
    campaign_id: UUID
    glu_id: UUID
    attempt: int
    ticket: int | None
    variant_id: UUID
    table_id: UUID


def _seeds() -> tuple[int, Iterable[str]]:
    frozen = _frozen()
    wrong = (str(each.id) for each in frozen.values() if fairness.commitment(each.seed) != each.commitment)
    return len(frozen), wrong


def _draws() -> tuple[int, Iterable[str]]:
    frozen = _frozen()
    checked, wrong = 0, []
    for play in _plays():
        checked += 1
        if not _is_proved(frozen.get(play.table_id), play):
            wrong.append(str(play.id))
    return checked, wrong


def _frozen() -> dict[UUID, FrozenTable]:
    found: dict[UUID, FrozenTable] = {}
    rows = RewardTable.objects.filter(frozen_at__isnull=False).values_list("environment_id", "id")
    by_environment: dict[UUID, list[UUID]] = {}
    for environment_id, table_id in rows:
        by_environment.setdefault(environment_id, []).append(table_id)
    for environment_id, table_ids in by_environment.items():
        config = configs.get(environment_id)
        if config is not None:
            found |= tables.load(config, table_ids)
    return found


def _plays() -> Iterator[_Played]:
    """All plays that drew, page by page in order of their keys."""
    last = UUID(int=0)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                """
                SELECT p.id, p.campaign_id, u.glu_id, p.attempt, p.ticket, p.variant_id, v.table_id
                FROM campaigns_play p JOIN users_enduser u ON u.id = p.user_id
                JOIN rewards_variant v ON v.id = p.variant_id
                JOIN workspaces_environment e ON e.id = p.environment_id
                -- what a test user wished for in Test was not drawn
                WHERE NOT (p.ticket IS NULL AND e.kind = 'test') AND p.id > %s ORDER BY p.id LIMIT %s
                """,
                [last, PAGE],
            )
            page = [_Played(*row) for row in cursor.fetchall()]
            yield from page
            if len(page) < PAGE:
                return
            last = page[-1].id


def _is_proved(table: FrozenTable | None, play: _Played) -> bool:
    if table is None:
        return False
    name = str(entries.reward_user_id(play.campaign_id, play.glu_id, play.attempt))
    given = next((each for each in table.variants if each.id == play.variant_id), None)
    if given is None:
        return False
    # what was given tells the occasion; but a fallback stands in for those of every occasion
    lots = table.lots.values() if given.is_fallback else [table.lot(given.occasion)]
    return any(_is_drawn(table, lot, name, play.ticket, given) for lot in lots)


def _is_drawn(table: FrozenTable, lot: Lot, name: str, noted: int | None, given: FrozenVariant) -> bool:
    if not lot.total:
        return False
    ticket = fairness.ticket(table.seed, name, lot.total)
    drawn = lot.variants[odds.pick(lot.weights, ticket)]
    # what has run out gives the fallback, and only what can run out does
    stood_in = given.is_fallback and (drawn.pool_id or drawn.stock_id)
    return ticket == noted and (given.id == drawn.id or bool(stood_in))


INVARIANTS = [
    Invariant("draws.committed", "A table's seed is the one that was committed to.", _seeds),
    Invariant(
        "draws.proved",
        "Every ticket follows from the seed, and every outcome from its ticket.",
        _draws,
    ),
]
