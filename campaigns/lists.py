"""The list that the API keeps of a campaign: who may see it, or may not, whatever its segments say.

The only writer of lists. Both calls may be repeated; the last one counts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.models import Campaign, ListedUser
from glu_admin.workspaces.models import Environment
from users.privacy import parts

_PUT = """
INSERT INTO campaigns_listeduser AS listed (environment_id, campaign_id, user_id, included, changed_at)
SELECT u.environment_id, %(campaign)s, u.id, %(included)s, %(now)s FROM users_enduser u
 WHERE u.environment_id = %(environment)s AND u.id = %(user)s AND u.merged_into_id IS NULL
   AND u.erased_at IS NULL
   FOR SHARE OF u
    ON CONFLICT (environment_id, user_id, campaign_id) DO UPDATE
   SET included = excluded.included, changed_at = excluded.changed_at
 WHERE listed.included <> excluded.included
"""
# what was said of the user counts, else what was said of the visitor
_FOLD = """
WITH of_visitor AS (
    DELETE FROM campaigns_listeduser WHERE environment_id = %(environment)s AND user_id = %(visitor)s
    RETURNING campaign_id, included, changed_at
)
INSERT INTO campaigns_listeduser (environment_id, campaign_id, user_id, included, changed_at)
SELECT %(environment)s, campaign_id, %(user)s, included, changed_at FROM of_visitor ORDER BY campaign_id
    ON CONFLICT (environment_id, user_id, campaign_id) DO NOTHING
"""


def put(environment_id: UUID, campaign_id: UUID, user_pk: int, *, included: bool, now: datetime) -> None:
    """Let this person see the campaign from now on, or not."""
    values: dict[str, Any] = {
        "environment": environment_id,
        "campaign": campaign_id,
        "user": user_pk,
        "included": included,
        "now": now,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_PUT, values)
        # only the first entry changes the campaign, which every cache then reads anew
        first = Campaign.objects.filter(environment_id=environment_id, id=campaign_id, has_list=False)
        first.update(has_list=True)


def fold(environment_id: UUID, visitor_pk: int, user_pk: int, now: datetime) -> None:
    """In a merge: what was said of the visitor holds for the user."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, {"environment": environment_id, "visitor": visitor_pk, "user": user_pk})


def register() -> None:
    parts.register("campaignLists", entries, erase, count=parts.counted(_rows))


def entries(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in _rows(environment, pks).select_related("campaign").order_by("campaign_id"):
        yield {
            "campaignId": str(row.campaign_id),
            "campaign": row.campaign.name,
            "included": row.included,
            "changedAt": row.changed_at.isoformat(),
        }


def erase(environment: Environment, pks: Sequence[int]) -> int:
    return _rows(environment, pks).delete()[0]


def _rows(environment: Environment, pks: Sequence[int]) -> QuerySet[ListedUser]:
    return ListedUser.objects.filter(environment=environment, user_id__in=list(pks))
