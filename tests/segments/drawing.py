"""Hostile rules, drawn from a seed as JSON: every operator on every kind of field, behaviour, groups."""

import json
from datetime import timedelta

from tests.segments.hostile import (
    CORE_TEXTS,
    DATES,
    EVENTS,
    NAMES,
    NUMBERS,
    PARTS,
    VERSIONS,
    WEEKDAYS,
    People,
)
from users.segments import parse
from users.segments.operators import OPERATORS
from users.segments.rule import RuleError


def parsable(draw, count):
    """As many rules, as JSON, that are no faults."""
    found = []
    while len(found) < count:
        data = draw()
        try:
            parse.parse(data)
        except RuleError:
            continue
        found.append(data)
    return found


class Rules:
    """Trees as JSON; `segments` are ids that may be named in them."""

    def __init__(self, chance, segments=()):
        self.chance, self.segments = chance, segments
        self.people = People(chance)

    def tree(self, depth=0):
        kind = self.chance.random()
        if (depth == 0 and kind < 0.35) or depth == 3 or kind < 0.45:
            return self.leaf()
        if kind < 0.6:
            return {"not": self.tree(depth + 1)}
        group = self.chance.choice(("all", "any"))
        return {group: [self.tree(depth + 1) for _ in range(self.chance.randint(1, 3))]}

    def leaf(self):
        kind = self.chance.random()
        if kind < 0.2:
            return self.did()
        if kind < 0.27 and self.segments:
            return {"segment": str(self.chance.choice(self.segments))}
        return self.field()

    def field(self):
        kind = self.chance.random()
        if kind < 0.6:
            return {"field": f"attributes.{self.chance.choice(NAMES)}"} | self.condition()
        if kind < 0.75:
            part = self.chance.choice(tuple(PARTS))
            return {"field": f"{part}.{self.chance.choice(PARTS[part])}"} | self.condition()
        if kind < 0.85:
            return {"field": f"core.{self.chance.choice(CORE_TEXTS)}"} | self.condition("string")
        if kind < 0.88:
            return {"field": "core.isTest"} | self.condition("boolean")
        if kind < 0.91:
            return {"field": "core.gluId"} | self.condition("id")
        name = self.chance.choice(("registeredAt", "lastSeenAt"))
        return {"field": f"core.{name}"} | self.condition("date")

    def condition(self, type_=None, *, on_property=False):
        fitting = [
            each
            for each in OPERATORS.values()
            if (type_ in each.types if type_ else each.types != {"id"})
            and (each.on_properties or not on_property)
        ]
        operator = self.chance.choice(fitting)
        value = getattr(self, f"_{operator.value}")()
        return {"operator": operator.name} | ({} if operator.value == "none" else {"value": value})

    def did(self):
        measure = self.chance.choice(("count", "count", "sum", "distinct"))
        name = self.chance.choice(NAMES)
        times = self.chance.choice((0, 1, 1, 2, 3))
        wheres = self.chance.choice((0, 0, 1, 2))
        return {
            "event": self.chance.choice(EVENTS),
            "where": [self.where() for _ in range(wheres)],
            "measure": "count" if measure == "count" else {measure: name},
            "operator": self.chance.choice(("at_least", "at_most", "exactly")),
            "value": self._number() if measure == "sum" else times,
            "window": self.window(),
        }

    def where(self):
        return {"property": self.chance.choice(NAMES)} | self.condition(on_property=True)

    def window(self):
        kind = self.chance.randrange(4)
        if kind == 0:
            return None
        if kind == 1:
            return {"lastDays": self.chance.choice((1, 2, 7, 30))}
        ends = sorted((self.people.near(), self.people.near() + timedelta(days=self.chance.choice((0, 3)))))
        since, until = (each.isoformat() for each in ends)
        return {"from": since, "to": until} if kind == 2 else {self.chance.choice(("from", "to")): until}

    def _none(self):
        return None

    def _number(self):
        return json.loads(self.chance.choice(NUMBERS))

    def _one(self):
        return self.chance.choice((self._number, self.people.text, self.people.text, self._truth))()

    def _truth(self):
        return self.chance.choice((True, False))

    def _text(self):
        whole = self.people.text()
        start = self.chance.choice((0, 0, 1, 2))
        pieces = (
            whole,
            whole[start : start + 3],
            f"*{whole[1:]}",
            f"{whole[:2]}*",
            f"*{whole[1:3]}*",
            "?" + whole[1:],
        )
        return self.chance.choice(pieces)

    def _element(self):
        return self.chance.choice((self._one, self._text))()

    def _list(self):
        return [self._one() for _ in range(self.chance.randint(1, 5))]

    def _pair(self):
        if self.chance.random() < 0.5:
            return sorted((self._date(), self._date()))
        return sorted((self._number(), self._number()))

    def _date(self):
        return self.chance.choice((self.chance.choice(DATES), self.people.near().isoformat()))

    def _days(self):
        return self.chance.choice((1, 2, 7, 30, 365, 36500))

    def _weekdays(self):
        return self.chance.sample(WEEKDAYS, self.chance.randint(1, 3))

    def _version(self):
        return self.chance.choice(VERSIONS)

    def _share(self):
        ends = sorted(self.chance.sample((0, 0.01, 12.5, 25, 33.33, 50, 99.99, 100), 2))
        return {"key": self.chance.choice(NAMES), "from": ends[0], "to": ends[1]}
