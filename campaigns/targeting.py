"""Whom a campaign is for, as it is stored: segments in and out, a rule, and whether only its list counts.

Serves drafts.py and publishing.py, which is the only writer of campaigns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from campaigns.models import Campaign, CampaignSegment
from users.models import Segment

MOST_SEGMENTS = 20  # in, and as many out


class AudienceError(ValueError):
    """The campaign can't be aimed like this."""


@dataclass(frozen=True)
class AudienceDraft:
    """Everybody, unless something here says otherwise.

    People of any segment in `include` who also fit the `rule`, but nobody of a segment in
    `exclude`; with `only_listed`, nobody but those whom the API adds.
    """

    include: tuple[UUID, ...] = ()
    exclude: tuple[UUID, ...] = ()
    rule: Mapping[str, Any] | None = None
    only_listed: bool = False


EVERYBODY = AudienceDraft()


def of(campaign: Campaign) -> AudienceDraft:
    """What is stored of a campaign."""
    rows = CampaignSegment.objects.filter(environment_id=campaign.environment_id, campaign=campaign)
    sides: dict[bool, list[UUID]] = {False: [], True: []}
    for segment_id, excluded in rows.order_by("segment_id").values_list("segment_id", "excluded"):
        sides[excluded].append(segment_id)
    return AudienceDraft(
        tuple(sides[False]), tuple(sides[True]), campaign.audience_rule, campaign.only_listed
    )


def check(audience: AudienceDraft) -> None:
    """Raises AudienceError for what could never be stored."""
    if max(len(audience.include), len(audience.exclude)) > MOST_SEGMENTS:
        raise AudienceError(f"A campaign takes up to {MOST_SEGMENTS} segments in, and as many out.")
    if set(audience.include) & set(audience.exclude):
        raise AudienceError("The same segment is in and out. Take it away on one side.")


def write(campaign: Campaign, audience: AudienceDraft) -> None:
    """Store it in the caller's transaction. Raises AudienceError for a segment that is not here."""
    wanted = {pk: False for pk in audience.include} | {pk: True for pk in audience.exclude}
    found = Segment.objects.filter(environment_id=campaign.environment_id, id__in=list(wanted))
    # whoever deletes one of them now waits, and is refused
    known = set(found.select_for_update(no_key=True).order_by("id").values_list("id", flat=True))
    if unknown := wanted.keys() - known:
        raise AudienceError(f"There is no segment {min(map(str, unknown))} here. It may have been deleted.")
    rows = CampaignSegment.objects.filter(environment_id=campaign.environment_id, campaign=campaign)
    rows.delete()
    CampaignSegment.objects.bulk_create(_rows(campaign, wanted.items()))


def _rows(campaign: Campaign, wanted: Iterable[tuple[UUID, bool]]) -> list[CampaignSegment]:
    return [
        CampaignSegment(
            environment_id=campaign.environment_id, campaign=campaign, segment_id=pk, excluded=excluded
        )
        for pk, excluded in wanted
    ]
