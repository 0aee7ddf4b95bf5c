"""What happened last: plays and webhook deliveries, newest first, in one statement."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from campaigns.console import sql
from campaigns.console.sql import Row
from glu_admin.console import masking
from glu_admin.workspaces.models import Environment

LENGTH = 8


@dataclass(frozen=True)
class Happening:
    at: datetime
    event: str
    who: str
    what: str
    where: str
    tone: str


# plays are looked up per campaign, because that is how their index begins
_NEWEST = """
    (SELECT p.played_at, 'play.completed', u.user_name, u.user_id, v.name, c.name,
            CASE WHEN p.reward_id IS NULL THEN '' ELSE 'won' END
     FROM campaigns_campaign c
     JOIN LATERAL (
         SELECT * FROM campaigns_play
         WHERE environment_id = %(environment)s AND campaign_id = c.id
         ORDER BY played_at DESC LIMIT %(length)s) p ON true
     JOIN users_enduser u ON u.id = p.user_id
     LEFT JOIN rewards_variant v ON v.id = p.variant_id
     WHERE c.environment_id = %(environment)s
     ORDER BY p.played_at DESC LIMIT %(length)s)
    UNION ALL
    (SELECT coalesce(a.started_at, d.created_at), 'webhook.' || d.state, NULL, NULL,
            coalesce(a.status::text, nullif(a.problem, ''), ''), e.url, d.state
     FROM webhooks_delivery d
     JOIN webhooks_endpoint e ON e.id = d.endpoint_id
     LEFT JOIN LATERAL (
         SELECT started_at, status, problem FROM webhooks_attempt
         WHERE delivery_id = d.id ORDER BY number DESC LIMIT 1) a ON true
     WHERE d.environment_id = %(environment)s
     ORDER BY d.created_at DESC LIMIT %(length)s)
    ORDER BY 1 DESC LIMIT %(length)s
"""
TONES = {"delivered": "good", "exhausted": "bad", "won": "good"}


def newest(env: Environment, *, in_full: bool) -> list[Happening]:
    """The newest happenings; people are masked unless the role may see them `in_full`."""
    rows = sql.rows(_NEWEST, environment=env.id, length=LENGTH)
    return [_happening(row, in_full=in_full) for row in rows]


def _happening(row: Row, *, in_full: bool) -> Happening:
    at, event, name, user_id, what, where, state = row
    is_play = event == "play.completed"
    who = masking.person(name, user_id, in_full=in_full) if is_play else ""
    place = where if is_play else _receiver(where)
    return Happening(at, event, who, what or "", place, TONES.get(state, "plain"))


def _receiver(url: str) -> str:
    """Who got it, without the path that says nothing to a reader."""
    return urlsplit(url).hostname or "the built-in receiver"
