"""What live campaigns tell the counting of segments: their audiences, as rules."""

from collections.abc import Iterator
from uuid import UUID

from campaigns.models import Campaign, CampaignSegment
from glu_admin.config import EnvironmentConfig
from users.segments.parse import parse
from users.segments.preview import Reach, register_reach
from users.segments.rule import All, Any, InSegment, Not, Rule, RuleError


def register() -> None:
    register_reach(live)


def live(config: EnvironmentConfig) -> Iterator[Reach]:
    """Each live campaign that is aimed at some people; who is on its API list is not counted."""
    rows = Campaign.objects.filter(environment_id=config.id, status=Campaign.Status.LIVE, only_listed=False)
    sides = _sides(config)
    for row in rows.only("id", "name", "audience_rule").order_by("name"):
        rule = _rule(row, *sides.get(row.pk, ([], [])))
        if rule is not None:
            yield Reach(row.pk, row.name, rule)


def _sides(config: EnvironmentConfig) -> dict[UUID, tuple[list[Rule], list[Rule]]]:
    """The segments in and out, by campaign."""
    found: dict[UUID, tuple[list[Rule], list[Rule]]] = {}
    rows = CampaignSegment.objects.filter(environment_id=config.id)
    for campaign_id, segment_id, excluded in rows.values_list("campaign_id", "segment_id", "excluded"):
        found.setdefault(campaign_id, ([], []))[excluded].append(InSegment(segment_id))
    return found


def _rule(row: Campaign, include: list[Rule], exclude: list[Rule]) -> Rule | None:
    parts: list[Rule] = [Any(tuple(include))] if include else []
    parts += [Not(Any(tuple(exclude)))] if exclude else []
    if row.audience_rule is not None:
        try:
            parts.append(parse(row.audience_rule))
        except RuleError:
            return None
    return All(tuple(parts)) if parts else None
