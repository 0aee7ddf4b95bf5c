"""Who wins, in which campaign and at which attempt: what a reward is given under."""

from campaigns import entries
from campaigns.catalog import CatalogCampaign
from glu_admin.config import EnvironmentConfig
from rewards.ledger import Claimant
from users.people import Person


def claimant(config: EnvironmentConfig, campaign: CatalogCampaign, person: Person, attempt: int) -> Claimant:
    return Claimant(
        user_pk=person.id,
        campaign_id=campaign.id,
        campaign_type=campaign.type,
        reward_user_id=entries.reward_user_id(campaign.id, person.glu_id, attempt),
        transaction_id=entries.transaction_id(config, campaign.id, person.glu_id, attempt),
        user_id=person.user_id or person.anonymous_id or "",
    )
