"""Which rules campaigns follow, so that the behaviour that these ask of is kept person by person.

Those of drafts as well: the answers are there when one is launched.
"""

from collections.abc import Iterator

from campaigns.models import Campaign, CampaignSegment
from glu_admin.config import EnvironmentConfig
from users.segments.demand import register_demand
from users.segments.parse import parse
from users.segments.rule import InSegment, Rule, RuleError

_FOLLOWED = (Campaign.Status.DRAFT, Campaign.Status.LIVE, Campaign.Status.PAUSED)


def register() -> None:
    register_demand(rules)


def rules(config: EnvironmentConfig) -> Iterator[Rule]:
    """Those of campaigns' audiences, and the segments that are in or out of them."""
    campaigns = Campaign.objects.filter(environment_id=config.id, status__in=_FOLLOWED)
    aimed = CampaignSegment.objects.filter(environment_id=config.id, campaign__in=campaigns)
    for segment_id in set(aimed.values_list("segment_id", flat=True)):
        yield InSegment(segment_id)
    for said in campaigns.filter(audience_rule__isnull=False).values_list("audience_rule", flat=True):
        try:
            yield parse(said)
        except RuleError:  # nobody comes in by a rule that nobody can read
            continue
