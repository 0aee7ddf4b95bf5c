"""Makes our tables, campaigns, codes and people, by the product's own ways.

`python -m tests.bench.world USERS CAMPAIGNS AIMED CODES` prints what the requests need as JSON; with
AIMED 1 each campaign has a segment of its own.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from random import Random

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "glu_admin.settings"
ACTIVE = 2_000  # people who ask; the others are there


def main(users: int, campaigns: int, aimed: int, codes: int) -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    print(json.dumps(make(users, campaigns, aimed, codes)))


def make(users: int, campaigns: int, aimed: int, codes: int) -> dict[str, object]:
    from django.db import connection
    from django.utils import timezone

    from glu_admin import config
    from glu_admin.workspaces import keys
    from tests.bench import audiences
    from users import tokens
    from users.registration import register
    from users.registration_form import parse

    environment = keys.create_workspace("Bench").environments.get(kind="live")
    played = _campaigns(environment, campaigns, aimed, codes)
    opened = config.get(environment.id)
    now = timezone.now()
    _crowd(environment, users)
    # those who ask are spread over the crowd, so that growth can't hide in a warm corner
    step = max(1, users // ACTIVE)
    asking = [
        {"userId": f"u_{n * step}", "customAttributes": audiences.attributes(n)}
        for n in range(min(users, ACTIVE))
    ]
    people = [register(opened, parse(each), now=now).subject for each in asking]
    _play_some(opened, people[:200], now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {
        "writeKey": environment.write_keys.get().key,
        "campaign": str(played),
        "step": step,
        "tokens": [tokens.issue(opened, person, now=now) for person in people],
    }


def _crowd(environment, users):
    """Everybody, by COPY; nobody in a small world, whose few register themselves."""
    from django.db import connection

    from tests.bench import people

    if users <= ACTIVE:
        return
    with tempfile.TemporaryDirectory(prefix="glu-crowd-") as folder:
        people.load(connection, people.write_copy(Path(folder) / "people", environment.id, users))


def _campaigns(environment, count, aimed, codes):
    """The first one gives a coupon at every play, to everybody; the others give points."""
    from campaigns import publishing
    from campaigns.demo import brand
    from campaigns.demo.codes import stock_pool
    from campaigns.targeting import EVERYBODY
    from glu_admin import config
    from glu_admin.workspaces.audit import Actor
    from rewards.tables import OutcomeDraft

    pool = stock_pool(environment, config.get(environment.id), brand.DISCOUNTS, codes, Random(1))
    nothing = OutcomeDraft("No prize", 0, "noReward", is_fallback=True)
    coupon = (OutcomeDraft("20% off", 1, "coupons", amount=20, pool_id=pool.id), nothing)
    points = (OutcomeDraft("50 points", 1, "points", amount=50), nothing)
    made = []
    for number in range(count):
        draft = publishing.CampaignDraft(
            type="spinthewheel",
            name=f"Campaign {number}",
            tag=f"campaign-{number}",
            outcomes=points if number else coupon,
            config={"title": "Spin to win"},
            banner={"title": f"Campaign {number}", "body": "Spin and win"},
            audience=_audience(environment, number) if aimed and number else EVERYBODY,
        )
        campaign = publishing.create(environment, draft, Actor("bench"))
        made.append(publishing.launch(campaign, Actor("bench")).id)
    config.forget()
    return made[0]


def _audience(environment, number):
    from campaigns.targeting import AudienceDraft
    from tests.bench import audiences
    from users.models import Segment

    rule = audiences.rule(number)
    return AudienceDraft(
        (Segment.objects.create(environment=environment, name=f"Segment {number}", rule=rule).pk,)
    )


def _play_some(opened, people, now):
    """Each of them has played three campaigns once, so that a wallet has something to read."""
    from campaigns import engine
    from users.tokens import Identity

    for subject in people:
        identity = Identity(
            opened, subject.glu_id, subject.user_id, subject.anonymous_id, subject.token_version, "user"
        )
        for number in range(1, 4):
            engine.act(identity, f"campaign-{number}", key="before", body={}, now=now)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]))
