"""The life of a campaign: what may be stored, launched, changed, and what each step leaves behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns import catalog, publishing
from campaigns.models import Campaign
from campaigns.publishing import CampaignError, NotReady
from campaigns.tasks import close_ended
from glu_admin import config
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from rewards import coupons, tables
from rewards.models import Coupon
from tests.factories import coupon_pool, launched_campaign, wheel_draft

pytestmark = pytest.mark.django_db
TESTER = Actor("a test")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def created(environment, **fields):
    return publishing.create(environment, wheel_draft(environment, **fields), TESTER)


def changed(campaign, **fields):
    return publishing.revise(campaign, replace(publishing.draft_of(campaign), **fields), TESTER)


def actions():
    entries = AuditEntry.objects.filter(object_type="campaign").order_by("id")
    return [(each.action, each.actor) for each in entries]


def test_a_new_campaign_is_a_draft_that_no_app_sees(test_env):
    campaign = created(test_env)

    assert (campaign.status, campaign.version, campaign.launched_at) == ("draft", 1, None)
    assert catalog.of(config.get(test_env.id)).campaigns == ()
    assert actions() == [("campaign.created", "a test")]


def test_a_campaign_comes_back_as_the_draft_that_made_it(test_env):
    draft = wheel_draft(
        test_env,
        tag="autumn",
        banner={"title": "Spin", "body": "A coupon a day", "imageUrl": "https://cdn.example/a.png"},
        plays_in_all=7,
        plays_a_day=1,
        starts_at=NOW,
        ends_at=NOW + DAY,
        time_zone="Asia/Kolkata",
    )

    assert publishing.draft_of(publishing.create(test_env, draft, TESTER)) == draft


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": "no-such-game"}, "type"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"tag": "two words"}, "tag"),
        ({"tag": "x" * 41}, "tag"),
        ({"tag": "00000000-0000-4000-8000-000000000000"}, "tag"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"starts_at": NOW, "ends_at": NOW}, "ends_at"),
        ({"plays_in_all": 0}, "plays_in_all"),
        ({"plays_a_day": -1}, "plays_a_day"),
        ({"plays_a_day": 10**9}, "plays_a_day"),
        ({"banner": {"colour": "red"}}, "banner"),
        ({"banner": {"title": 7}}, "banner"),
        ({"banner": {"title": "x" * 81}}, "banner"),
        ({"banner": {"imageUrl": "javascript:alert(1)"}}, "banner"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_field(test_env, fields, field):
    with pytest.raises(CampaignError) as refusal:
        created(test_env, **fields)

    assert refusal.value.field == field
    assert refusal.value.message
    assert not Campaign.objects.exists()


def test_a_tag_names_one_campaign_an_environment(test_env, live_env):
    created(test_env, tag="autumn")
    created(live_env, tag="autumn")
    other = created(test_env)

    with pytest.raises(CampaignError, match="Another campaign has the tag autumn"):
        created(test_env, tag="autumn")
    with pytest.raises(CampaignError, match="Another campaign has the tag autumn"):
        changed(other, tag="autumn")


def test_a_draft_changes_in_place(test_env):
    campaign = created(test_env)
    outcomes = wheel_draft(test_env, weights=(1, 2, 3, 4)).outcomes

    changed(campaign, name="  Winter wheel ", outcomes=outcomes)

    campaign.refresh_from_db()
    assert (campaign.name, campaign.version) == ("Winter wheel", 1)
    assert [each.weight for each in tables.drafts(campaign.table)] == [1, 2, 3, 4]
    entry = AuditEntry.objects.get(action="campaign.revised")
    assert entry.changes["name"] == ["Autumn wheel", "  Winter wheel "]
    assert set(entry.changes) == {"name", "outcomes"}


def test_launching_freezes_the_odds_and_shows_the_campaign(test_env):
    campaign = publishing.launch(created(test_env), TESTER, now=NOW)

    assert (campaign.status, campaign.launched_at) == ("live", NOW)
    assert campaign.table.frozen_at == NOW
    assert len(campaign.table.commitment) == 64
    assert catalog.of(config.get(test_env.id)).by_id(campaign.id).status == "live"
    assert actions()[-1] == ("campaign.launched", "a test")
    assert AuditEntry.objects.latest("id").changes == {"status": ["draft", "live"]}


def test_a_campaign_that_is_not_ready_says_everything_that_is_missing(test_env):
    draft = wheel_draft(test_env, ends_at=NOW, config={"title": 7})
    broken = replace(draft, outcomes=tuple(replace(each, is_fallback=False) for each in draft.outcomes))
    campaign = publishing.create(test_env, broken, TESTER)

    with pytest.raises(NotReady) as refusal:
        publishing.launch(campaign, TESTER, now=NOW)

    failed = [check.name for check in refusal.value.checks if not check.ok]
    assert failed == ["Prizes and odds", "Game", "Schedule"]
    assert all(check.message for check in refusal.value.checks)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.table.frozen_at) == ("draft", None)


def test_a_good_campaign_passes_every_check(test_env):
    results = publishing.checks(created(test_env), NOW)

    assert [(check.name, check.ok) for check in results] == [
        ("Details", True),
        ("Prizes and odds", True),
        ("Game", True),
        ("Schedule", True),
    ]


def test_an_edit_of_a_live_campaign_makes_a_new_version_with_a_new_frozen_table(test_env):
    campaign = launched_campaign(test_env)
    first = campaign.table

    after = changed(campaign, outcomes=wheel_draft(test_env, weights=(1, 1, 1, 1)).outcomes)

    first.refresh_from_db()
    assert (after.version, after.status, after.launched_at) == (2, "live", campaign.launched_at)
    assert (after.table.version, after.table.frozen_at is not None) == (2, True)
    assert after.table.commitment != first.commitment
    assert first.retired_at is not None
    compiled = catalog.of(config.get(test_env.id)).by_id(campaign.id)
    assert (compiled.version, compiled.table.weights) == (2, (1, 1, 1, 1))


def test_an_edit_that_leaves_the_odds_alone_keeps_the_table_and_its_seed(test_env):
    campaign = launched_campaign(test_env)

    after = changed(campaign, plays_a_day=3)

    assert (after.version, after.plays_a_day) == (2, 3)
    assert after.table == campaign.table
    assert after.table.retired_at is None


def test_the_dates_of_a_campaign_can_be_moved_after_its_coupons_ran_out(test_env):
    campaign = launched_campaign(test_env, codes=1)
    outcome = campaign.table.variants.get(position=0)
    coupons.claim(config.get(test_env.id), outcome.pool_id, now=timezone.now())

    assert changed(campaign, ends_at=timezone.now() + DAY).version == 2


def test_an_edit_that_would_break_a_live_campaign_changes_nothing(test_env):
    campaign = launched_campaign(test_env)
    draft = publishing.draft_of(campaign)

    with pytest.raises(NotReady):
        changed(campaign, outcomes=tuple(replace(each, weight=0) for each in draft.outcomes))
    with pytest.raises(NotReady):
        changed(campaign, ends_at=timezone.now() - DAY)
    with pytest.raises(CampaignError):
        changed(campaign, type="no-such-game")

    campaign.refresh_from_db()
    assert (campaign.version, publishing.draft_of(campaign)) == (1, draft)


def test_a_frozen_table_can_not_be_changed_even_past_this_module(test_env):
    variant = launched_campaign(test_env).table.variants.first()
    variant.weight += 1

    with pytest.raises(IntegrityError), transaction.atomic():
        variant.save()


def test_a_campaign_is_paused_resumed_and_ended_in_order(test_env):
    campaign = launched_campaign(test_env)

    assert publishing.pause(campaign, TESTER).status == "paused"
    assert publishing.resume(campaign, TESTER).status == "live"
    ended = publishing.end(campaign, TESTER, now=NOW)

    assert (ended.status, ended.table.retired_at) == ("ended", NOW)
    assert len(tables.revealed_seed(ended.table)) == 64
    assert [action for action, _ in actions()] == [
        "campaign.created",
        "campaign.launched",
        "campaign.paused",
        "campaign.resumed",
        "campaign.ended",
    ]


@pytest.mark.parametrize(
    ("steps", "step"),
    [
        ([], publishing.pause),
        ([], publishing.resume),
        ([], publishing.end),
        ([publishing.launch], publishing.launch),
        ([publishing.launch], publishing.resume),
        ([publishing.launch, publishing.pause], publishing.pause),
        ([publishing.launch, publishing.end], publishing.resume),
        ([publishing.launch, publishing.end], publishing.end),
        ([publishing.launch, publishing.end], publishing.launch),
    ],
    ids=lambda value: (
        "-".join(each.__name__ for each in value) if isinstance(value, list) else value.__name__
    ),
)
def test_a_step_out_of_order_is_refused_in_words(test_env, steps, step):
    campaign = created(test_env)
    for each in steps:
        each(campaign, TESTER)

    with pytest.raises(CampaignError, match="The campaign is") as refusal:
        step(campaign, TESTER)

    assert refusal.value.field == "status"


def test_an_ended_campaign_is_not_changed_any_more(test_env):
    campaign = publishing.end(launched_campaign(test_env), TESTER)

    with pytest.raises(CampaignError, match="Duplicate it instead"):
        changed(campaign, name="Again")


def test_a_campaign_past_its_end_is_not_resumed(test_env):
    start = timezone.now() - 2 * DAY
    campaign = publishing.pause(launched_campaign(test_env, now=start, ends_at=start + DAY), TESTER)

    with pytest.raises(CampaignError) as refusal:
        publishing.resume(campaign, TESTER)

    assert refusal.value.field == "ends_at"


def test_a_copy_is_a_draft_of_its_own_with_stock_of_its_own(test_env):
    draft = wheel_draft(test_env, tag="autumn", starts_at=NOW, ends_at=NOW + DAY)
    limited = tuple(replace(e, stock_limit=5 if e.name == "50 points" else None) for e in draft.outcomes)
    original = publishing.create(test_env, replace(draft, outcomes=limited), TESTER)

    copy = publishing.duplicate(original, TESTER)

    assert (copy.name, copy.tag, copy.status) == ("Copy of Autumn wheel", "", "draft")
    assert (copy.starts_at, copy.ends_at, copy.table.version) == (None, None, 1)
    stocks = [each.table.variants.exclude(stock=None).get().stock for each in (original, copy)]
    assert stocks[0].id != stocks[1].id
    assert [each.limit for each in stocks] == [5, 5]
    pools = [each.table.variants.get(position=0).pool_id for each in (original, copy)]
    assert pools[0] == pools[1]
    assert Coupon.objects.count() == 20


def test_an_outcome_can_not_take_codes_of_another_environment(test_env, live_env):
    foreign = coupon_pool(live_env, 1)
    draft = wheel_draft(test_env)
    outcomes = (replace(draft.outcomes[0], pool_id=foreign.id), *draft.outcomes[1:])

    with pytest.raises(tables.TableError, match="does not exist"):
        publishing.create(test_env, replace(draft, outcomes=outcomes), TESTER)


def test_the_clock_ends_what_is_past_its_end_and_only_that(test_env):
    start = timezone.now() - 2 * DAY
    over = [launched_campaign(test_env, now=start, ends_at=start + DAY) for _ in range(2)]
    publishing.pause(over[1], TESTER)
    launched_campaign(test_env)
    launched_campaign(test_env, ends_at=timezone.now() + DAY)

    close_ended()
    close_ended()

    ended = Campaign.objects.filter(status="ended")
    assert {each.id for each in ended} == {each.id for each in over}
    assert all(each.table.retired_at for each in ended)
    assert actions()[-2:] == [("campaign.ended", "schedule")] * 2


def follows(first, gives="unlock"):
    return {"after": {"campaign": str(getattr(first, "pk", first)), "gives": gives}}


def test_a_campaign_is_not_launched_before_the_one_that_opens_it_can_be_finished(test_env):
    first = created(test_env, name="The first")
    second = created(test_env, earning=follows(first), starts_at=NOW + 9 * DAY)

    def said():
        return next(each for each in publishing.checks(second, NOW) if each.name == "Follows")

    assert (said().ok, said().field) == (False, "earning.after")
    assert said().message == "“The first” comes first, and is a draft. Launch it before this one."
    publishing.launch(first, TESTER, now=NOW)
    assert said().ok
    Campaign.objects.filter(pk=first.pk).update(ends_at=NOW + 8 * DAY)
    assert "ends before this one starts" in said().message
    Campaign.objects.filter(pk=first.pk).update(ends_at=None, status="ended")
    assert "has ended" in said().message
    Campaign.objects.filter(pk=second.pk).update(earning=follows(uuid4()))
    second.refresh_from_db()
    assert "is gone" in said().message


def test_campaigns_that_would_open_each_other_in_a_ring_are_refused(test_env):
    first = launched_campaign(test_env, name="The first")
    second = launched_campaign(test_env, name="The second", earning=follows(first))

    with pytest.raises(NotReady, match="“The second” waits for this campaign itself"):
        changed(first, earning=follows(second))
    with pytest.raises(NotReady, match="can't follow itself"):
        changed(first, earning=follows(first))
    changed(first, earning=follows(second, "play"))


def test_a_campaign_of_another_environment_opens_nothing(test_env, live_env):
    theirs = launched_campaign(live_env)

    with pytest.raises(NotReady, match="is gone"):
        launched_campaign(test_env, earning=follows(theirs))
