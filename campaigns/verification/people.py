"""People are who they are once: aliases lead to one user, and nobody is their own referrer."""

from collections.abc import Iterable, Mapping

from django.db import connection

from campaigns.verification.invariants import Invariant, by_sql
from users.identity.referrals import EDGES


def _circles() -> tuple[int, Iterable[str]]:
    with connection.cursor() as cursor:
        cursor.execute(EDGES)
        referrers: dict[int, int | None] = dict(cursor.fetchall())
    safe: set[int] = set()
    return len(referrers), [str(person) for person in referrers if _goes_round(person, referrers, safe)]


def _goes_round(person: int, referrers: Mapping[int, int | None], safe: set[int]) -> bool:
    """Whether the way up comes back to `person`; all that is met on a way that ends is safe."""
    way: set[int] = set()
    here: int | None = person
    while here is not None and here not in way and here not in safe:
        way.add(here)
        here = referrers.get(here)
    ends = here is None or here in safe
    if ends:
        safe |= way
    return not ends and here == person


INVARIANTS = [
    by_sql(
        "people.aliases",
        "Only a visitor is an alias, of a user who is none, and says since when.",
        of="users_enduser",
        broken="""
            SELECT a.id FROM users_enduser a LEFT JOIN users_enduser u
                ON u.id = a.merged_into_id AND u.environment_id = a.environment_id
            WHERE (a.merged_into_id IS NULL) <> (a.merged_at IS NULL)
                OR a.merged_into_id IS NOT NULL AND (a.user_id IS NOT NULL
                    OR u.id IS NULL OR u.merged_into_id IS NOT NULL
                    OR u.user_id IS NULL AND u.erased_at IS NULL)
        """,
    ),
    by_sql(
        "people.folded",
        "An alias's participation is folded into one of the user's, and no other is.",
        of="campaigns_participation",
        broken="""
            SELECT p.id FROM campaigns_participation p JOIN users_enduser a ON a.id = p.user_id
            LEFT JOIN campaigns_participation q
                ON q.user_id = a.merged_into_id AND q.campaign_id = p.campaign_id
            WHERE (p.folded_at IS NULL) <> (a.merged_into_id IS NULL)
                OR p.folded_at IS NOT NULL AND q.id IS NULL
        """,
    ),
    Invariant("people.referrals", "Nobody was invited by themselves, directly or through others.", _circles),
]
