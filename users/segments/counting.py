"""Counts who fits a rule, exactly as of one moment: by columns among many people, by SQL among few.

Beyond its time a count is an estimate, by a sample, and says so.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from django.db import OperationalError, connection
from psycopg.errors import QueryCanceled

from glu_admin.config import EnvironmentConfig
from users.segments import book as books
from users.segments import facts, happened, held, loading, people_held, predicate, since, tally
from users.segments.book import Book
from users.segments.columns import Column, Ids, Mask, Moments, NotColumnar
from users.segments.comparisons import Moment
from users.segments.facts import Facts
from users.segments.happened import Late
from users.segments.held import Environment
from users.segments.loading import Key
from users.segments.operators import OPERATORS
from users.segments.people_held import People, Wanted
from users.segments.rule import Condition, Did, Field, InSegment, Rule
from users.segments.tally import Tally

SMALL = 20_000  # so many people are counted by one statement, as fast
SAMPLE = 5_000
WAITED = 0.5  # of the time for the loader: an estimate takes the other half
SECONDS = 1.0
OVERTIME = 3.0  # what an estimate or a wait for the loader may take


_name: ContextVar[str] = ContextVar("name", default="")


class TooSlow(Exception):
    """The count, and the estimate as well, took longer than it may."""


class Superseded(Exception):
    """Somebody ended the count: a newer one has come."""


class _NotHeld(Exception):
    """The columns can't answer now: not read yet, or too much has changed."""


@contextmanager
def named(name: str) -> Iterator[None]:
    """Transactions of counts inside bear this name among the server's sessions."""
    token = _name.set(name)
    try:
        yield
    finally:
        _name.reset(token)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """No statement inside runs longer; raises TooSlow, or Superseded of one that somebody ended."""
    end = time.monotonic() + seconds
    try:
        with people_held.one_look():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
                if name := _name.get():
                    cursor.execute("SELECT set_config('application_name', %s, true)", [name])
            yield
            if connection.savepoint_ids:  # the caller's transaction goes on
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise (TooSlow if time.monotonic() >= end - 0.05 else Superseded) from error
        raise


def tallied(
    config: EnvironmentConfig,
    rules: Sequence[Rule],
    *,
    now: datetime,
    seconds: float = SECONDS,
    also: Sequence[Rule] = (),
) -> Tally:
    """The answers to all conditions of the rules; raises TooSlow or Superseded.

    Those of `also` are in it as far as they cost little: among few people, or if their columns
    are held.
    """
    book = books.of(config)
    environment = held.of(config.id)
    if environment.people is None and _is_small(config):
        with within(seconds):
            return tally.by_sql(config, book, [*rules, *also], now)
    end = time.monotonic() + seconds
    cheap = [
        each
        for each in also
        if _Count(config, book, environment, tally.conditions([each], book), now).is_cheap
    ]
    count = _Count(config, book, environment, tally.conditions([*rules, *cheap], book), now)
    held.note(environment)
    if held.ready(environment, *count.wanted, seconds=seconds * WAITED):
        try:
            with within(max(end - time.monotonic(), seconds / 2)):
                return count.tally()
        except (_NotHeld, TooSlow):
            pass
    return sampled(config, rules, now)


def sampled(config: EnvironmentConfig, rules: Sequence[Rule], now: datetime) -> Tally:
    """Among some people, of whom each is as likely as any other; raises TooSlow or Superseded."""
    book, people = books.of(config), held.of(config.id).people
    with within(OVERTIME):
        ids = loading.everybody(config.id) if people is None else people.places.ids[people.live]
        some = np.random.default_rng().choice(ids, min(SAMPLE, len(ids)), replace=False)
        return tally.by_sql(config, book, rules, now, among=some, total=len(ids))


def _is_small(config: EnvironmentConfig) -> bool:
    sql = (
        f"SELECT count(*) FROM (SELECT FROM users_enduser WHERE environment_id = %(id)s LIMIT {SMALL + 1}) u"
    )
    return int(loading.rows(sql, {"id": config.id})[0][0]) <= SMALL


@dataclass(frozen=True)
class _Count:
    """One count over the columns."""

    config: EnvironmentConfig
    book: Book
    environment: Environment
    asked: Mapping[str, Condition]
    now: datetime

    @property
    def wanted(self) -> tuple[list[Key], list[Wanted]]:
        """The fields and the events that the conditions read."""
        keys = {(each.source, each.key): None for each in self.asked.values() if isinstance(each, Field)}
        properties: dict[str, frozenset[str]] = {}
        for each in self.asked.values():
            if isinstance(each, Did):
                known = properties.get(each.event, frozenset())
                properties[each.event] = known | happened.properties_of(each)
        return [key for key in keys if loading.may_be_held(key)], list(properties.items())

    @property
    def is_cheap(self) -> bool:
        """Whether all that is asked is held, but for who is a member of what."""
        kinds = (Field, Did, InSegment)
        is_known = all(isinstance(each, kinds) for each in self.asked.values())
        fields = [(each.source, each.key) for each in self.asked.values() if isinstance(each, Field)]
        return is_known and all(map(loading.may_be_held, fields)) and held.has(self.environment, *self.wanted)

    def tally(self) -> Tally:
        """In the transaction of the caller; raises _NotHeld."""
        people = self.environment.people
        if people is None or not held.has(self.environment, *self.wanted):
            raise _NotHeld
        keys, events = self.wanted
        held.used(self.environment, [*keys, *(name for name, _ in events)])
        changed = since.changed(self.config.id, people.settled, people_held.MOST_FOLDED + 1)
        if len(changed) > held.FOLDED_FROM:
            held.fold_later(self.environment, changed)
        if len(changed) > people_held.MOST_FOLDED:
            raise _NotHeld
        crowd = _Crowd(self, people, changed)
        masks = {key: crowd.mask(key, leaf) for key, leaf in self.asked.items()}
        return Tally(self.book, crowd.ids, crowd.live, masks, int(np.count_nonzero(crowd.live)))


