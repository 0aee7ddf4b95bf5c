"""Whom a campaign is for, as it is stored: segments in and out, a rule, and whether only its list counts.

Serves drafts.py and publishing.py, which is the only writer of campaigns, and compiles what is
stored for the catalog.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from campaigns.audience import LIST, Audience
from campaigns.models import Campaign, CampaignSegment
from glu_admin.config import EnvironmentConfig
from users.models import Segment
from users.segments import book, predicate
from users.segments.book import Book
from users.segments.parse import parse
from users.segments.rule import InSegment, Rule, RuleError

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
    wanted = dict.fromkeys(audience.include, False) | dict.fromkeys(audience.exclude, True)
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


def compiled(config: EnvironmentConfig, campaigns: Iterable[Campaign]) -> dict[UUID, Audience]:
    """The audiences of these campaigns, ready to be asked of people."""
    rows = list(campaigns)
    found = CampaignSegment.objects.filter(environment_id=config.id, campaign__in=[row.pk for row in rows])
    sides: dict[tuple[UUID, bool], list[UUID]] = {}
    for campaign_id, segment_id, excluded in found.values_list("campaign_id", "segment_id", "excluded"):
        sides.setdefault((campaign_id, excluded), []).append(segment_id)
    segments = book.of(config)
    return {
        row.pk: _compiled(row, sides.get((row.pk, False), []), sides.get((row.pk, True), []), segments)
        for row in rows
    }


def _compiled(row: Campaign, include: list[UUID], exclude: list[UUID], segments: Book) -> Audience:
    tested: list[Rule] = [InSegment(pk) for pk in (*include, *exclude)]
    rule, unreadable = None, False
    if row.audience_rule is not None:
        try:
            rule = parse(row.audience_rule)
            tested.append(rule)
        except RuleError:  # an older version wrote it: nobody comes in by a rule that nobody can read
            unreadable = True
    needs = frozenset[str]().union(*(predicate.needs(each, segments) for each in tested))
    test = predicate.compile(rule, segments) if rule is not None else None
    return Audience(
        include=tuple(predicate.compile(InSegment(pk), segments) for pk in include),
        exclude=tuple(predicate.compile(InSegment(pk), segments) for pk in exclude),
        rule=(lambda facts: False) if unreadable else test,
        only_listed=row.only_listed,
        needs=needs | ({LIST} if row.only_listed or row.has_list else set()),
    )
