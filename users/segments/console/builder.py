"""A rule as a form: groups of rows, two levels deep. What is deeper is written as JSON.

Without a script every button posts the whole form and nothing is lost; with htmx the form
follows each change. Names in the form: g0-match, g0r1-kind, g0r1-value.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from glu_admin.workspaces.models import Environment
from users.segments import parse
from users.segments.console import rows
from users.segments.console.rows import Input, RowError
from users.segments.rule import RuleError

MOST_GROUPS, MOST_ROWS = 10, 20
MATCHES = {"all": "all of", "any": "any of", "none": "none of"}
_name = re.compile(r"g(\d{1,2})(?:r(\d{1,2}))?-([a-z]+)")

Json = dict[str, Any]


@dataclass
class Row:
    """One condition as typed; `problem` says what is wrong, at the input of this name."""

    place: str
    kind: str
    typed: dict[str, str] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    problem: str = ""
    problem_at: str = ""


@dataclass
class Group:
    place: str
    match: str
    rows: list[Row]


@dataclass
class Builder:
    """`match` joins the groups: "all" or "any"."""

    env: Environment
    match: str
    groups: list[Group]

    def rule(self) -> Json | None:
        """The rule, which parses; None if a row is wrong, and then the row says so."""
        written = [self._group(group) for group in self.groups if group.rows]
        if any(row.problem for group in self.groups for row in group.rows):
            return None
        if not written:
            return {"all": []}
        return written[0] if len(written) == 1 else {self.match: written}

    def _group(self, group: Group) -> Json:
        conditions = [condition for row in group.rows if (condition := self._write(row)) is not None]
        if group.match == "none":
            return {"not": {"any": conditions}}
        return {group.match: conditions}

    def _write(self, row: Row) -> Json | None:
        try:
            written = rows.KINDS[row.kind].write(self.env, row.typed)
            parse.parse(written)
        except RowError as error:
            row.problem, row.problem_at = error.message, error.name
        except RuleError as error:
            row.problem, row.problem_at = error.message, _input_at(error.path)
        else:
            return written
        return None

    def forgive(self) -> None:
        """Say nothing yet of what is wrong: somebody is still typing."""
        for row in (row for group in self.groups for row in group.rows):
            row.problem = row.problem_at = ""

    def shown(self) -> "Builder":
        """With the inputs of every row, as they follow from what was typed."""
        for group in self.groups:
            for row in group.rows:
                row.inputs = rows.KINDS[row.kind].inputs(self.env, row.typed)
        return self

    @property
    def kinds(self) -> Sequence[tuple[str, str]]:
        return [(kind.name, kind.label) for kind in rows.KINDS.values()]


def empty(env: Environment) -> Builder:
    return Builder(env, "all", [Group("g0", "all", [_new_row("g0r0")])])


def _new_row(place: str) -> Row:
    return Row(place, next(iter(rows.KINDS)))


def of_rule(env: Environment, rule: Mapping[str, Any]) -> Builder | None:
    """The form of a stored rule; None if it is deeper than the form, or has what no row shows."""
    if rule == {"all": []}:
        return empty(env)
    if not {"all", "any", "not"} & rule.keys():
        rule = {"all": [rule]}
    match = next((key for key in ("all", "any") if key in rule), "")
    if match and all(_conditions(each) is not None for each in rule[match]) and rule[match]:
        groups = rule[match]
    else:
        match, groups = "all", [rule]
    found = [_conditions(each) for each in groups]
    if len(groups) > MOST_GROUPS:
        return None
    made = []
    for place, each in enumerate(found):
        read = None if each is None else _read_rows(f"g{place}", each[1])
        if each is None or read is None:
            return None
        made.append(Group(f"g{place}", each[0], read))
    return Builder(env, match, made)


def _conditions(rule: Mapping[str, Any]) -> tuple[str, list[Mapping[str, Any]]] | None:
    """How a group matches, and its conditions; None for what is no group of plain conditions."""
    inner, match = rule, ""
    if "not" in rule:
        inner, match = rule["not"], "none"
    key = next((key for key in ("all", "any") if key in inner), None)
    if key is None or (match and key == "all" and len(inner["all"]) > 1) or not inner[key]:
        return None
    plain = not any({"all", "any", "not"} & each.keys() for each in inner[key])
    return (match or key, inner[key]) if plain else None


def _read_rows(place: str, conditions: Sequence[Mapping[str, Any]]) -> list[Row] | None:
    if len(conditions) > MOST_ROWS:
        return None
    made = []
    for number, condition in enumerate(conditions):
        kind = rows.kind_of(condition)
        typed = kind.read(condition) if kind else None
        if kind is None or typed is None:
            return None
        made.append(Row(f"{place}r{number}", kind.name, typed))
    return made


def of_post(env: Environment, data: QueryDict) -> Builder:
    """What was typed, whole or not, and after the button that was pressed, if one changes rows."""
    groups: dict[int, Group] = {}
    typed: dict[tuple[int, int], dict[str, str]] = {}
    for name in data:
        found = _name.fullmatch(name)
        if not found or int(found[1]) >= MOST_GROUPS:
            continue
        number, values = int(found[1]), [value.replace("\0", "") for value in data.getlist(name)]
        group = groups.setdefault(number, Group("", "all", []))
        if found[2] is None:
            group.match = values[-1] if values[-1] in MATCHES else "all"
        elif int(found[2]) < MOST_ROWS:
            typed.setdefault((number, int(found[2])), {})[found[3]] = ",".join(values)
    for (number, _), said in sorted(typed.items()):
        kind = said.pop("kind", "")
        groups[number].rows.append(Row("", kind if kind in rows.KINDS else next(iter(rows.KINDS)), said))
    match = "any" if data.get("match") == "any" else "all"
    made = Builder(env, match, [groups[number] for number in sorted(groups)])
    _press(made, data.get("do", ""))
    return _numbered(made)


def _press(builder: Builder, button: str) -> None:
    """add-group, add-row:g0, remove:g0r1"""
    action, _, place = button.partition(":")
    if action == "add-group" and len(builder.groups) < MOST_GROUPS:
        builder.groups.append(Group("", "all", [_new_row("")]))
    found = re.fullmatch(r"g(\d{1,2})(?:r(\d{1,2}))?", place)
    if not found or int(found[1]) >= len(builder.groups):
        return
    group = builder.groups[int(found[1])]
    if action == "add-row" and len(group.rows) < MOST_ROWS:
        group.rows.append(_new_row(""))
    if action == "remove" and found[2] and int(found[2]) < len(group.rows):
        del group.rows[int(found[2])]
        if not group.rows and len(builder.groups) > 1:
            builder.groups.remove(group)


def _numbered(builder: Builder) -> Builder:
    for number, group in enumerate(builder.groups):
        group.place = f"g{number}"
        for row_number, row in enumerate(group.rows):
            row.place = f"g{number}r{row_number}"
    return builder


def _input_at(path: str) -> str:
    """The input that a fault of a single condition is about."""
    head = path.rsplit(".", maxsplit=1)[-1].split("[", maxsplit=1)[0]
    return {"event": "event", "lastDays": "days", "property": "property"}.get(head, head or "value")
