"""What other people's rows say of somebody who is erased, such as a friend's name, goes with them.

Only those may know of a person whom the person invited, or who invited them; their counts and
rewards stay as they are, and the names and ids in them go.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from campaigns.models import Participation
from campaigns.types import all_types
from glu_admin.workspaces.models import Environment
from rewards import privacy as rewards
from users.privacy import own

SIDES = ("userA", "userB")  # of the details of rewards and of what is still owed
_OTHERS = """
WITH mine AS (
    SELECT referred_by FROM users_enduser WHERE environment_id = %(environment)s AND id = ANY(%(pks)s)
), roots AS (
    SELECT coalesce(merged_into_id, id) AS id FROM users_enduser
     WHERE environment_id = %(environment)s AND id <> ALL(%(pks)s)
       AND (referred_by = ANY(%(sent)s)
            OR user_id IN (SELECT referred_by FROM mine) OR anonymous_id IN (SELECT referred_by FROM mine))
)
SELECT id FROM users_enduser
 WHERE environment_id = %(environment)s AND coalesce(merged_into_id, id) IN (SELECT id FROM roots)
"""
_PLAYS = """
UPDATE campaigns_play
   SET answer = jsonb_set(answer, '{reward,details}', (answer #> '{reward,details}') - %(dropped)s::text[])
 WHERE environment_id = %(environment)s AND user_id = ANY(%(others)s)
   AND answer #>> %(path)s = ANY(%(sent)s)
"""
_EARNINGS = """
UPDATE campaigns_earning SET details = details - %(dropped)s::text[]
 WHERE environment_id = %(environment)s AND user_id = ANY(%(others)s) AND details ->> %(key)s = ANY(%(sent)s)
"""


def forget(environment: Environment, pks: Sequence[int]) -> None:
    """In an erasure's transaction, before the person's own row is emptied."""
    sent = own.sent_ids(environment, pks)
    others = _others(environment, pks, sent)
    if not others:
        return
    own.hold_shards(environment, others)  # a drain that has read the name would write it again
    glu_ids = own.glu_ids(environment, pks)
    _forget_states(environment, others, frozenset([*sent, *glu_ids]))
    own.forget_mentions(environment, others, [*sent, *glu_ids])
    for side in SIDES:
        key, dropped = f"{side}Id", [f"{side}Id", f"{side}Name"]
        rewards.drop_details(environment, others, key=key, values=sent, dropped=dropped)
        _forget_answers(environment, others, sent, key, dropped)


def _others(environment: Environment, pks: Sequence[int], sent: Sequence[str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, {"environment": environment.id, "pks": list(pks), "sent": list(sent)})
        return [row[0] for row in cursor.fetchall()]


def _forget_states(environment: Environment, others: Sequence[int], ids: Collection[str]) -> None:
    """In the order in which drains and merges lock one person's."""
    rows = Participation.objects.filter(environment=environment, user_id__in=others)
    for row in (
        rows.order_by("user_id", "campaign_id").select_for_update(of=["self"]).select_related("campaign")
    ):
        kind = all_types().get(row.campaign.type)
        state = kind.forget(row.state, ids) if kind else row.state
        if state != row.state:
            row.state, row.updated_at = state, Now()
            row.save(update_fields=["state", "updated_at"])


def _forget_answers(
    environment: Environment, others: Sequence[int], sent: Sequence[str], key: str, dropped: Sequence[str]
) -> None:
    values: dict[str, Any] = {"environment": environment.id, "others": list(others), "sent": list(sent)}
    values |= {"dropped": list(dropped), "key": key, "path": ["reward", "details", key]}
    with connection.cursor() as cursor:
        cursor.execute(_PLAYS, values)
        cursor.execute(_EARNINGS, values)
