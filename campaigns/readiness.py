"""What must be right before people play: the launch checklist, run by machine."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.catalog import as_outcome
from campaigns.drafts import CampaignError, draft_of, fields_of
from campaigns.models import Campaign
from campaigns.types import get_type
from campaigns.types.base import ANY, CampaignType, Config, ConfigError
from rewards import tables
from rewards.models import Variant
from rewards.tables import FrozenVariant

ODDS = "Prizes and odds"


@dataclass(frozen=True)
class Check:
    """One line of the checklist; `message` says what is right, or what to mend; `field` is the setting
    of the game that is to be mended, "" where it is none."""

    name: str
    ok: bool
    message: str
    field: str = ""


class NotReady(Exception):
    """The campaign can't be launched; `checks` holds the whole checklist."""

    def __init__(self, checks: Sequence[Check]) -> None:
        super().__init__(" ".join(check.message for check in checks if not check.ok))
        self.checks = tuple(checks)


def checks(campaign: Campaign, now: datetime) -> list[Check]:
    """Every check, passed or not, in the order of the editor's steps."""
    return [
        _check("Details", "Everything is filled in.", lambda: _details(campaign)),
        _check(
            ODDS,
            "The odds add up, and what can run out has a fallback.",
            lambda: _odds(campaign, now),
        ),
        _game(campaign),
        _check("Schedule", "The dates lie ahead.", lambda: _schedule(campaign, now)),
    ]


def refuse_unready(results: Sequence[Check]) -> None:
    """Raise NotReady unless every check is passed."""
    if not all(check.ok for check in results):
        raise NotReady(results)


def _check(name: str, good: str, find: Callable[[], list[str]]) -> Check:
    problems = find()
    return Check(name, not problems, " ".join(problems) or good)


def _details(campaign: Campaign) -> list[str]:
    try:
        fields_of(draft_of(campaign))
    except CampaignError as error:
        return [error.message]
    return []


def _odds(campaign: Campaign, now: datetime) -> list[str]:
    return [problem.message for problem in tables.check(campaign.table, now=now)]


def _game(campaign: Campaign) -> Check:
    variants = campaign.table.variants.order_by("position")
    outcomes = [as_outcome(FrozenVariant.of(row)) for row in variants]
    try:
        kind = get_type(campaign.type)
        kind.check(campaign.config, outcomes)
    except ConfigError as error:
        return Check("Game", False, str(error), error.field)
    except KeyError:
        return Check("Game", False, f"There is no game called {campaign.type}.")
    return _check("Game", "The game fits its outcomes.", lambda: strays(kind, campaign.config, variants))


def strays(kind: CampaignType, config: Config, variants: Iterable[Variant]) -> list[str]:
    """Outcomes that nothing in the game leads to. The fallback may belong to no occasion: it stands in."""
    keys = {each.key for each in kind.occasions(config)} or {ANY}
    return [
        f"“{each.name}” is for something that this game does not reward any more. Choose what it is for."
        for each in variants
        if each.occasion not in keys and not (each.is_fallback and each.occasion == ANY)
    ]


def _schedule(campaign: Campaign, now: datetime) -> list[str]:
    if campaign.ends_at and campaign.ends_at <= now:
        return ["The end date has passed. Set a later one."]
    return []
