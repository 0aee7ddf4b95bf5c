"""What changed in a person, in a form that may be kept: attributes with old and new values.

Everything else that says who somebody is (name, e-mail, phone, ids, profile, identities, push
tokens) is named only, with null: no copy of it may outlive an erasure. Registration appends a
change in the very statement that makes it; `record` appends the rare ones.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from glu_admin.observability.context import request_id
from users.differences import Changes
from users.records import Record

Described = dict[str, list[Any] | None]

MOST_BYTES = 1024  # of one value; of a longer one the beginning is kept
SHOWN_OF_LONG = 200
NAMES = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "user_name": "userName",
    "email": "email",
    "phone": "phone",
    "referred_by": "referredBy",
}
OPEN_DEVICE_FACTS = ("appVersion", "deviceType")  # these say nothing of who somebody is
PASSING = ("sessionId",)  # new at each start of an app: not a change of the person

# Appends a change for the row of a CTE `written` that has the columns id and glu_id. The change
# is called "registered" if the row was made in this very statement (it has the given glu_id).
INSERT = (
    "INSERT INTO users_userchange (environment_id, user_id, kind, source, changes, request_id, at)"
    " SELECT %s::uuid, written.id,"
    " CASE WHEN written.glu_id = %s::uuid THEN 'registered' ELSE 'changed' END,"
    " %s::varchar, %s::jsonb, %s::varchar, %s::timestamptz FROM written"
)


def values(
    environment_id: UUID, made: UUID | None, *, source: str, changes: Described, at: datetime
) -> list[Any]:
    """The values of INSERT; `made` is the glu_id that a new row would have, None for a known person."""
    return [environment_id, made, source, _dumps(changes), request_id(), at]


def described(known: Record | None, change: Changes) -> Described:
    """{"attributes.tier": ["silver", "gold"], "email": None}; {} if nothing worth keeping changed."""
    found: Described = {NAMES.get(column, column): None for column in change.columns}
    for part in change.parts:
        stored: dict[str, Any] = getattr(known, part) if known else {}
        added = change.merges.get(part, {})
        for name in (*added, *change.removals.get(part, ())):
            old, new = stored.get(name), added.get(name)
            if part in ("profile", "identities"):
                found[f"{part}.{name}"] = None
            elif name in PASSING and part == "device":
                continue
            elif part == "device" and name not in OPEN_DEVICE_FACTS:
                found[f"device.{name}"] = None
            elif old is not None or new is not None:
                found[f"{part}.{name}"] = [_shortened(old), _shortened(new)]
    return found


def record(
    environment_id: UUID,
    user_pk: int,
    kind: str,
    *,
    source: str,
    changes: Described,
    at: datetime,
) -> None:
    """Append a change that is no registration (UserChange.Kind), in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users_userchange (environment_id, user_id, kind, source, changes, request_id, at)"
            " VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s)",
            [environment_id, user_pk, kind, source, _dumps(changes), request_id(), at],
        )


def _shortened(value: Any) -> Any:
    """The value, or the beginning of one so long that history would outgrow the people."""
    if not isinstance(value, str | list | dict):
        return value
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return value if len(text) <= MOST_BYTES else f"{text[:SHOWN_OF_LONG]}…"


def _dumps(changes: Described) -> str:
    return orjson.dumps(changes).decode()
