"""One answer for each person to each condition of some rules, as arrays; and what follows of them.

Three ways lead to one: columns that this process holds (with everybody who changed since seen
one by one), a statement over all people, and the same statement over a sample.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any as Whatever

import numpy as np

from glu_admin.config import EnvironmentConfig
from users.segments import loading, query
from users.segments.book import Book
from users.segments.columns import Ids, Mask, numbers
from users.segments.conditions import Params
from users.segments.parse import digest, leaves
from users.segments.rule import All, Any, Condition, InSegment, Not, Rule


@dataclass(frozen=True)
class Tally:
    """Who there is (`live`, of `ids`), and of each condition, by its digest, whom it holds for.

    Of a sample, `total` are many more than there are here.
    """

    book: Book
    ids: Ids
    live: Mask
    masks: Mapping[str, Mask]
    total: int
    is_sample: bool = False

    def mask(self, rule: Rule) -> Mask:
        """Whom the rule holds for, of those who are there."""
        return self._mask(rule) & self.live

    def count(self, mask: Mask) -> int:
        return int(np.count_nonzero(mask))

    def has(self, rule: Rule) -> bool:
        """Whether all its conditions were asked."""
        return conditions([rule], self.book).keys() <= self.masks.keys()

    def _mask(self, rule: Rule) -> Mask:
        match rule:
            case All(rules):
                return reduce(np.logical_and, map(self._mask, rules), np.ones(len(self.ids), np.bool_))
            case Any(rules):
                return reduce(np.logical_or, map(self._mask, rules), np.zeros(len(self.ids), np.bool_))
            case Not(inner):
                return ~self._mask(inner)
            case InSegment(segment) if entry := self.book.inlined(segment):
                return self._mask(entry.sound_rule)
        return self.masks[digest(rule)]


def conditions(rules: Iterable[Rule], book: Book) -> dict[str, Condition]:
    """The conditions of rules, and of the segments in them, by their digest."""
    found: dict[str, Condition] = {}
    for rule in rules:
        for leaf in leaves(rule):
            entry = book.inlined(leaf.segment) if isinstance(leaf, InSegment) else None
            found |= conditions([entry.sound_rule], book) if entry else {digest(leaf): leaf}
    return found


def by_sql(
    config: EnvironmentConfig,
    book: Book,
    rules: Iterable[Rule],
    now: datetime,
    *,
    among: Ids | None = None,
    total: int = 0,
) -> Tally:
    """Asked of PostgreSQL, in one statement: of all people, or of the sample `among`, of `total`."""
    asked = conditions(rules, book)
    people = None if among is None else among.tolist()
    params = Params(config.id, now, str(book.zone), "t", people=people)
    told = [
        f"string_agg(CASE WHEN {query.condition(each, book, 'u', params)} THEN '1' ELSE '0' END, '')"
        for each in asked.values()
    ]
    sql = (
        f"SELECT {', '.join(["string_agg(int8send(u.id), '')", *told])}"
        f" FROM users_enduser u WHERE {loading.PEOPLE}"
    )
    values = params.values | {"environment": config.id}
    if people is not None:
        sql, values = f"{sql} AND u.id = ANY(%(sample)s::bigint[])", values | {"sample": people}
    ((packed, *answers),) = loading.rows(sql, values)
    ids = numbers(packed)
    masks = dict(zip(asked, map(_mask, answers), strict=True))
    live = np.ones(len(ids), np.bool_)
    return Tally(book, ids, live, masks, total or len(ids), is_sample=among is not None)


def _mask(answers: Whatever) -> Mask:
    found: Mask = np.frombuffer((answers or "").encode(), np.uint8) == ord("1")
    return found


def who(config: EnvironmentConfig, book: Book, leaf: Condition, now: datetime) -> Ids:
    """Whom one condition holds for, asked of PostgreSQL."""
    params = Params(config.id, now, str(book.zone), "t")
    if isinstance(leaf, InSegment):
        sql = (
            "SELECT string_agg(int8send(user_id), '') FROM users_segmentmember"
            " WHERE environment_id = %(environment)s AND segment_id = %(segment)s"
            " AND (leaves_at IS NULL OR leaves_at > %(now)s::timestamptz)"
        )
        ((packed,),) = loading.rows(sql, {"environment": config.id, "segment": leaf.segment, "now": now})
        return numbers(packed)
    holds = query.condition(leaf, book, "u", params)
    sql = f"SELECT string_agg(int8send(u.id), '') FROM users_enduser u WHERE {loading.PEOPLE} AND {holds}"
    ((packed,),) = loading.rows(sql, params.values | {"environment": config.id})
    return numbers(packed)
