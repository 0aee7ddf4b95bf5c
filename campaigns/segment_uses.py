"""Which campaigns use a segment: let its people in or keep them out, ask for it in their rule, or
have a game that needs it."""

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from campaigns.models import Campaign, CampaignSegment
from campaigns.types import all_types
from campaigns.types.base import CampaignType
from users.segments.uses import Use, Uses, register_use, segments_in

RUNNING = (Campaign.Status.LIVE, Campaign.Status.PAUSED)


def register() -> None:
    register_use(find)


def find(environment_id: UUID, segments: Collection[UUID]) -> Uses:
    """The campaigns that use each of these segments, by name."""
    campaigns = Campaign.objects.filter(environment_id=environment_id)
    aimed = CampaignSegment.objects.filter(environment_id=environment_id, segment_id__in=segments)
    asked: dict[UUID, set[UUID]] = {}  # segment -> campaigns
    for segment_id, campaign_id in aimed.values_list("segment_id", "campaign_id"):
        asked.setdefault(segment_id, set()).add(campaign_id)
    ruled = campaigns.filter(audience_rule__isnull=False).values_list("id", "audience_rule")
    for campaign_id, rule in ruled:
        for segment_id in set(segments_in(rule)) & set(segments):
            asked.setdefault(segment_id, set()).add(campaign_id)
    needing = {slug: kind for slug, kind in all_types().items() if _needs_any(kind)}
    for campaign_id, slug, config in campaigns.filter(type__in=needing).values_list("id", "type", "config"):
        needed = needing[slug].segments(needing[slug].defaults() | config)
        for segment_id in {each for each in segments if str(each) in needed}:
            asked.setdefault(segment_id, set()).add(campaign_id)
    wanted = {campaign for found in asked.values() for campaign in found}
    rows = campaigns.filter(id__in=wanted).only("id", "name", "status", "ends_at").order_by("name")
    uses = {row.id: Use("campaign", row.id, row.name, _is_live(row)) for row in rows}
    return {segment: [use for pk, use in uses.items() if pk in found] for segment, found in asked.items()}


def _needs_any(kind: CampaignType) -> bool:
    return type(kind).segments is not CampaignType.segments


def _is_live(campaign: Campaign) -> bool:
    """Whether it is played, or will be when somebody resumes it."""
    is_over = campaign.ends_at is not None and campaign.ends_at <= timezone.now()
    return campaign.status in RUNNING and not is_over
