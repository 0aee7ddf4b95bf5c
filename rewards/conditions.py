"""Conditions of segments on rewards: how many of a kind somebody won, of any campaign or of one.

{"reward": {"campaign": "<id>", "rewardType": "coupons"}, "operator": "at_least", "value": 1}; both
keys may be left out. What was won by a visitor counts for the user whom it turned out to be.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from rewards.models import RewardType
from users import people
from users.segments import kinds, values
from users.segments.conditions import Params
from users.segments.kinds import LeafKind, Names
from users.segments.operators import MEASURED
from users.segments.parse import uuid_of
from users.segments.rule import RuleError

if TYPE_CHECKING:
    from users.segments.facts import Facts

Json = Mapping[str, Any]
TYPES = tuple(each for each in RewardType.values if each != RewardType.NO_REWARD)
MOST = 1_000_000
COMPARE = {"at_least": operator.ge, "at_most": operator.le, "exactly": operator.eq}
_COLUMN = f"""(SELECT json_agg(json_build_array(r.campaign_id, v.reward_type))
   FROM rewards_reward r JOIN rewards_variant v ON v.environment_id = r.environment_id AND v.id = r.variant_id
  WHERE r.environment_id = u.environment_id AND r.user_id IN ({people.IDS}) AND r.state <> 'revoked')"""


@dataclass(frozen=True, slots=True)
class Won:
    campaign: UUID | None
    reward_type: str | None
    operator: str
    value: int
    kind: str = "reward"


def register() -> None:
    kinds.register(LeafKind("reward", parse, dump, compiled, sql, words, found, column=_COLUMN, read=read))


def parse(data: Json, path: str) -> Won:
    """Raises RuleError with the path of the fault."""
    base, which = f"{path}." if path else "", data["reward"]
    if data.keys() - {"reward", "operator", "value"}:
        raise RuleError(path, "Here may only be reward, operator, value.")
    if not isinstance(which, dict) or not which.keys() <= {"campaign", "rewardType"}:
        raise RuleError(f"{base}reward", 'Write {} for any, or {"campaign": …, "rewardType": …}.')
    campaign = uuid_of(which["campaign"], f"{base}reward.campaign") if "campaign" in which else None
    reward_type = which.get("rewardType")
    if reward_type is not None and reward_type not in TYPES:
        raise RuleError(f"{base}reward.rewardType", f"A reward is one of {', '.join(TYPES)}.")
    compare = data.get("operator", "at_least")
    if not isinstance(compare, str) or compare not in MEASURED:
        raise RuleError(f"{base}operator", f"Of rewards it is {', '.join(MEASURED)}.")
    times = values.whole(data.get("value", 1), f"{base}value")
    if not 0 <= times <= MOST:
        raise RuleError(f"{base}value", f"Write a number from 0 to {MOST:,}.")
    return Won(campaign, reward_type, compare, times)


def dump(leaf: Won) -> dict[str, Any]:
    which = {"campaign": leaf.campaign and str(leaf.campaign), "rewardType": leaf.reward_type}
    said = {key: value for key, value in which.items() if value}
    return {"reward": said, "operator": leaf.operator, "value": leaf.value}


def read(listed: Any) -> list[tuple[UUID, str]]:
    """What a look at a person found: (campaign, type) of each reward."""
    data = orjson.loads(listed) if isinstance(listed, str | bytes) else listed
    return [(UUID(campaign), reward_type) for campaign, reward_type in data or ()]


def compiled(leaf: Won) -> "Callable[[Facts], bool]":
    compare = COMPARE[leaf.operator]
    return lambda facts: compare(_count(leaf, facts), leaf.value)


def _count(leaf: Won, facts: "Facts") -> int:
    return sum(
        leaf.campaign in (None, campaign) and leaf.reward_type in (None, reward_type)
        for campaign, reward_type in facts.more["reward"]
    )


def sql(leaf: Won, user: str, params: Params) -> str:
    conditions = ["r.state <> 'revoked'"]
    if leaf.campaign:
        conditions.append(f"r.campaign_id = {params.add(leaf.campaign, 'uuid')}")
    if leaf.reward_type:
        conditions.append(f"v.reward_type = {params.add(leaf.reward_type, 'text')}")
    ids = people.IDS.replace("u.", f"{user}.")
    count = (
        "(SELECT count(*) FROM rewards_reward r JOIN rewards_variant v"
        " ON v.environment_id = r.environment_id AND v.id = r.variant_id"
        f" WHERE r.environment_id = {user}.environment_id AND r.user_id IN ({ids})"
        f" AND {' AND '.join(conditions)})"
    )
    return f"({count} {MEASURED[leaf.operator][0]} {params.add(leaf.value, 'integer')})"


def words(leaf: Won, names: Names) -> str:
    what = RewardType(leaf.reward_type).label.lower() if leaf.reward_type else "reward"
    where = f" in {names.get(leaf.campaign, 'a deleted campaign')}" if leaf.campaign else ""
    return f"won {MEASURED[leaf.operator][1]} {leaf.value:,} × {what}{where}"


def found(leaf: Won, facts: "Facts") -> str:
    return f"{_count(leaf, facts):,} won"