class _Crowd:
    """All people: those of the columns, and after them those who may have changed, as they are now."""

    def __init__(self, count: _Count, people: People, changed: Sequence[int]) -> None:
        self.count, self.people = count, people
        self.clock = Moment(count.now, count.book.zone)
        self.fresh = self._fresh(changed)
        known = people.places.of(np.array(changed, np.int64))
        live = people.live.copy()
        live[known[known >= 0]] = False
        self.ids = np.concatenate([people.places.ids, np.array(list(self.fresh), np.int64)])
        self.live = np.concatenate([live, np.ones(len(self.fresh), np.bool_)])
        self.changed = np.array(changed, np.int64)

    def _fresh(self, changed: Sequence[int]) -> dict[int, Facts]:
        if not changed:
            return {}
        sql = f"SELECT u.id FROM users_enduser u WHERE {loading.PEOPLE} AND u.id = ANY(%(ids)s::bigint[])"
        environment = self.count.config.id
        there = [row[0] for row in loading.rows(sql, {"environment": environment, "ids": list(changed)})]
        needs = {each.source for each in self.count.asked.values() if isinstance(each, Field)}
        return facts.load(self.count.config, there, now=self.count.now, needs=needs) if there else {}

    def mask(self, key: str, leaf: Condition) -> Mask:
        column = self.people.columns.get((leaf.source, leaf.key)) if isinstance(leaf, Field) else None
        if isinstance(leaf, Field) and column is not None:
            test = predicate.compile(leaf, self.count.book)
            later = np.fromiter(map(test, self.fresh.values()), np.bool_, len(self.fresh))
            return np.concatenate([self._held(key, leaf, column), later])
        if isinstance(leaf, Did) and leaf.event in self.people.events:
            try:
                return self._did(leaf)
            except NotColumnar:
                pass
        mask = np.zeros(len(self.ids), np.bool_)
        whose = self.places(tally.who(self.count.config, self.count.book, leaf, self.count.now))
        mask[whose[whose >= 0]] = True
        return mask

    def _held(self, key: str, field: Field, column: Column | Moments) -> Mask:
        operator = OPERATORS[field.operator]
        is_kept = not operator.is_timed
        if is_kept and key in self.people.masks:
            return self.people.masks[key]
        test = operator.test_at(field.value, self.clock)
        if isinstance(column, Moments):
            found = column.tested(field, test, self.clock)
        else:
            compared = column.compared(field)
            found = column.tested(test) if compared is None else compared
        if is_kept:
            held.remember(self.count.environment, self.people, key, found)
        return found

    def _did(self, did: Did) -> Mask:
        until, done, waited = self.people.events[did.event]
        properties = sorted(happened.properties_of(did))
        rows = loading.late_events(self.count.config.id, did.event, properties, until, waited)
        if len(rows) > loading.MOST_LATE:
            held.drop_events(self.count.environment, did.event)
            raise NotColumnar
        whose = self.places(np.array([row[0] for row in rows], np.int64))
        late = [
            Late(int(place), did.event, row[1], dict(zip(properties, map(_value, row[2:]), strict=True)))
            for place, row in zip(whose, rows, strict=True)
        ]
        places = self.places(done.users)
        return happened.answers(did, done, places, late, count=len(self.ids), clock=self.clock)

    def places(self, ids: Ids) -> happened.Places:
        """Where these people stand now, an alias as its user; -1 for who isn't counted."""
        people, aliases = self.people, self.people.aliases
        places = self._moved[people.places.of(ids)]
        lost = np.flatnonzero(places < 0)
        if len(lost):
            of_alias = aliases.places.of(ids[lost])
            users = aliases.users[of_alias] if len(aliases.users) else ids[lost]
            found = self._moved[people.places.of(users)]
            places[lost] = np.where(of_alias >= 0, found, -1)
            for place in lost[places[lost] < 0] if self._strangers else ():
                places[place] = self._strangers.get(int(ids[place]), -1)
        return places

    @cached_property
    def _moved(self) -> happened.Places:
        """Where those stand now who stood in the columns; the last one is nobody's."""
        stay = np.where(self.live[: len(self.people.live)], np.arange(len(self.people.live)), -1)
        moved = np.append(stay, -1).astype(np.int32)
        for person, place in self._now.items():
            (before,) = self.people.places.of(np.array([person], np.int64))
            if before >= 0:
                moved[before] = place
        return moved

    @cached_property
    def _now(self) -> dict[int, int]:
        """Where those who changed stand now, and those who were merged into them."""
        first = len(self.people.live)
        places = {pk: first + place for place, pk in enumerate(self.fresh)}
        if len(self.changed):
            aliases, users = loading.aliases(self.count.config.id, self.changed)
            for alias, user in zip(aliases.tolist(), users.tolist(), strict=True):
                if user in places:
                    places[alias] = places[user]
        return places

    @cached_property
    def _strangers(self) -> dict[int, int]:
        """Those among them who are in no column."""
        ids = np.array(list(self._now), np.int64)
        known = self.people.places.of(ids)
        return {int(pk): self._now[int(pk)] for pk in ids[known < 0]}


def _value(text: str | None) -> Any:
    return None if text is None else facts.read_json(text)
