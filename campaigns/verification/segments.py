"""Who is in a segment may be in it, and every rule that is stored can be followed."""

from collections.abc import Iterable
from uuid import UUID

from campaigns.verification.invariants import Invariant, by_sql
from glu_admin import config as configs
from users.models import Segment
from users.segments import book


def _unsound() -> tuple[int, Iterable[str]]:
    rules = Segment.objects.filter(kind=Segment.Kind.RULES)
    environments: set[UUID] = set(rules.values_list("environment_id", flat=True))
    books = [book.of(config) for config in map(configs.get, environments) if config]
    entries = [entry for each in books for entry in each.segments.values()]
    return len(entries), [f"{entry.id} {entry.fault}" for entry in entries if entry.fault]


INVARIANTS = [
    by_sql(
        "segments.members",
        "Whoever is in a segment is a person, no alias, of the segment's environment.",
        of="users_segmentmember",
        broken="""
            SELECT m.segment_id, m.user_id FROM users_segmentmember m
            LEFT JOIN users_enduser u ON u.id = m.user_id LEFT JOIN users_segment s ON s.id = m.segment_id
            WHERE u.environment_id IS DISTINCT FROM m.environment_id OR u.merged_into_id IS NOT NULL
                OR s.environment_id IS DISTINCT FROM m.environment_id
        """,
    ),
    by_sql(
        "segments.ways_in",
        "People come into a list by name, into an event's segment by the event, by a rule if it is kept.",
        of="users_segmentmember",
        broken="""
            SELECT m.segment_id, m.user_id, m.source FROM users_segmentmember m
            JOIN users_segment s ON s.id = m.segment_id
            WHERE NOT CASE s.kind WHEN 'rules' THEN m.source = 'rule' WHEN 'event' THEN m.source = 'event'
                ELSE m.source IN ('hand', 'api', 'import', 'freeze') END
        """,
    ),
    by_sql(
        "segments.imports",
        "An import is about people who are no aliases, and only the list that it was made for has them.",
        of="users_segmentimport",
        broken="""
            SELECT r.segment_import_id, r.user_id FROM users_segmentimportrow r
            LEFT JOIN users_enduser u ON u.id = r.user_id
            WHERE u.environment_id IS DISTINCT FROM r.environment_id OR u.merged_into_id IS NOT NULL
            UNION ALL SELECT m.batch, m.user_id FROM users_segmentmember m
            JOIN users_segmentimport i ON i.id = m.batch WHERE i.segment_id <> m.segment_id
        """,
    ),
    by_sql(
        "segments.sizes",
        "No segment has fewer than nobody, nor is counted before its day has begun.",
        of="users_segmentsize",
        broken="""
            SELECT segment_id, day, size FROM users_segmentsize
            WHERE size < 0 OR counted_at < day - interval '1 day'
        """,
    ),
    Invariant(
        "segments.rules", "Every rule can be read, and leads back to no segment that it is in.", _unsound
    ),
]
