"""Conditions of segments on campaigns: how far somebody is in one, how often they played and won.

{"campaign": "<id>", "fact": "status" | "plays" | "wins", "operator": …, "value": …}. Who never
came to a campaign is there as somebody who has not opened it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from campaigns.models import Campaign, Participation
from glu_admin.workspaces.models import Environment
from users.segments import kinds, values
from users.segments.conditions import Operand, Params
from users.segments.kinds import LeafKind, Names
from users.segments.operators import OPERATORS
from users.segments.parse import uuid_of
from users.segments.rule import RuleError, Value

if TYPE_CHECKING:
    from users.segments.facts import Facts

Json = Mapping[str, Any]
Status = Participation.Status
NUMBERS = ("is", "is_not", "greater_than", "at_least", "less_than", "at_most", "between")
# fact -> its operators, what it is for somebody who never came, and its words
FACTS: Mapping[str, tuple[tuple[str, ...], str | int, str]] = {
    "status": (("is", "is_not", "in", "not_in"), str(Status.PRISTINE), "progress in {}"),
    "plays": (NUMBERS, 0, "the number of plays in {}"),
    "wins": (NUMBERS, 0, "the number of wins in {}"),
}
PLACE = {fact: place for place, fact in enumerate(FACTS)}
_COLUMN = """(SELECT json_object_agg(p.campaign_id, json_build_array(p.status, p.plays, p.wins))
   FROM campaigns_participation p
  WHERE p.environment_id = u.environment_id AND p.user_id = u.id AND p.folded_at IS NULL)"""


@dataclass(frozen=True, slots=True)
class InCampaign:
    campaign: UUID
    fact: str
    operator: str
    value: Value
    kind: str = "campaign"


def register() -> None:
    kinds.register_names(
        lambda environment_id: dict(
            Campaign.objects.filter(environment_id=environment_id).values_list("id", "name")
        )
    )
    kinds.register(
        LeafKind(
            "campaign", parse, dump, compiled, sql, words, found, column=_COLUMN, read=read, faults=faults
        )
    )


def parse(data: Json, path: str) -> InCampaign:
    """Raises RuleError with the path of the fault."""
    base = f"{path}." if path else ""
    if unknown := data.keys() - {"campaign", "fact", "operator", "value"}:
        key = min(map(str, unknown))[:40]
        raise RuleError(f"{base}{key}", "Here may only be campaign, fact, operator, value.")
    campaign, fact = uuid_of(data["campaign"], f"{base}campaign"), data.get("fact", "status")
    if not isinstance(fact, str) or fact not in FACTS:
        raise RuleError(f"{base}fact", f"Of a campaign it is {', '.join(FACTS)}.")
    operator = data.get("operator", "is")
    if operator not in FACTS[fact][0]:
        raise RuleError(f"{base}operator", f"Of {fact} it is {', '.join(FACTS[fact][0])}.")
    value = OPERATORS[operator].read(data.get("value"), f"{base}value")
    _check(fact, value, f"{base}value")
    return InCampaign(campaign, fact, operator, value)


def _check(fact: str, value: Value, path: str) -> None:
    each = value if isinstance(value, tuple) else (value,)
    if fact == "status" and not set(each) <= set(Status.values):
        raise RuleError(path, f"A status is one of {', '.join(Status.values)}.")
    if fact != "status" and any(isinstance(one, str | bool) for one in each):
        raise RuleError(path, "Write a number, without quotes.")


def dump(leaf: InCampaign) -> dict[str, Any]:
    return {
        "campaign": str(leaf.campaign),
        "fact": leaf.fact,
        "operator": leaf.operator,
        "value": values.dumped(leaf.value),
    }


def read(listed: Any) -> dict[UUID, list[Any]]:
    """What a look at a person found: (status, plays, wins) by campaign."""
    data = orjson.loads(listed) if isinstance(listed, str | bytes) else listed
    return {UUID(campaign): facts for campaign, facts in (data or {}).items()}


def compiled(leaf: InCampaign) -> "Callable[[Facts], bool]":
    test: Any = OPERATORS[leaf.operator].test(leaf.value)
    return lambda facts: bool(test(_of(leaf, facts)))


def _of(leaf: InCampaign, facts: "Facts") -> str | int:
    there = facts.more["campaign"].get(leaf.campaign)
    return there[PLACE[leaf.fact]] if there else FACTS[leaf.fact][1]


def sql(leaf: InCampaign, user: str, params: Params) -> str:
    campaign = params.add(leaf.campaign, "uuid")
    nothing = params.add(FACTS[leaf.fact][1], "text" if leaf.fact == "status" else "integer")
    here = (
        f"to_jsonb(coalesce((SELECT p.{leaf.fact} FROM campaigns_participation p"
        f" WHERE p.environment_id = {user}.environment_id AND p.user_id = {user}.id"
        f" AND p.campaign_id = {campaign} AND p.folded_at IS NULL), {nothing}))"
    )
    return OPERATORS[leaf.operator].sql(Operand(here, f"({here} #>> '{{}}')"), leaf.value, params)


def words(leaf: InCampaign, names: Names) -> str:
    what = FACTS[leaf.fact][2].format(names.get(leaf.campaign, "a deleted campaign"))
    return f"{what} {OPERATORS[leaf.operator].words(leaf.value)}"


def found(leaf: InCampaign, facts: "Facts") -> str:
    return str(_of(leaf, facts))


def faults(leaf: InCampaign, environment: Environment, path: str) -> list[RuleError]:
    if Campaign.objects.filter(environment=environment, id=leaf.campaign).exists():
        return []
    return [RuleError(f"{path}.campaign" if path else "campaign", "There is no campaign with this id here.")]
