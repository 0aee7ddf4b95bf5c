"""The overview: how are we doing, and what needs me today?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns.console import attention, charts, feed, figures
from campaigns.console.figures import Day, Period, Progress, Total
from campaigns.console.phases import Phase, phase, schedule_words
from campaigns.models import Campaign
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.models import Environment

PERIODS = {"7": 7, "30": 30, "90": 90}
SHOWN = 6  # campaigns


@dataclass(frozen=True)
class Tile:
    """One figure, how it compares with the period before, and its line."""

    label: str
    value: str
    delta: str
    direction: str
    hint: str
    points: str


@dataclass(frozen=True)
class Row:
    """A campaign as tables show it."""

    campaign: Campaign
    phase: Phase
    schedule: str
    progress: Progress


@console("overview.view")
@require_GET
def overview(request: ConsoleRequest, env: Environment) -> HttpResponse:
    now = timezone.now()
    campaigns = list(Campaign.objects.filter(environment=env).order_by("-created_at"))
    ids = [campaign.pk for campaign in campaigns]
    days = PERIODS.get(request.GET.get("days", ""), 30)
    found = figures.period(env, ids, days=days, now=now)
    context = {
        "days": days,
        "periods": list(PERIODS.values()),
        "tiles": tiles(found, days),
        "chart": charts.bars(found.days),
        "as_table": request.GET.get("view") == "table",
        "rows": rows(campaigns, figures.progress(env, ids), now)[:SHOWN],
        "happenings": feed.newest(env, in_full=request.may("users.personal")),
        "attention": attention.items(env, campaigns, now),
        "has_played": bool(found.now.plays or found.before.plays),
    }
    part = "live" if request.GET.get("part") == "live" else "page"
    return render(request, f"console/overview/{part}.html", context)


def rows(campaigns: list[Campaign], progress: dict[UUID, Progress], now: datetime) -> list[Row]:
    """Running campaigns first, then what comes next, then the past."""
    order = list(Phase)
    made = [
        Row(each, phase(each, now), schedule_words(each, now), progress.get(each.pk, Progress()))
        for each in campaigns
    ]
    return sorted(made, key=lambda row: order.index(row.phase))


def tiles(found: Period, days: int) -> list[Tile]:
    now, before = found.now, found.before
    each = f"{now.plays / now.players:.1f} a player" if now.players else "no plays yet"
    past = found.days[:-1]  # a line of whole days: today's is not over, and would seem to fall
    return [
        _tile("Active players", now.players, before.players, days, [day.players for day in past]),
        _tile("Plays", now.plays, before.plays, days, [day.plays for day in past], fact=each),
        _tile("Rewards issued", now.rewards, before.rewards, days, [day.rewards for day in past]),
        _win_rate(now, before, [_rate(day) for day in past]),
    ]


def _tile(label: str, value: int, before: int, days: int, line: list[int], *, fact: str = "") -> Tile:
    delta, direction = _change(value, before)
    hint = _apart(delta, fact) if fact else _versus(value, before, days)
    return Tile(label, f"{value:,}", delta, direction, hint, charts.spark(line))


def _win_rate(now: Total, before: Total, line: list[float]) -> Tile:
    delta, direction = _difference(now.win_rate, before.win_rate) if now.plays else ("", "")
    value = f"{now.win_rate:.1f}%" if now.plays else "—"
    return Tile(
        "Win rate", value, delta, direction, _apart(delta, "of plays won a reward"), charts.spark(line)
    )


def _apart(delta: str, fact: str) -> str:
    """A fact of its own beside a comparison, not to be read as one sentence with it."""
    return f"· {fact}" if delta else fact


def _versus(value: int, before: int, days: int) -> str:
    if not before:
        return f"none in the {days} days before"
    return f"as in the previous {days} days" if value == before else f"vs previous {days} days"


def _change(value: int, before: int) -> tuple[str, str]:
    """In percent of the period before, or as a multiple of it; nothing to say if that was empty."""
    if not before or value == before:
        return "", ""
    if value >= 10 * before:
        return f"{value / before:.0f} times", "up"
    return f"{100 * abs(value - before) / before:.1f}%", "up" if value > before else "down"


def _difference(value: float, before: float) -> tuple[str, str]:
    """In points: a percentage of a percentage misleads."""
    if not before or round(value, 1) == round(before, 1):
        return "", ""
    return f"{abs(value - before):.1f} pt", "up" if value > before else "down"


def _rate(day: Day) -> float:
    return 100 * day.rewards / day.plays if day.plays else 0.0
