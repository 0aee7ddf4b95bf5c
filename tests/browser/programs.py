"""Programs for a browser: launched with a reward for each occasion, and people who have come so far."""

from django.utils import timezone

from campaigns.models import Participation
from campaigns.types import get_type
from rewards.tables import OutcomeDraft
from tests.factories import launched_campaign
from tests.types.happenings import stored


def program(environment, slug, **config):
    kind = get_type(slug)
    settings = kind.defaults() | config
    keys = [each.key for each in kind.occasions(settings)] or [""]
    rewards = [
        OutcomeDraft(name=f"{50 * n} points", weight=100, reward_type="points", amount=50 * n, occasion=key)
        for n, key in enumerate(keys, 1)
    ]
    nothing = OutcomeDraft(name="Not this time", weight=0, reward_type="noReward", is_fallback=True)
    outcomes = (*rewards, nothing)
    banner = {"title": settings["title"], "body": "A program"}
    return launched_campaign(
        environment, type=slug, name="A program", config=settings, outcomes=outcomes, banner=banner
    )


def stands(campaign, person, state, status="in-progress"):
    """The person's participation as if events had brought them there."""
    now = timezone.now()
    fields = {"status": status, "state": stored(state), "updated_at": now}
    Participation.objects.update_or_create(
        environment_id=campaign.environment_id,
        campaign=campaign,
        user=person,
        defaults=fields,
        create_defaults=fields | {"created_at": now},
    )
