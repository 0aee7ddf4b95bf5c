"""Everything that is known of one person, as one JSON document.

Every part is read by the person's own keys, so nobody else's row can be in it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from glu_admin.api.json import dumps
from glu_admin.workspaces.models import Environment
from users import people
from users.models import EndUser
from users.privacy import parts

FORMAT = "glu-admin-person/1"


def stream(environment: Environment, user: EndUser) -> Iterator[bytes]:
    """The document in pieces, never more than a page of rows in memory."""
    root, aliases = _rows(environment, user)
    pks = [each.pk for each in (root, *aliases)]
    yield dumps(_head(environment, root, aliases))[:-1]
    for part in parts.all_parts():
        yield b"," + dumps(part.name) + b":["
        for number, row in enumerate(part.collect(environment, pks)):
            yield (b"," if number else b"") + dumps(row)
        yield b"]"
    yield b"}"


def _rows(environment: Environment, user: EndUser) -> tuple[EndUser, Sequence[EndUser]]:
    """The person's own row, and those of visitors who the person turned out to be."""
    pks = people.ids_of(environment.id, user.merged_into_id or user.pk)
    found = {row.pk: row for row in EndUser.objects.filter(environment=environment, pk__in=pks)}
    return found[pks[0]], [found[pk] for pk in pks[1:] if pk in found]


def _head(environment: Environment, root: EndUser, aliases: Sequence[EndUser]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "environment": {"id": str(environment.id), "kind": environment.kind},
        "user": _person(root),
        "aliases": [_person(each) for each in aliases],
    }


def _person(row: EndUser) -> dict[str, Any]:
    return {
        "gluId": str(row.glu_id),
        "userId": row.user_id,
        "anonymousId": row.anonymous_id,
        "userName": row.user_name,
        "email": row.email,
        "phone": row.phone,
        "referralCode": row.referral_code,
        "wasReferred": row.referred_by is not None,  # by whom is that person's own affair
        "device": row.device,
        "profile": row.profile,
        "identities": row.identities,
        "customAttributes": row.attributes,
        "isTest": row.is_test,
        "blockedAt": row.blocked_at and row.blocked_at.isoformat(),
        "mergedAt": row.merged_at and row.merged_at.isoformat(),
        "erasedAt": row.erased_at and row.erased_at.isoformat(),
        "registeredAt": row.registered_at.isoformat(),
        "updatedAt": row.updated_at.isoformat(),
        "lastSeenAt": row.last_seen_at.isoformat(),
    }
