"""A type that rewards several things, and what it gives for them."""

from campaigns.types.base import CampaignType, NotAllowed, Occasion, Step
from rewards.tables import OutcomeDraft

GOLD = OutcomeDraft("100 points", 5, "points", amount=100, stock_limit=1, occasion="gold")
SILVER = OutcomeDraft("20 points", 3, "points", amount=20, occasion="silver")
TINY = OutcomeDraft("5 points", 4, "points", amount=5, occasion="silver")
NOTHING = OutcomeDraft("Not this time", 0, "noReward", is_fallback=True)


class Medals(CampaignType):
    """Whoever plays says which medal they earned; the smallest type that has occasions."""

    slug = "spinthewheel"  # stands in for the wheel's page, which the engine never draws
    label, page, verb = "Medals", "reward", "Take it"

    def check(self, config, outcomes):
        pass

    def defaults(self):
        return {"title": "Medals"}

    def start(self, config):
        return {}

    def act(self, config, state, action, moment):
        if "medal" not in action:
            raise NotAllowed("Say which medal.")
        return Step(state, draws=(action["medal"],), completed=True)

    def occasions(self, config):
        return tuple(Occasion(each, each.title()) for each in ("gold", "silver", "bronze"))

    def view(self, config, state, outcomes, moment):
        return {}

    def reveal(self, config, outcomes, drawn, state):
        return {"medal": drawn.occasion if drawn else None}
