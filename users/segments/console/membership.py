"""Who is in a list, or came in by an event: page by page, or one person who is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, QueryDict

from glu_admin.api import pagination
from glu_admin.api.errors import ApiError
from users.console import finding
from users.models import SegmentMember
from users.segments.models import Segment

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Members:
    """`after` leads to the next page, "" on the last; `is_later` on all pages but the first."""

    rows: Sequence[SegmentMember]
    looked_for: str
    after: str
    is_later: bool


def shown(segment: Segment, asked: QueryDict) -> Members:
    """`member` looks for somebody by an id or a contact; those who registered last come first."""
    rows = SegmentMember.objects.filter(environment=segment.environment_id, segment=segment)
    rows = rows.select_related("user").order_by("-user_id")
    if looked_for := asked.get("member", "").strip().replace("\0", ""):
        people = finding.find(segment.environment_id, looked_for, limit=SHOWN)
        return Members(list(rows.filter(user__in=[each.pk for each in people])), looked_for, "", False)
    if after := asked.get("after", ""):
        rows = rows.filter(user_id__lt=_position(after))
    page = list(rows[: SHOWN + 1])
    has_more = len(page) > SHOWN
    page = page[:SHOWN]
    return Members(page, "", pagination.encode({"id": page[-1].user_id}) if has_more else "", bool(after))


def _position(cursor: str) -> int:
    try:
        found: int = pagination.decode(cursor, id=int)["id"]
    except ApiError as error:
        raise Http404(error.message) from None
    return found
