"""What a first look may play as: told to run.json and to the greeting in the terminal."""

from campaigns.demo import brand, draws
from campaigns.demo.wheels import SPIN
from campaigns.models import Campaign
from glu_admin.workspaces.models import Environment
from users.models import EndUser


def demo_facts(environment: Environment) -> dict[str, str]:
    """The demo's player and live campaign; empty where the demo is not loaded."""
    people = EndUser.objects.filter(environment=environment, user_id=brand.MIA, is_demo=True)
    wheel = Campaign.objects.filter(environment=environment, id=draws.campaign_id(SPIN))
    return {
        "demoUserId": brand.MIA if people.exists() else "",
        "campaignId": str(draws.campaign_id(SPIN)) if wheel.exists() else "",
    }
