"""Streak: something done day after day, or on so many days of each week, with rewards on the way.

A day is a calendar date where the person is, and counts once, by an event or a check-in. What has
arrived late counts for the day on which it happened. See chain.py for what becomes of missed days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from campaigns.types import days, moves, triggers
from campaigns.types.base import (
    ANY,
    CampaignType,
    Config,
    ConfigError,
    Happening,
    Headline,
    Moment,
    NotAllowed,
    Occasion,
    Outcome,
    State,
    Step,
    Way,
)
from campaigns.types.streak import chain as chains
from campaigns.types.streak import merging, settings, shown
from campaigns.types.streak.chain import REPAIRED, Chain
from campaigns.types.streak.settings import DAY
from campaigns.types.words import in_english

FIELDS = ("do", "day")
DAYS_A_WEEK = 7
JUST_NOW = timedelta(minutes=5)  # a check-in that was on its way at midnight counts for its day


class Streak(CampaignType):
    slug = "streak"
    label = "Streak"
    page = "program"
    verb = "Check in"
    about = "People do something day after day and are rewarded on the way."
    rank = 100
    is_redrawn = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        settings.check(config)
        if not any(each.is_prize for each in outcomes):
            raise ConfigError("outcomes", "Give a reward for one of the milestones at least.")
        named = {each.occasion for each in outcomes} - {ANY}
        for bare in [each.label for each in self.occasions(config) if named and each.key not in named]:
            raise ConfigError("outcomes", f"Give outcomes to “{bare}”, or take it off the milestones.")

    def defaults(self) -> dict[str, Any]:
        return settings.defaults()

    def start(self, config: Config) -> State:
        return {}

    def occasions(self, config: Config) -> tuple[Occasion, ...]:
        return settings.occasions(config)

    def listens(self, config: Config) -> frozenset[str]:
        trigger = settings.trigger(config)
        return triggers.names(trigger) if trigger else frozenset()

    def happened(self, config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
        trigger = settings.trigger(config)
        if trigger is None or state.get("over") or not triggers.matches(trigger, happening):
            return None
        at = min(happening.at, moment.now)
        chain = _reached(config, state, moment) or _begun(config, at, moment)
        day, mends = _day_for(config, chain, at, moment.now), _is_today(chain, at, moment.now)
        if day is None and not (mends and shown.repair(config, chain)):
            return None
        _count(config, chain, day, mends=mends)
        drawn = _pay(config, chain)
        while day and chain.bridge(chain.pace.unit(day)):
            drawn += _pay(config, chain, drawn=drawn)
        return _step(config, chain, drawn)

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        moves.check_fields(action, FIELDS)
        if state.get("over"):
            raise NotAllowed("This streak is complete. What you have won is in your wallet.")
        chain = _reached(config, state, moment)
        match action.get("do"):
            case None | "" | "check-in":
                return _checked_in(config, state, chain, action, moment)
            case "pause":
                return _paused(config, state, chain)
            case "resume":
                return _resumed(config, state, chain)
        raise NotAllowed("This can't be done now.")

    def way(self, config: Config, state: State, moment: Moment) -> Way | None:
        chain = _reached(config, state, moment)
        return Way(shown.place(config, chain.length) if chain else 0, config["milestones"][-1])

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        chain = _reached(config, state, moment)
        return shown.headline(config, chain, is_over=bool(state.get("over"))) if chain else None

    def card(self, config: Config, state: State, moment: Moment) -> str:
        said = self.headline(config, state, moment)
        return in_english(said.title, said.values) if said else ""

    def button(self, config: Config, state: State, moment: Moment) -> str:
        chain = _reached(config, state, moment)
        if chain and not state.get("over") and chain.earn(config):
            return "Get my reward"
        may = settings.checks_in(config) and not state.get("over")
        return self.verb if may and not (chain and chain.day in chain.marks) else ""

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        chain = _reached(config, state, moment) or _begun(config, moment.now, moment)
        return shown.view(config, chain, outcomes, is_over=bool(state.get("over")))

    def finished(self, config: Config, moment: Moment, *, won: bool) -> State:
        """Something counted on each day up to the first milestone."""
        goal = config["milestones"][0]
        length = goal if config["period"] == DAY else goal * DAYS_A_WEEK
        first = moment.now - timedelta(days=length - 1)
        chain = _begun(config, first, replace(moment, now=first))
        for passed in range(length):
            at = first + timedelta(days=passed)
            chain.reach(at, moment.zone)
            if chain.length < goal:
                chain.mark(days.of(at, moment.zone), config["freezes"])
        return chains.dump(config, chain)

    def merge(self, state: State, other: State) -> State:
        return merging.merged(state, other)

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """The milestone is the last one that was paid; the page says how long the streak is."""
        chain = chains.load(config, state) if state else None
        return {"length": chain.length if chain else 0, "period": config["period"]}


def _begun(config: Config, at: datetime, moment: Moment) -> Chain:
    chain = chains.begun(config, days.of(at, moment.zone), moment.zone)
    chain.reach(moment.now, moment.zone)
    return chain


def _reached(config: Config, state: State, moment: Moment) -> Chain | None:
    """The chain as it is at this moment; None if nothing has counted yet. What is over stays."""
    if not state:
        return None
    chain = chains.load(config, state)
    if not state.get("over"):
        chain.reach(moment.now, moment.zone)
    return chain


def _is_today(chain: Chain, at: datetime, now: datetime) -> bool:
    return days.of(at, chain.zone) == days.of(now, chain.zone)


def _day_for(config: Config, chain: Chain, at: datetime, now: datetime) -> date | None:
    """The date that something counts for; None if it has come too late, or the date counts already.

    Whoever has moved since may have meant a date of where they were; and one who has gone back to a
    date that counts already does it for the newest date that they had reached.
    """
    grace = timedelta(hours=config["grace_hours"])
    zones = [chain.zone]
    if chain.before and chain.moved and at < chain.moved:
        zones.append(chain.before)
    for zone in zones:
        day = days.of(at, zone)
        if day not in chain.marks and now <= days.ends(day, zone) + grace:
            return day
    is_behind = _is_today(chain, at, now) and days.of(now, chain.zone) < chain.day
    return chain.day if is_behind and chain.day not in chain.marks else None


def _count(config: Config, chain: Chain, day: date | None, *, mends: bool) -> None:
    """Let the day count, and what has been done today mend what was missed."""
    if mends and shown.repair(config, chain):
        chain.mend += 1
    if day is not None:
        chain.mark(day, config["freezes"])
    if chain.mend >= config["repair_times"] and (gap := shown.repairable(config, chain)):
        chain.kept |= dict.fromkeys(gap, REPAIRED)
        chain.mend = 0


def _pay(
    config: Config, chain: Chain, *, most: int = settings.MOST_MILESTONES, drawn: Sequence[str] = ()
) -> list[str]:
    """Give what is due, each milestone once a step: what is due twice waits for the next one."""
    due = [name for name in chain.earn(config) if name not in drawn][:most]
    for name in due:
        chain.pay(config, name)
    return due


def _step(config: Config, chain: Chain, drawn: Sequence[str]) -> Step:
    over = chain.is_complete(config)
    state = chains.dump(config, chain) | ({"over": True} if over else {})
    return Step(state, draws=tuple(drawn), ends=bool(drawn), completed=over)


def _checked_in(
    config: Config, state: State, chain: Chain | None, action: Mapping[str, Any], moment: Moment
) -> Step:
    """A check-in, or the press that fetches a reward which is due. An action draws once."""
    chain = chain or _begun(config, moment.now, moment)
    at = _pressed_at(action.get("day"), chain, moment) if settings.checks_in(config) else None
    day = _day_for(config, chain, at, moment.now) if at else None
    if day is not None and at is not None:
        _count(config, chain, day, mends=_is_today(chain, at, moment.now))
    drawn = _pay(config, chain, most=1)
    if day is None and not drawn:
        if not settings.checks_in(config):
            raise NotAllowed("Here is nothing to press: each day counts by itself when you have done it.")
        return Step(state, ends=False)
    return _step(config, chain, drawn)


def _pressed_at(named: object, chain: Chain, moment: Moment) -> datetime | None:
    """When a check-in was made; None for one of a day that is over.

    A page names the day that it shows, so that one which is sent again tomorrow is not tomorrow's.
    """
    if named is None or named == "":
        return moment.now
    try:
        day = date.fromisoformat(str(named))
    except ValueError:
        raise NotAllowed("Name the day such as 2026-05-04, or leave it out: it is today.") from None
    today = days.of(moment.now, chain.zone)
    if day > max(today, chain.day):
        raise NotAllowed("This day has not begun yet.")
    if day in (today, chain.day):
        return moment.now
    midnight = days.begins(today, chain.zone)
    is_fresh = day == today - days.ONE and moment.now - midnight < JUST_NOW
    return midnight - timedelta(seconds=1) if is_fresh else None


def _paused(config: Config, state: State, chain: Chain | None) -> Step:
    if chain is None or not config["pause_days"] or not chain.length:
        raise NotAllowed("There is no streak to pause.")
    if chain.pause and chain.day < chain.pause[1]:
        return Step(state, ends=False)
    if not shown.may_pause(config, chain):
        raise NotAllowed("You have paused not long ago. A new pause is possible a month after the last one.")
    first = chain.day + days.ONE if chain.day in chain.marks else chain.day
    chain.pause = (first, first + config["pause_days"] * days.ONE)
    return _step(config, chain, ())


def _resumed(config: Config, state: State, chain: Chain | None) -> Step:
    if chain is None or chain.pause is None or chain.day >= chain.pause[1]:
        return Step(state, ends=False)
    first = chain.pause[0]
    chain.pause = (first, chain.day) if first < chain.day else None
    return _step(config, chain, ())


TYPE = Streak()
