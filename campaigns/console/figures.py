"""The console's figures, by SQL: plays and rewards per day, who took part, how it compares.

Days are dates in the workspace's zone. Counts of participations come from their counters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.console import sql
from glu_admin.workspaces.models import Environment


@dataclass(frozen=True)
class Day:
    date: date
    players: int = 0
    plays: int = 0
    rewards: int = 0


@dataclass(frozen=True)
class Total:
    players: int
    plays: int
    rewards: int

    @property
    def win_rate(self) -> float:
        return 100 * self.rewards / self.plays if self.plays else 0.0


@dataclass(frozen=True)
class Period:
    """The days of a period, oldest first, with its totals and those of the period before."""

    days: list[Day]
    now: Total
    before: Total


@dataclass(frozen=True)
class Progress:
    """How far people came in one campaign."""

    opened: int = 0
    players: int = 0
    plays: int = 0
    winners: int = 0
    wins: int = 0

    @property
    def win_rate(self) -> float:
        return 100 * self.wins / self.plays if self.plays else 0.0


# one row a day, and one row (without a day) for each of the two periods
_PERIOD = """
    SELECT grouping(p.day), p.day, p.is_now, count(DISTINCT p.user_id), count(*), count(p.reward_id)
    FROM (
        SELECT (played_at AT TIME ZONE %(zone)s)::date AS day, played_at >= %(middle)s AS is_now,
               user_id, reward_id
        FROM campaigns_play
        WHERE environment_id = %(environment)s AND campaign_id = ANY(%(campaigns)s)
          AND played_at >= %(start)s
    ) p
    GROUP BY GROUPING SETS ((p.is_now, p.day), (p.is_now))
"""
_PROGRESS = """
    SELECT campaign_id, count(*) FILTER (WHERE status <> 'pristine'), count(*) FILTER (WHERE plays > 0),
           coalesce(sum(plays), 0), count(*) FILTER (WHERE wins > 0), coalesce(sum(wins), 0)
    FROM campaigns_participation
    WHERE environment_id = %(environment)s AND campaign_id = ANY(%(campaigns)s)
    GROUP BY campaign_id
"""


def period(env: Environment, campaigns: Sequence[UUID], *, days: int, now: datetime) -> Period:
    """The last `days` days with today, in the workspace's zone, and the same number before them."""
    zone = ZoneInfo(env.workspace.time_zone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    found = sql.rows(
        _PERIOD,
        environment=env.id,
        campaigns=list(campaigns),
        zone=str(zone),
        middle=_midnight(first, zone),
        start=_midnight(first - timedelta(days=days), zone),
    )
    by_day = {row[1]: Day(row[1], *row[3:]) for row in found if not row[0]}
    totals = {row[2]: Total(*row[3:]) for row in found if row[0]}
    dates = [first + timedelta(days=n) for n in range(days)]
    empty = Total(0, 0, 0)
    return Period(
        [by_day.get(each, Day(each)) for each in dates], totals.get(True, empty), totals.get(False, empty)
    )


def progress(env: Environment, campaigns: Sequence[UUID]) -> dict[UUID, Progress]:
    """How far people came in each of these campaigns."""
    rows = sql.rows(_PROGRESS, environment=env.id, campaigns=list(campaigns))
    return {row[0]: Progress(*map(int, row[1:])) for row in rows}


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
