"""What a new campaign begins as, the choice of its type, and what changes with another choice.

What nobody changed was the type's own suggestion, and becomes the other type's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from django.http import QueryDict

from campaigns.console.outcome_form import Raw, raw_rows, rows_of
from campaigns.drafts import CampaignDraft
from campaigns.types import all_types
from campaigns.types.base import GAMES, PROGRAMS, SKILL, CampaignType
from glu_admin.workspaces.models import Environment
from rewards.outcomes import OutcomeDraft

GROUPS = (GAMES, SKILL, PROGRAMS)
LIMITS = ("plays_a_day", "plays_in_all")
TOLD = ("name", "chance", "reward_type", "amount", "body")  # of an outcome, what a marketer would change


@dataclass(frozen=True)
class Choice:
    """One type among those to choose from."""

    slug: str
    label: str
    about: str
    group: str

    @property
    def icon(self) -> str:
        return f"types/{self.slug}/icon.html"


def choices() -> list[tuple[str, list[Choice]]]:
    """All types under their headings."""
    found = [Choice(each.slug, each.label, each.about, group_of(each)) for each in all_types().values()]
    headings = [*GROUPS, *sorted({each.group for each in found} - set(GROUPS))]
    found.sort(key=lambda each: headings.index(each.group))
    return [(heading, list(under)) for heading, under in groupby(found, key=lambda each: each.group)]


def group_of(kind: CampaignType) -> str:
    return kind.group or (PROGRAMS if is_program(kind.slug) else GAMES)


def is_program(slug: str) -> bool:
    """Whether people come on by what they do elsewhere: then nothing limits how often they play."""
    kind = all_types().get(slug)
    return kind is not None and kind.page == "program"


def first_draft(env: Environment, slug: str) -> CampaignDraft:
    """A campaign that could be launched as it is, once it has a name."""
    types = all_types()
    kind = types.get(slug) or next(iter(types.values()))
    limits = limits_of(kind)
    return CampaignDraft(
        type=kind.slug,
        name="",
        outcomes=first_outcomes(kind),
        config=kind.defaults(),
        plays_a_day=limits["plays_a_day"],
        plays_in_all=limits["plays_in_all"],
        time_zone=env.workspace.time_zone,
    )


def first_outcomes(kind: CampaignType) -> tuple[OutcomeDraft, ...]:
    return tuple(OutcomeDraft(**asdict(each)) for each in kind.first_outcomes())


def limits_of(kind: CampaignType) -> dict[str, int | None]:
    usual: Mapping[str, int] = {} if is_program(kind.slug) else kind.usual_limits
    return {name: usual.get(name) for name in LIMITS}


def moved_on(data: QueryDict) -> QueryDict:
    """What was typed for the type that the page shows, as it is for the one that was chosen on it."""
    types = all_types()
    before, after = types.get(data.get("config_of", "")), types.get(data.get("type", ""))
    if before is None or after is None or before is after:
        return data
    typed, usual = data.copy(), limits_of(before)
    # the page of a program has no such fields
    if is_program(before.slug) or all(_text(usual[name]) == data.get(name, "") for name in LIMITS):
        for name, limit in limits_of(after).items():
            typed[name] = _text(limit)
    drafts = first_outcomes(before)
    unit, first = rows_of(drafts)
    fallback = _fallback(drafts)
    is_untouched = (data.get("unit"), data.get("fallback")) == (unit, fallback)
    if is_untouched and _told(raw_rows(data)) == _told(first):
        for name, text in _as_typed(first_outcomes(after)).items():
            typed[name] = text
    return typed


def _as_typed(drafts: Sequence[OutcomeDraft]) -> dict[str, str]:
    """The fields of the form with these outcomes in it."""
    unit, rows = rows_of(drafts)
    texts = {
        f"outcomes.{n}.{name}": _text(value) for n, row in enumerate(rows) for name, value in row.items()
    }
    counted = {"outcomes.count": str(len(rows)), "fallback": _fallback(drafts), "unit": str(unit)}
    return texts | counted


def _fallback(drafts: Sequence[OutcomeDraft]) -> str:
    return next((str(n) for n, each in enumerate(drafts) if each.is_fallback), "")


def _told(rows: Sequence[Raw]) -> list[list[str]]:
    return [[_text(row.get(name)) for name in TOLD] for row in rows]


def _text(value: object) -> str:
    return "" if value is None else str(value)
