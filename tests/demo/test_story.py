"""What a first look at Brewline shows."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Count

from campaigns import catalog, engine
from campaigns.demo import brand, draws
from campaigns.demo.welcome import demo_facts
from campaigns.demo.wheels import LAUNCH, SPIN
from campaigns.models import Campaign, Participation, Play
from campaigns.readiness import checks
from campaigns.types import all_types, get_type
from campaigns.types.chance import GameOfChance
from glu_admin import config, crypto
from glu_admin.pictures import keeping
from glu_admin.runtime import welcome
from glu_admin.webhooks import endpoints
from glu_admin.webhooks.models import Attempt, Delivery, Endpoint
from glu_admin.workspaces.models import AuditEntry, Member
from rewards import coupons, shown, tables
from rewards.models import CouponPool
from tests.demo.conftest import NOW, identity_of
from users.models import Device, EndUser, Event


@pytest.fixture
def mia(brewline):
    return EndUser.objects.get(environment=brewline, user_id="u_mia")


@pytest.fixture
def wheel(brewline):
    return Campaign.objects.get(environment=brewline, tag=SPIN)


def test_the_load_says_how_much_it_made(loaded, brewline):
    assert loaded.users == EndUser.objects.filter(environment=brewline, is_demo=True).count() == 2000
    assert loaded.plays == Play.objects.filter(environment=brewline).count()
    assert 6_200 < loaded.plays < 7_200


def test_people_live_in_six_cities_and_some_are_known_by_an_anonymous_id_only(brewline):
    people = EndUser.objects.filter(environment=brewline)

    assert people.filter(user_id=None).count() == brand.VISITORS
    assert {row["attributes"].get("city") for row in people.values("attributes")} == {None, *brand.CITIES}
    assert {row["attributes"].get("plan") for row in people.values("attributes")} == {None, *brand.PLANS}
    assert not people.exclude(email=None).exclude(email__endswith="brewline.example").exists()


def test_the_owner_signs_in_by_link_only(brewline):
    owner = Member.objects.get(email="owner@brewline.example")

    assert not owner.has_usable_password()
    assert [each.role for each in brewline.workspace.memberships.all()] == ["owner"]


def test_one_wheel_is_live_one_has_ended_and_one_is_not_finished(brewline, wheel):
    states = dict(Campaign.objects.filter(environment=brewline).values_list("name", "status"))
    draft = Campaign.objects.get(environment=brewline, status="draft")

    assert states == {
        "Weekend spin": "live", "Launch-day spin": "ended", "Barista wheel": "draft",
        "Scratch & sip": "live", "Bean slots": "live", "Lucky box": "live", "Roll for a refill": "live",
        "Heads, it's on us": "live", "Memory mornings": "live", "Roast quiz": "live",
        "7-day streak": "live", "Coffee card": "live", "Three sips": "live", "Second cup": "live",
        "A thank-you": "live", "Bring a friend": "live",
    }  # fmt: skip
    assert not all(check.ok for check in checks(draft, NOW))
    assert wheel.version == 3


def test_every_game_of_chance_is_live_and_has_all_that_a_launch_asks_for(brewline):
    live = Campaign.objects.filter(environment=brewline, status="live")

    for campaign in live:
        get_type(campaign.type).check(
            campaign.config, catalog.fresh(config.get(brewline.id), campaign.pk).outcomes
        )
    assert {each.type for each in live} >= {
        slug for slug, kind in all_types().items() if isinstance(kind, GameOfChance)
    }


@pytest.mark.parametrize(("tag", "plays"), [("scratch-and-sip", 420), ("lucky-box", 260), ("bean-slots", 0)])
def test_some_games_beside_the_wheel_have_a_past_of_one_play_a_person(brewline, tag, plays):
    made = Play.objects.filter(environment=brewline, campaign__tag=tag)

    assert made.count() == made.values("user").distinct().count() == plays
    assert not made.filter(user__user_id=brand.MIA).exists()
    assert all(each.answer["reveal"] for each in made[:20])


def test_the_live_wheel_has_the_odds_of_the_picture(wheel):
    rows = wheel.table.variants.order_by("position").values_list("name", "weight", "is_fallback")

    assert list(rows) == [
        ("Free flat white", 50, False),
        ("20% off", 200, False),
        ("Free pastry", 125, False),
        ("50 points", 325, False),
        ("No prize", 300, True),
    ]


def test_only_what_is_still_played_has_a_seed_that_this_code_does_not_tell(brewline, wheel):
    opened = config.get(brewline.id)
    past = Play.objects.filter(campaign=wheel).values_list("variant__table_id", flat=True).distinct()
    seeds = {table.seed for table in tables.load(opened, past).values()}

    assert seeds == {draws.seed(SPIN, 0), draws.seed(SPIN, 1)}
    assert tables.load(opened, [wheel.table_id])[wheel.table_id].seed not in {
        *seeds,
        draws.seed(SPIN, 2),
        draws.seed(LAUNCH, 0),
    }


def test_the_audit_log_tells_why_the_live_wheels_odds_have_versions(wheel):
    entries = AuditEntry.objects.filter(object_id=str(wheel.id)).order_by("id")
    launched, changed, renewed = entries
    assert (launched.action, launched.at) == ("campaign.launched", wheel.launched_at)
    assert changed.changes == {
        "version": [1, 2],
        "chance of Free flat white": ["4%", "5%"],
        "chance of 50 points": ["33.5%", "32.5%"],
    }
    assert renewed.changes == {"version": [2, 3], "seed": ["used for the past", "new and secret"]}
    assert launched.at < changed.at < renewed.at == NOW


def test_the_month_has_the_shape_of_weeks_and_one_spike(wheel):
    days = Counter(Play.objects.filter(campaign=wheel).values_list("local_day", flat=True))
    first = NOW.date() - timedelta(days=brand.DAYS - 1)
    spike = first + timedelta(days=brand.SPIKE_DAY)
    weekend = [count for day, count in days.items() if day.weekday() in (5, 6)]
    working = [count for day, count in days.items() if day.weekday() < 4 and day not in (spike, NOW.date())]

    assert sorted(days) == [first + timedelta(days=n) for n in range(brand.DAYS)]
    assert min(weekend) > max(working)
    assert days[spike] > 1.4 * days[spike - timedelta(days=7)]


def test_nobody_played_before_joining_or_in_the_future(brewline):
    plays = Play.objects.filter(environment=brewline).select_related("user")

    assert all(play.user.registered_at <= play.played_at < NOW for play in plays)


def test_one_pool_runs_low_and_the_other_does_not(brewline):
    left = {
        CouponPool.objects.get(id=pool_id).name: count.left
        for pool_id, count in coupons.counts(brewline.id, now=NOW).items()
    }

    assert left == {"20% off": 800, "Free pastry": 61}


def test_codes_open_with_the_environments_key(brewline):
    opened = config.get(brewline.id)
    pool = CouponPool.objects.get(environment=brewline, name="Free pastry")

    assert all(code.startswith("BAKE-") for code in coupons.reveal(opened, pool.id, range(1, 20)).values())


def test_mia_has_a_history_and_spins_left_today(brewline, mia, wheel):
    wallet = shown.of_person(config.get(brewline.id), mia.id, now=NOW)

    answer = engine.act(identity_of(brewline, mia), SPIN, key="k-1", body={}, now=NOW)

    assert mia.user_name == "Mia K."
    assert len(wallet) > 3
    assert answer["playsLeftToday"] == brand.PLAYS_A_DAY - 1
    assert answer["fairness"]["tableVersion"] == 3


def test_some_opened_the_wheel_and_did_not_spin(wheel):
    statuses = Participation.objects.filter(campaign=wheel).values_list("status").annotate(Count("id"))

    assert dict(statuses)["clicked"] > 100


def test_the_receiver_failed_for_an_hour_and_retries_mended_most(brewline):
    failed = Attempt.objects.filter(environment=brewline, status=502)
    states = Counter(Delivery.objects.filter(environment=brewline).values_list("state", flat=True))
    hours = Counter(attempt.started_at.strftime("%d %H") for attempt in failed)

    assert states["delivered"] > 4_000
    assert 1 <= states["exhausted"] <= 15
    assert set(states) == {"delivered", "exhausted"}
    assert hours.most_common(1)[0][1] > 8


def test_webhooks_go_to_the_built_in_receiver(brewline):
    endpoint = Endpoint.objects.get(environment=brewline)

    assert endpoint.url == endpoints.receiver_path(brewline.id)
    assert endpoints.signing_keys(config.get(brewline.id), endpoint, NOW).secrets


def test_the_first_look_is_told_who_to_play_as(brewline, wheel, test_env):
    assert demo_facts(brewline) == {"demoUserId": "u_mia", "campaignId": str(wheel.id)}
    assert demo_facts(test_env) == {"demoUserId": "", "campaignId": ""}
    assert demo_facts in welcome.providers


def test_what_is_sealed_is_bound_to_this_environment(brewline, live_env):
    pool = CouponPool.objects.filter(environment=brewline).first()
    with pytest.raises(crypto.SealBroken):
        coupons.reveal(config.get(brewline.id), pool.id, [1]) and coupons.pool_key(
            config.get(live_env.id).key, pool.id, bytes(pool.wrapped_key)
        )


def test_a_week_of_events_came_in_and_one_was_refused(brewline):
    events = Event.objects.filter(environment=brewline)

    assert events.filter(verdict="accepted").count() > 500
    assert events.get(verdict="rejected").field == "timestamp"
    assert events.filter(user__user_id=brand.MIA).exists()
    assert {row.user_id for row in Device.objects.filter(environment=brewline)} == {
        row.pk for row in EndUser.objects.filter(environment=brewline)
    }


def test_the_brand_has_a_logo_and_one_game_a_picture_behind_it(brewline):
    game = Campaign.objects.get(environment=brewline, tag="scratch-and-sip")
    names = {brewline.workspace.look["logo"], game.look["background"]}

    assert keeping.missing(brewline, names) == set()
