"""What the page and the headline of a streak say: its days, its deadline, what waits on the way. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from campaigns.types import days
from campaigns.types.base import Config, Headline, Outcome
from campaigns.types.streak import settings
from campaigns.types.streak.chain import Chain
from campaigns.types.streak.settings import DAY, REPEATS
from campaigns.types.words import Plural

WEEKS_BACK, WEEKS_AHEAD = 2, 2
MONTH = timedelta(days=30)
ALL_DAYS = Plural("%(total)s day done", "All %(total)s days done", by="total")
ALL_WEEKS = Plural("%(total)s week done", "All %(total)s weeks done", by="total")
LAST_MINUTE = timedelta(minutes=1)
MOST_NAMES = 3
EXPLAINED = ("done", "today", "missed", "frozen", "paused", "repaired", "moved", "locked")


def place(config: Config, length: int) -> int:
    """How far a streak of this length is on the way to the last milestone."""
    last: int = config["milestones"][-1]
    if config["after"] == REPEATS and length:
        return (length - 1) % last + 1
    return min(length, last)


def headline(config: Config, chain: Chain, *, is_over: bool) -> Headline:
    total, length = config["milestones"][-1], chain.length
    is_daily = config["period"] == DAY
    if is_over:
        return Headline(
            ALL_DAYS if is_daily else ALL_WEEKS, "What you have won is in your wallet.", {"total": total}
        )
    if chain.is_paused:
        return Headline("Your streak is paused", "Nothing is lost: it goes on when you do.")
    if not length and repair(config, chain):
        return Headline("You can still save your streak", "Look below for how.")
    if not length:
        return Headline("A new streak begins", "Every streak begins with one day." if is_daily else "")
    values = {"day": place(config, length if chain.is_done_now else length + 1), "total": total}
    values["next"] = values["day"] + left(config, chain)
    text = "The next reward: day %(next)s" if is_daily else "The next reward: week %(next)s"
    if chain.is_done_now:
        done = "Day %(day)s of %(total)s: done" if is_daily else "Week %(day)s of %(total)s: done"
        return Headline(done, text if values["next"] > values["day"] else "", values)
    open_ = "Day %(day)s of %(total)s" if is_daily else "Week %(day)s of %(total)s"
    now = "Today brings a reward" if is_daily else "This week brings a reward"
    return Headline(open_, text if values["next"] > values["day"] else now, values)


def left(config: Config, chain: Chain) -> int:
    """How many units lie between the present one and the next milestone."""
    now = place(config, chain.length if chain.is_done_now else chain.length + 1)
    ahead = [each for each in config["milestones"] if each > now or (each == now and not chain.is_done_now)]
    return ahead[0] - now if ahead else 0


def view(config: Config, chain: Chain, outcomes: Sequence[Outcome], *, is_over: bool) -> dict[str, Any]:
    unit = chain.pace.unit(chain.day)
    ends = days.ends(chain.pace.last_day(unit), chain.zone)
    runs, rows = chain.runs(), _rows(config, chain, is_over=is_over)
    there = {each["state"] for row in rows for each in row}
    is_open = not is_over and not chain.is_paused
    return {
        "period": config["period"],
        "today": chain.day.isoformat(),
        "isOver": is_over,
        "isDone": chain.is_done_now,
        "length": runs[-1],
        "best": max(chain.best, *runs),
        "until": _text(ends - LAST_MINUTE) if is_open and not chain.is_done_now else None,
        "opens": _text(ends) if is_open and chain.is_done_now else None,
        "done": sum(day in chain.marks for day in _days_of(unit, chain.pace.length)),
        "goal": chain.pace.goal,
        "held": chain.held,
        "freezes": config["freezes"],
        "freezesAtMilestones": config["freezes_at_milestones"],
        "source": config["source"],
        "rows": rows,
        "states": [each for each in EXPLAINED if each in there],
        "weeks": [] if config["period"] == DAY else _weeks(chain, is_over=is_over),
        "milestones": _milestones(config, chain, outcomes),
        "repair": None if is_over else repair(config, chain),
        "pause": None if is_over else _pause(config, chain),
    }


def repairable(config: Config, chain: Chain) -> list[date]:
    """The units that were missed and can still be made good."""
    gap = chain.lost() if config["repair_days"] else []
    return gap if gap and chain.day <= _last_day(config, chain, gap) else []


def repair(config: Config, chain: Chain) -> dict[str, Any] | None:
    gap = repairable(config, chain)
    if not gap:
        return None
    return {
        "lost": chain.runs(before=gap[0])[-1],
        "times": config["repair_times"] - chain.mend,
        "until": _text(days.ends(_last_day(config, chain, gap), chain.zone) - LAST_MINUTE),
    }


def may_pause(config: Config, chain: Chain) -> bool:
    if not config["pause_days"] or not chain.length:
        return False
    return chain.pause is None or chain.day >= max(chain.pause[0] + MONTH, chain.pause[1])


def _last_day(config: Config, chain: Chain, gap: Sequence[date]) -> date:
    given: int = config["repair_days"]
    return chain.pace.last_day(gap[0]) + given * days.ONE


def _pause(config: Config, chain: Chain) -> dict[str, Any] | None:
    if chain.pause and chain.day < chain.pause[1]:
        began, goes_on = (days.begins(each, chain.zone) for each in chain.pause)
        return {"isOn": True, "began": _text(began), "until": _text(goes_on), "days": config["pause_days"]}
    return {"isOn": False, "days": config["pause_days"]} if may_pause(config, chain) else None


def _milestones(config: Config, chain: Chain, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    now, listed = place(config, chain.length), []
    for each in config["milestones"]:
        of_it = [one.name for one in outcomes if one.occasion == settings.key(config, each) and one.is_prize]
        was_given = config["after"] != REPEATS and settings.key(config, each) in chain.paid
        listed.append(
            {
                "at": each,
                "isReached": now >= each or was_given,
                "rewards": of_it if len(of_it) <= MOST_NAMES else [],
                "isSecret": len(of_it) > MOST_NAMES,
            }
        )
    return listed


def _rows(config: Config, chain: Chain, *, is_over: bool) -> list[list[dict[str, Any]]]:
    """Whole weeks of days: what lies behind, this week, and those up to the next milestone."""
    begins_on, today = config["week_begins"], chain.day
    this_week = days.week_of(today, begins_on)
    known = [*chain.marks, *chain.kept, today]
    first = max(days.week_of(min(known), begins_on), this_week - WEEKS_BACK * 7 * days.ONE)
    ahead = 0 if is_over or config["period"] != DAY else left(config, chain)
    last = min(days.week_of(today + ahead * days.ONE, begins_on), this_week + WEEKS_AHEAD * 7 * days.ONE)
    began = min(known)
    return [
        [{"date": day.isoformat(), "state": _state(chain, day, began, is_over=is_over)} for day in week]
        for week in _weeks_between(first, last)
    ]


def _weeks_between(first: date, last: date) -> Iterator[list[date]]:
    while first <= last:
        yield _days_of(first, 7)
        first += 7 * days.ONE


def _days_of(first: date, count: int) -> list[date]:
    return [first + n * days.ONE for n in range(count)]


def _state(chain: Chain, day: date, began: date, *, is_over: bool) -> str:
    """ "rest" is a day on which nothing was asked for: before the beginning, or of a week that counts."""
    unit = chain.pace.unit(day)
    if day in chain.marks:
        return "done"
    if day > chain.day:
        return "rest" if is_over else "locked"
    if day == chain.day:
        return "paused" if chain.is_paused else "rest" if is_over else "today"
    if unit in chain.kept:
        return chain.kept[unit]
    return "missed" if day >= began and chain.is_missed(unit) and chain.pace.length == 1 else "rest"


def _weeks(chain: Chain, *, is_over: bool) -> list[dict[str, Any]]:
    """The last weeks and the present one, oldest first."""
    listed = []
    began = chain.pace.unit(min([*chain.marks, *chain.kept, chain.day]))
    for unit in [each for each in chain.units() if each >= began][-4:]:
        is_now = unit == chain.pace.unit(chain.day)
        state = "today" if is_now and not is_over else "missed"
        state = "done" if chain.is_done(unit) else chain.kept.get(unit, state)
        count = min(sum(day in chain.marks for day in _days_of(unit, 7)), chain.pace.goal)
        last = chain.pace.last_day(unit).isoformat()
        listed.append({"first": unit.isoformat(), "last": last, "state": state, "done": count})
    return listed


def _text(moment: datetime) -> str:
    return moment.isoformat()
