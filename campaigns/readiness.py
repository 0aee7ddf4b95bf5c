"""What must be right before people play: the launch checklist, run by machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns import ways
from campaigns.catalog import as_outcome
from campaigns.drafts import CampaignError, draft_of, fields_of
from campaigns.models import Campaign
from campaigns.types import get_type
from campaigns.types.base import ANY, CampaignType, Config, ConfigError
from rewards import tables
from rewards.models import Variant
from rewards.tables import FrozenVariant
from users.models import Segment

ODDS = "Prizes and odds"
AFTER = "earning.after"  # the editor's field


@dataclass(frozen=True)
class Check:
    """One line of the checklist; `message` says what is right, or what to mend; `field` is the setting
    of the editor that is to be mended, "" where it is none."""

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
        _details(campaign),
        _check(
            ODDS, "The odds add up, and what can run out has a fallback.", _odds(campaign, now), "outcomes"
        ),
        _game(campaign),
        _check("Schedule", "The dates lie ahead.", _schedule(campaign, now), "ends_at"),
        *([_follows(campaign, now)] if ways.read(campaign.earning).after else []),
    ]


def refuse_unready(results: Sequence[Check]) -> None:
    """Raise NotReady unless every check is passed."""
    if not all(check.ok for check in results):
        raise NotReady(results)


def _check(name: str, good: str, problems: list[str], field: str) -> Check:
    return Check(name, not problems, " ".join(problems) or good, field)


def _details(campaign: Campaign) -> Check:
    try:
        fields_of(draft_of(campaign))
    except CampaignError as error:
        return Check("Details", False, error.message, error.field)
    return Check("Details", True, "Everything is filled in.")


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
    if _gone(campaign, kind.segments(campaign.config)):
        return Check("Game", False, "The segment that it waits for is gone. Choose another one.", "segment")
    return _check("Game", "The game fits its outcomes.", strays(kind, campaign.config, variants), "outcomes")


def _gone(campaign: Campaign, segments: frozenset[str]) -> bool:
    there = Segment.objects.filter(environment_id=campaign.environment_id).values_list("id", flat=True)
    return bool(segments) and not segments <= {str(each) for each in there}


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


def _follows(campaign: Campaign, now: datetime) -> Check:
    """Whether the campaign that opens this one, or gives plays of it, is there for people to finish."""
    problem = _chain(campaign, now)
    return Check("Follows", not problem, problem or "The campaign before it can be finished.", AFTER)


def _chain(campaign: Campaign, now: datetime) -> str:
    first = _before(campaign)
    if first is None:
        return "The campaign that this one follows is gone. Choose another one, or none."
    if first.pk == campaign.pk:
        return "A campaign can't follow itself. Choose another one, or none."
    if first.status == Campaign.Status.DRAFT:
        return f"“{first.name}” comes first, and is a draft. Launch it before this one."
    if first.status == Campaign.Status.ENDED or (first.ends_at and first.ends_at <= now):
        return f"“{first.name}” comes first, and has ended. Choose another one, or none."
    if first.ends_at and campaign.starts_at and first.ends_at <= campaign.starts_at:
        return f"“{first.name}” comes first, and ends before this one starts. Change one of the dates."
    return _circle(campaign, first)


def _circle(campaign: Campaign, first: Campaign) -> str:
    """In a ring where each opens the next, nobody could ever begin."""
    passed, each = {campaign.pk}, campaign
    while ways.read(each.earning).unlocks and (before := _before(each)) is not None:
        if before.pk == campaign.pk:
            return f"“{first.name}” waits for this campaign itself, so neither could begin. Choose another."
        if before.pk in passed:
            break
        passed.add(before.pk)
        each = before
    return ""


def _before(campaign: Campaign) -> Campaign | None:
    after = ways.read(campaign.earning).after
    found = Campaign.objects.filter(environment_id=campaign.environment_id)
    return found.filter(pk=after).first() if after else None
