"""Finding people: whom a token names, or who has a client's id. Reads only, one statement each.

A visitor who was merged into a user is that user from then on: tokens of the one act as the other.
"""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from glu_admin import hot
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.config import EnvironmentConfig
from users.tokens import Identity

# For those who join more to this read: put these columns first, then call `admit`. `t` is the row
# that the token names, with the token's version; `u` is the person.
COLUMNS = (
    "u.id, u.glu_id, u.user_id, u.anonymous_id, u.user_name, u.profile ->> 'timezone',"
    " t.token_version, u.is_test, u.blocked_at IS NOT NULL"
)
NAMED = (
    "users_enduser t JOIN users_enduser u"
    " ON u.environment_id = t.environment_id AND u.id = coalesce(t.merged_into_id, t.id)"
    " AND u.erased_at IS NULL"
)
# the keys of a person `u` and of the aliases
IDS = (
    "SELECT u.id UNION ALL SELECT alias.id FROM users_enduser alias"
    " WHERE alias.environment_id = u.environment_id AND alias.merged_into_id = u.id"
)
# the same, of (key, environment, key)
IDS_OF = (
    "SELECT %s::bigint UNION ALL SELECT alias.id FROM users_enduser alias"
    " WHERE alias.environment_id = %s AND alias.merged_into_id = %s"
)

BY_TOKEN = f"SELECT {COLUMNS} FROM {NAMED} WHERE t.environment_id = %s AND t.glu_id = %s"
BY_USER_ID = f"SELECT {COLUMNS} FROM {NAMED} WHERE t.environment_id = %s AND t.user_id = %s"
BY_KEYS = f"SELECT {COLUMNS}, t.id FROM {NAMED} WHERE t.environment_id = %s AND t.id = ANY(%s::bigint[])"
ALIASES = "SELECT id, glu_id FROM users_enduser WHERE environment_id = %s AND merged_into_id = %s ORDER BY id"


@dataclass(frozen=True)
class Person:
    id: int
    glu_id: UUID
    user_id: str | None
    anonymous_id: str | None
    name: str | None
    time_zone: str | None  # only a zone that exists
    token_version: int
    is_test: bool


def load(identity: Identity) -> Person:
    """The person of a token. Raises Unauthorized if unknown or signed out, ApiError 403 if blocked."""
    return admit(identity, hot.row(BY_TOKEN, [identity.config.id, identity.glu_id]))


def admit(identity: Identity, row: Sequence[Any] | None) -> Person:
    """The person in a row of COLUMNS, if the token may still speak for this person; raises as `load`."""
    tell = identity.config.is_test
    if not row:
        raise Unauthorized(
            "token_unknown_user",
            "The token's user does not exist any more. Register the user again.",
            tell=tell,
        )
    if row[8]:
        raise blocked()
    if row[6] != identity.token_version:
        raise Unauthorized(
            "token_revoked", "All tokens of this user were revoked. Register the user again.", tell=tell
        )
    return _person(row)


def find(config: EnvironmentConfig, user_id: str) -> Person | None:
    """The person whom the client calls `user_id`, blocked or not."""
    if "\0" in user_id:  # the database takes no such text, not even to look for it
        return None
    row = hot.row(BY_USER_ID, [config.id, user_id])
    return None if row is None else _person(row)


def by_keys(environment_id: UUID, user_pks: Sequence[int]) -> dict[int, Person]:
    """Each of these people; the user whom a visitor turned out to be. Whoever was erased is missing."""
    rows = hot.rows(BY_KEYS, [environment_id, list(user_pks)])
    return {row[-1]: _person(row[:-1]) for row in rows}


def aliases_of(environment_id: UUID, user_pk: int) -> dict[int, UUID]:
    """The visitors who turned out to be this person: their keys, and their gluIds."""
    return dict(hot.rows(ALIASES, [environment_id, user_pk]))


def ids_of(environment_id: UUID, user_pk: int) -> list[int]:
    """The keys under which rows of this person may stand: the person's own comes first."""
    return [user_pk, *aliases_of(environment_id, user_pk)]


def blocked() -> ApiError:
    """The refusal of a blocked person: a 401 would make apps register again without end."""
    return ApiError(
        "user_blocked", "This user is blocked. Unblock the user in the console first.", status=403
    )


def _person(row: Sequence[Any]) -> Person:
    pk, glu_id, user_id, anonymous_id, name, zone, version, is_test, _ = row
    return Person(
        id=pk,
        glu_id=glu_id,
        user_id=user_id,
        anonymous_id=anonymous_id,
        name=name,
        time_zone=zone if zone in _time_zones() else None,
        token_version=version,
        is_test=is_test,
    )


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
