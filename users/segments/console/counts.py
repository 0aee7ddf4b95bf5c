"""The panel beside the builder: how many people fit the rule that is being typed, and what of it
costs how many; who, for example; which campaigns reach them."""

from typing import Any

from django.utils import timezone

from glu_admin import config as configs
from glu_admin.workspaces.models import Environment
from users.segments import counting, preview
from users.segments.parse import parse


def of(env: Environment, rule: Any, *, session: str, shows_people: bool) -> dict[str, Any]:
    """`preview` of a whole rule; `state` says why there is none: "half", "slow" or "newer"."""
    config = configs.get(env.id)
    if rule is None or config is None:
        return {"state": "half"}
    try:
        found = preview.preview(
            config, parse(rule), now=timezone.now(), session=session, shows_people=shows_people
        )
    except counting.TooSlow:
        return {"state": "slow"}
    except counting.Superseded:
        return {"state": "newer"}
    share = round(100 * found.count / found.total, 1) if found.total else 0
    drops = [
        (each.words, each.without - found.count) for each in found.conditions if len(found.conditions) > 1
    ]
    overlap = [each for each in found.overlap if each.people]
    return {"preview": found, "share": share, "drops": drops, "overlap": overlap}
