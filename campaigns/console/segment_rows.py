"""Rows of the segment builder that ask of campaigns and of rewards."""

from collections.abc import Mapping
from typing import Any

from campaigns.conditions import FACTS
from campaigns.models import Campaign, Participation
from glu_admin.workspaces.models import Environment
from rewards.conditions import TYPES
from rewards.models import RewardType
from users.segments.console import rows, typed
from users.segments.console.rows import Choices, Input, RowError, RowKind, Typed
from users.segments.operators import MEASURED, OPERATORS

FACT_LABELS = {"status": "progress", "plays": "number of plays", "wins": "number of wins"}
STATUSES = [(value, str(label)) for value, label in Participation.Status.choices]


def register() -> None:
    rows.register(RowKind("campaign", "Progress in a campaign", _inputs, _write, _read, "campaign"))
    rows.register(RowKind("reward", "Won rewards", _reward_inputs, _write_reward, _read_reward, "reward"))


def _campaigns(env: Environment) -> list[tuple[str, str]]:
    found = Campaign.objects.filter(environment=env).order_by("name").values_list("id", "name")
    return [(str(pk), name) for pk, name in found]


def _one(pairs: list[tuple[str, str]]) -> Choices:
    return [("", pairs)]


def _inputs(env: Environment, said: Typed) -> list[Input]:
    fact = said.get("fact", "status")
    fact = fact if fact in FACTS else "status"
    names = FACTS[fact][0]
    operator = said.get("operator", "")
    operator = operator if operator in names else names[0]
    compare = _one([(name, OPERATORS[name].label) for name in names])
    found = [
        Input("campaign", "campaign", "select", _one(_campaigns(env)), said.get("campaign", "")),
        Input("fact", "what of it", "select", _one(list(FACT_LABELS.items())), fact, reloads=True),
        Input("operator", "comparison", "select", compare, operator, reloads=True),
    ]
    if fact != "status":
        return found + typed.inputs(operator, said)
    kind = "checks" if operator in ("in", "not_in") else "select"
    return [*found, Input("value", "progress", kind, _one(STATUSES), said.get("value", ""))]


def _write(env: Environment, said: Typed) -> dict[str, Any]:
    if not said.get("campaign"):
        raise RowError("campaign", "Choose a campaign.")
    which = {"campaign": said["campaign"], "fact": said.get("fact", "status")}
    return which | typed.condition(said, "string" if which["fact"] == "status" else "number")


def _read(condition: Mapping[str, Any]) -> dict[str, str] | None:
    said = {"campaign": condition["campaign"], "fact": condition["fact"], "operator": condition["operator"]}
    shown = typed.shown(condition["operator"], condition.get("value"))
    return said | {name: text.replace(", ", ",") for name, text in shown.items()}


def _reward_inputs(env: Environment, said: Typed) -> list[Input]:
    times = _one([(name, words) for name, (_, words) in MEASURED.items()])
    kinds = _one([("", "Any reward"), *((each, RewardType(each).label) for each in TYPES)])
    return [
        Input("operator", "how many", "select", times, said.get("operator", "at_least")),
        Input("value", "number", "number", value=said.get("value", "1")),
        Input("type", "of", "select", kinds, said.get("type", "")),
        Input(
            "campaign",
            "won in",
            "select",
            _one([("", "Any campaign"), *_campaigns(env)]),
            said.get("campaign", ""),
        ),
    ]


def _write_reward(env: Environment, said: Typed) -> dict[str, Any]:
    which = {"campaign": said.get("campaign", ""), "rewardType": said.get("type", "")}
    return {
        "reward": {key: value for key, value in which.items() if value},
        "operator": said.get("operator", "at_least"),
        "value": typed.number(said.get("value", ""), "value"),
    }


def _read_reward(condition: Mapping[str, Any]) -> dict[str, str] | None:
    which = condition["reward"]
    return {
        "campaign": which.get("campaign", ""),
        "type": which.get("rewardType", ""),
        "operator": condition["operator"],
        "value": str(condition["value"]),
    }
