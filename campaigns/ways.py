"""How people come into a campaign, and what earns them more plays: the campaign's `earning`, read.

Pure. {"extraPlays": [{"trigger": {…}, "plays": 1, "mostADay": 3}], "after": {"campaign": id,
"gives": "unlock" | "play"}, "accept": bool, "tracking": "always" | "fetch" | "open",
"coolDownHours": int, "priority": int}; all of it may be left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from campaigns.eligibility import Progress, local_day
from campaigns.types import triggers
from campaigns.types.base import ConfigError, Happening, Moment

TRACKING = {
    "always": "From the launch on",
    "fetch": "Once the app has shown it to them",
    "open": "Once they have opened it",
}
GIVES = {"unlock": "They may begin this one", "play": "They get one more play of this one"}
COMPLETED = "glu.campaign_completed"
FINISHED = "finishedAt"  # kept when it is begun again: what it opened stays open
MOST_EXTRA, MOST_PLAYS, MOST_HOURS, MOST_PRIORITY = 5, 100, 24 * 365, 1_000
KEYS = {"extraPlays", "after", "accept", "tracking", "coolDownHours", "priority"}


@dataclass(frozen=True)
class ExtraPlays:
    """An event that earns more plays; `most` a day, None: as often as it happens."""

    trigger: Mapping[str, Any]
    plays: int
    most: int | None


@dataclass(frozen=True)
class Ways:
    extra: tuple[ExtraPlays, ...] = ()
    after: UUID | None = None
    gives: str = "unlock"
    accept: bool = False
    tracking: str = "always"
    cool_down: timedelta = timedelta(0)
    priority: int = 0

    @property
    def unlocks(self) -> bool:
        """Whether another campaign has to be completed first."""
        return self.after is not None and self.gives == "unlock"


PLAIN = Ways()


def read(said: Mapping[str, Any]) -> Ways:
    """The stored settings, which were checked when they were written."""
    if not said:
        return PLAIN
    after = said.get("after") or {}
    return Ways(
        extra=tuple(
            ExtraPlays(each["trigger"], each["plays"], each.get("mostADay"))
            for each in said.get("extraPlays", ())
        ),
        after=UUID(after["campaign"]) if after else None,
        gives=after.get("gives", "unlock"),
        accept=said.get("accept", False),
        tracking=said.get("tracking", "always"),
        cool_down=timedelta(hours=said.get("coolDownHours", 0)),
        priority=said.get("priority", 0),
    )


def check(said: object) -> None:
    """Raise ConfigError unless these are settings that `read` understands."""
    if not isinstance(said, dict) or not said.keys() <= KEYS:
        raise ConfigError("earning", f"The keys are {', '.join(sorted(KEYS))}.")
    extra = said.get("extraPlays", [])
    if not isinstance(extra, list) or len(extra) > MOST_EXTRA:
        raise ConfigError("earning", f"Up to {MOST_EXTRA} events earn more plays.")
    for each in extra:
        _check_extra(each)
    _check_after(said.get("after"))
    if not isinstance(said.get("accept", False), bool):
        raise ConfigError("earning", "accept is true or false.")
    if said.get("tracking", "always") not in TRACKING:
        raise ConfigError("earning", f"tracking is {', '.join(TRACKING)}.")
    _check_number(said.get("coolDownHours", 0), "coolDownHours", 0, MOST_HOURS)
    _check_number(said.get("priority", 0), "priority", -MOST_PRIORITY, MOST_PRIORITY)


def names(ways: Ways) -> frozenset[str]:
    """The events that earn more plays."""
    found = frozenset[str]().union(*(triggers.names(each.trigger) for each in ways.extra))
    return found | {COMPLETED} if ways.after and ways.gives == "play" else found


def is_tracked(ways: Ways, progress: Progress | None) -> bool:
    """Whether what this person does counts yet."""
    if ways.accept:
        return progress is not None and "acceptedAt" in progress.ways
    if ways.tracking == "fetch":
        return progress is not None
    return ways.tracking != "open" or (progress is not None and progress.status != "pristine")


def earned(ways: Ways, progress: Progress, happening: Happening, moment: Moment) -> Progress:
    """The progress with the plays that an event earns; the same if it earns none."""
    after = progress
    for number, rule in enumerate(ways.extra):
        if triggers.matches(rule.trigger, happening):
            after = _with_plays(after, str(number), rule, moment)
    if ways.gives == "play" and ways.after and happening.name == COMPLETED:
        key = f"after:{ways.after}"
        if happening.properties.get("campaign") == str(ways.after) and key not in after.ways:
            gained = {**after.ways, key: moment.now.isoformat()}
            after = replace(after, extra_plays=after.extra_plays + 1, ways=gained)
    return after


def _with_plays(progress: Progress, key: str, rule: ExtraPlays, moment: Moment) -> Progress:
    """`ways.extra` counts how often each rule gave plays on its newest day."""
    counts = progress.ways.get("extra", {})
    day, times = counts.get(key, ["", 0])
    today = str(local_day(moment.zone, None, moment.now))
    times = times if day == today else 0
    if rule.most is not None and times >= rule.most:
        return progress
    counted = {**progress.ways, "extra": {**counts, key: [today, times + 1]}}
    return replace(progress, extra_plays=progress.extra_plays + rule.plays, ways=counted)


def completed(ways: Ways, progress: Progress, at: datetime) -> Progress:
    """The progress, with the moment from which it rests, where it does."""
    if not ways.cool_down:
        return progress
    return replace(progress, ways={**progress.ways, "completedAt": at.isoformat()})


def is_rested(ways: Ways, progress: Progress | None, at: datetime) -> bool:
    """Whether somebody who has completed it may begin it again."""
    done = progress.ways.get("completedAt") if progress else None
    return bool(ways.cool_down) and bool(done) and datetime.fromisoformat(str(done)) + ways.cool_down <= at


def begun_again(ways: Ways, progress: Progress, start: Mapping[str, Any], at: datetime) -> Progress:
    """The progress of a beginning, for somebody who has completed it and has rested; else the same."""
    if progress.status != "completed" or not is_rested(ways, progress, at):
        return progress
    kept = {key: value for key, value in progress.ways.items() if key != "completedAt"}
    kept.setdefault(FINISHED, progress.ways["completedAt"])
    return replace(progress, status="in-progress", state=start, ways=kept)


def merged(noted: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What is noted of a user with what is noted of the visitor: of two moments the first, of two
    counts of a rule those of the newest day, together if it is the same."""
    counts: dict[str, list[Any]] = dict(other.get("extra", {}))
    for key, (day, times) in noted.get("extra", {}).items():
        others = counts.get(key, ["", 0])
        both = times + others[1] if day == others[0] else times
        counts[key] = list(others) if others[0] > day else [day, both]
    found = {**other, **noted}
    found |= {key: min(noted[key], other[key]) for key in noted.keys() & other.keys() if key != "extra"}
    return found | {"extra": counts} if counts else found


def _check_extra(said: object) -> None:
    if not isinstance(said, dict) or not said.keys() <= {"trigger", "plays", "mostADay"}:
        raise ConfigError("earning", 'Write {"trigger": {…}, "plays": 1, "mostADay": 3}.')
    triggers.check(said.get("trigger"), "earning")
    _check_number(said.get("plays"), "plays", 1, MOST_PLAYS)
    if said.get("mostADay") is not None:
        _check_number(said["mostADay"], "mostADay", 1, MOST_PLAYS)


def _check_after(said: object) -> None:
    if said is None:
        return
    if not isinstance(said, dict) or said.keys() != {"campaign", "gives"} or said["gives"] not in GIVES:
        raise ConfigError("earning", 'Write after as {"campaign": "<id>", "gives": "unlock" or "play"}.')
    try:
        UUID(str(said["campaign"]))
    except ValueError:
        raise ConfigError("earning", "Name the campaign to finish first by its id.") from None


def _check_number(value: object, name: str, least: int, most: int) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool)
    if not fits or not least <= value <= most:  # type: ignore[operator]  # it is a number here
        raise ConfigError("earning", f"{name} is a whole number from {least} to {most}.")
