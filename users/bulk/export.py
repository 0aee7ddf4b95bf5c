"""People into a file: CSV that no spreadsheet runs, or newline-delimited JSON.

Read by pages in the order of their numbers, so memory stays flat and no statement lasts. Who
registers meanwhile may be in or out; visitors, aliases and erased people are not in. What an
export wrote, an import reads as the same people.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from users.bulk import cells
from users.bulk.files import CSV
from users.bulk.import_ import Watch
from users.registration_form import IDENTITIES, PROFILE

PAGE = 2_000
MOST_ATTRIBUTE_COLUMNS = 350
BOM = "\ufeff"  # by which spreadsheets know UTF-8
_WHERE = """
u.environment_id = %(environment)s AND u.merged_into_id IS NULL AND u.erased_at IS NULL AND {among}
AND (%(since)s::timestamptz IS NULL OR u.registered_at >= %(since)s)
AND (%(until)s::timestamptz IS NULL OR u.registered_at < %(until)s)
AND (%(is_test)s::bool IS NULL OR u.is_test = %(is_test)s)
"""
_PAGE = f"""
SELECT u.id, u.user_id, u.anonymous_id, u.user_name, u.email, u.phone, u.referred_by, u.profile::text,
    u.identities::text, u.attributes::text, u.is_test, u.registered_at, u.glu_id, u.referral_code,
    u.last_seen_at, u.blocked_at IS NOT NULL
FROM users_enduser u WHERE {_WHERE} AND u.id > %(after)s ORDER BY u.id LIMIT {PAGE}
"""
_COUNT = f"SELECT count(*) FROM users_enduser u WHERE {_WHERE}"
_NAMES = f"""
SELECT name FROM (
    SELECT DISTINCT jsonb_object_keys(u.attributes) AS name FROM users_enduser u WHERE {_WHERE}
) seen ORDER BY name LIMIT {MOST_ATTRIBUTE_COLUMNS + 1}
"""
FIRST = ("userId", "anonymousId", "userName", "email", "phone", "referredBy")
LAST = ("isTest", "registeredAt", "gluId", "referralCode", "lastSeenAt", "blocked")


class TooManyAttributes(Exception):
    """No CSV can hold them all; the message says what to do."""


class Person(NamedTuple):
    """A row of _PAGE."""

    id: int
    user_id: str
    anonymous_id: str | None
    user_name: str | None
    email: str | None
    phone: str | None
    referred_by: str | None
    profile: str
    identities: str
    attributes: str
    is_test: bool
    registered_at: datetime
    glu_id: UUID
    referral_code: str
    last_seen_at: datetime
    is_blocked: bool


@dataclass(frozen=True)
class Filter:
    """Whom to export. `attributes` chooses the columns of a CSV; None: every one that somebody has.

    `table` holds the keys of these people in `id`, visitors too; without it, all users are meant.
    """

    environment_id: UUID
    since: datetime | None = None
    until: datetime | None = None
    is_test: bool | None = None
    attributes: tuple[str, ...] | None = None
    table: str = ""

    def asked(self, sql: str) -> str:
        """The statement for these people."""
        among = f"u.id IN (SELECT id FROM {self.table})" if self.table else "u.user_id IS NOT NULL"
        return sql.replace("{among}", among)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "environment": self.environment_id,
            "since": self.since,
            "until": self.until,
            "is_test": self.is_test,
        }


def run(chosen: Filter, kind: str, write: Callable[[bytes], object], watch: Watch) -> int:
    """Write the file, chunk by chunk; how many people are in it. Raises TooManyAttributes."""
    total, done = int(_first(chosen.asked(_COUNT), chosen.values)), 0
    watch.progress(done=0, total=total, keep={"step": "exporting"})
    names = _names(chosen) if kind == CSV else ()
    if kind == CSV:
        write((BOM + cells.line([*_header(names)])).encode())
    for page in _pages(chosen):
        made = (_as_cells(each, names) if kind == CSV else _as_json(each) for each in page)
        write("".join(made).encode())
        done += len(page)
        watch.progress(done=done, total=max(total, done))
    return done


def _pages(chosen: Filter) -> Iterator[list[Person]]:
    page = _page(chosen, 0)
    while page:
        yield page
        page = _page(chosen, page[-1].id) if len(page) == PAGE else []


def _page(chosen: Filter, after: int) -> list[Person]:
    with connection.cursor() as cursor:
        cursor.execute(chosen.asked(_PAGE), chosen.values | {"after": after})
        return [Person(*row) for row in cursor.fetchall()]


def _names(chosen: Filter) -> Sequence[str]:
    """The attributes that get a column each."""
    if chosen.attributes is not None:
        return chosen.attributes
    with connection.cursor() as cursor:
        cursor.execute(chosen.asked(_NAMES), chosen.values)
        names = [name for (name,) in cursor.fetchall()]
    if len(names) > MOST_ATTRIBUTE_COLUMNS:
        raise TooManyAttributes(
            f"These people have more than {MOST_ATTRIBUTE_COLUMNS} attributes in all, too many for a CSV."
            " Choose some of them, or export newline-delimited JSON."
        )
    return names


def _first(sql: str, values: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def _header(names: Sequence[str]) -> Iterator[str]:
    yield from FIRST
    yield from (f"profile.{name}" for name in PROFILE)
    yield from (f"identities.{name}" for name in IDENTITIES)
    yield from (f"attributes.{name}" for name in names)
    yield from LAST


def _as_cells(person: Person, names: Sequence[str]) -> str:
    profile, identities = orjson.loads(person.profile), orjson.loads(person.identities)
    attributes = orjson.loads(person.attributes)
    told: list[object] = [_text(each) for each in person[1:7]]
    told += [_text(profile.get(name)) for name in PROFILE]
    told += [_text(identities.get(name)) for name in IDENTITIES]
    told += [_attribute(attributes.get(name)) for name in names]
    told += [person.is_test, _time(person.registered_at), str(person.glu_id), person.referral_code]
    return cells.line([*told, _time(person.last_seen_at), person.is_blocked])


def _text(value: object) -> object:
    """Text that is safe in a spreadsheet; numbers and truth values as they are."""
    return cells.guarded(value) if isinstance(value, str) else value


def _attribute(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return cells.Bare(cells.written(value))
    return cells.written(value)


def _as_json(person: Person) -> str:
    """One line, under the names that register takes."""
    told: dict[str, object] = dict(zip(FIRST, person[1:7], strict=True))
    told["profile"] = orjson.Fragment(person.profile)
    told["identities"] = orjson.Fragment(person.identities)
    told["customAttributes"] = orjson.Fragment(person.attributes)
    told |= {"isTest": person.is_test, "registeredAt": _time(person.registered_at)}
    told |= {"gluId": str(person.glu_id), "referralCode": person.referral_code}
    told |= {"lastSeenAt": _time(person.last_seen_at), "blocked": person.is_blocked}
    known = {name: value for name, value in told.items() if value is not None}
    return orjson.dumps(known).decode() + "\n"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
