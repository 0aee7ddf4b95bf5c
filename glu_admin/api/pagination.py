"""Pages of a list, by opaque cursors.

A cursor is where the page before ended, as base64url JSON: rows that arrive meanwhile shift
nothing. It holds no secret and opens nothing: whoever changes one reads another page of the
same environment, or is told that it is broken.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model, Q, QuerySet

from glu_admin.api.errors import ApiError

USUAL = 50  # rows a page
MOST = 200
LONGEST = 2048  # characters of a cursor: the longest name fits in
LARGEST = 2**63 - 1  # what a row's number can be

Position = Mapping[str, int | str]


def encode(position: Position) -> str:
    """The cursor of a position, such as {"id": 42}."""
    return urlsafe_b64encode(orjson.dumps(dict(position))).rstrip(b"=").decode()


def decode(cursor: str, *, field: str = "cursor", **shape: type) -> dict[str, Any]:
    """The position in a cursor, with exactly the keys and types of `shape`; raises ApiError 400."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = orjson.loads(urlsafe_b64decode(padded)) if len(cursor) <= LONGEST else None
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        position = None
    if not isinstance(position, dict) or {key: type(value) for key, value in position.items()} != shape:
        raise broken(field)
    if any(not _storable(value) for value in position.values()):
        raise broken(field)
    return position


def broken(field: str = "cursor") -> ApiError:
    """The refusal of a cursor that this list never gave."""
    return ApiError(
        "cursor_broken",
        f"This {field} is not one of ours. Send the text of an answer unchanged.",
        field=field,
    )


def _storable(value: int | str) -> bool:
    return 0 <= value <= LARGEST if isinstance(value, int) else "\0" not in value


def page[Row](
    rows: Sequence[Row], limit: int, shown: Callable[[Row], Any], position: Callable[[Row], Position]
) -> dict[str, Any]:
    """The answer for `rows`, of which one more than `limit` was asked for: it says that more follow."""
    kept = rows[:limit]
    following = encode(position(kept[-1])) if len(rows) > limit else None
    return {"success": True, "data": [shown(row) for row in kept], "next": following}


def numbered[Row: Model](
    rows: QuerySet[Row], query: Mapping[str, Any], shown: Callable[[Row], Any]
) -> dict[str, Any]:
    """The answer for the page that `query` asks for, of rows with rising numbers: the newest first."""
    if "cursor" in query:
        rows = rows.filter(pk__lt=decode(query["cursor"], id=int)["id"])
    limit = limit_of(query)
    return page(list(rows.order_by("-pk")[: limit + 1]), limit, shown, lambda row: {"id": row.pk})


def dated[Row: Model](
    rows: QuerySet[Row], query: Mapping[str, Any], shown: Callable[[Row], Any], *, moment: str
) -> dict[str, Any]:
    """The same for rows whose keys are UUIDs, by their field `moment`."""
    if "cursor" in query:
        at, last = _moment(query["cursor"])
        rows = rows.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": last}))
    limit = limit_of(query)
    found = list(rows.order_by(f"-{moment}", "-pk")[: limit + 1])
    return page(found, limit, shown, lambda row: {"at": getattr(row, moment).isoformat(), "id": str(row.pk)})


def limit_of(query: Mapping[str, Any]) -> int:
    return int(query.get("limit", USUAL))


def _moment(cursor: str) -> tuple[datetime, UUID]:
    place = decode(cursor, at=str, id=str)
    try:
        at, last = datetime.fromisoformat(place["at"]), UUID(place["id"])
    except ValueError:
        raise broken() from None
    if at.tzinfo is None:
        raise broken()
    return at, last
