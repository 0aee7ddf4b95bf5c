"""What SDKs and pages say of themselves, appended: the only writer of SdkSignal rows.

Nothing that is JSON is refused: a client can't mend its SDK, and what is too large or can't be
stored is kept cut. These rows are for looking at; no campaign hangs on them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users.events.forms import ID_LIMIT, NAME_LIMIT, shown, shown_text, storable
from users.events.models import SdkSignal

APPEND = """
INSERT INTO users_sdksignal (environment_id, kind, name, client_id, received_at, content)
SELECT %(env)s::uuid, %(kind)s, name, client_id, %(now)s::timestamptz, content
FROM unnest(%(names)s::text[], %(client_ids)s::text[], %(contents)s::jsonb[])
    AS sent (name, client_id, content)
RETURNING id
"""


def append(
    config: EnvironmentConfig,
    signals: Sequence[Any],
    *,
    kind: SdkSignal.Kind,
    person: str = "",
    now: datetime,
) -> list[int]:
    """Keep the signals; the ids of their rows. `person` is whom a token named, for those that name nobody."""
    contents = [each if isinstance(each, dict) else {"value": each} for each in signals]
    columns = {
        "names": [_text(each, "event_name", NAME_LIMIT) for each in contents],
        "client_ids": [_text(each, "user_id", ID_LIMIT) or person for each in contents],
        "contents": [storable(each) or orjson.dumps(shown(each)).decode() for each in contents],
    }
    arrays = {name: f"{{{orjson.dumps(column)[1:-1].decode()}}}" for name, column in columns.items()}
    rows = hot.rows(APPEND, arrays | {"env": config.id, "kind": kind.value, "now": now})
    return sorted(number for (number,) in rows)


def _text(content: dict[str, Any], key: str, most: int) -> str:
    return shown_text(content.get(key), most) or ""
