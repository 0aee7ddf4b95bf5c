import json
import re
from datetime import UTC, datetime

import pytest

from campaigns.models import Campaign
from campaigns.publishing import draft_of
from campaigns.targeting import AudienceDraft
from campaigns.types import get_type
from tests.factories import coupon_pool, launched_campaign
from users.models import Segment

NEW = "/c/test/campaigns/new/"
GOLD = {"field": "attributes.tier", "operator": "is", "value": "gold"}


def typed(answer):
    """What the browser would send back: every field of the form with its value."""
    form = answer.text.partition('id="editor"')[2].partition("</form>")[0]
    values = {}
    for tag in re.findall(
        r"<(?:input|textarea|select)\b[^>]*>(?:[^<]*</textarea>|(?:\s*<option[^>]*>[^<]*</option>)*\s*</select>)?",
        form,
    ):
        name = re.search(r'name="([^"]*)"', tag)
        if not name or name[1] in {"csrfmiddlewaretoken"}:
            continue
        value = _value(tag)
        if value is not None:
            values[name[1]] = value
    return values


def _value(tag):
    if tag.startswith("<textarea"):
        return re.search(r">\s*(.*)</textarea>", tag, re.S)[1].replace("&quot;", '"')
    if tag.startswith("<select"):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', tag)
        return chosen[1] if chosen else ""
    if ('type="radio"' in tag or 'type="checkbox"' in tag) and "checked" not in tag:
        return None
    value = re.search(r'value="([^"]*)"', tag)
    return value[1].replace("&quot;", '"') if value else ""


def post(client, path, values, do="save", **changes):
    return client.post(
        path, values | {"do": do} | {key.replace("__", "."): value for key, value in changes.items()}
    )


def chances_in(answer):
    return [row["chance"].value() for row in answer.context["editor"].rows]


@pytest.fixture
def form(owner):
    """A new campaign with a name, ready to be saved."""
    return typed(owner.get(NEW)) | {"name": "Weekend spin"}


@pytest.fixture
def draft(owner, form):
    post(owner, NEW, form)
    return Campaign.objects.get()


def edit(campaign):
    return f"/c/test/campaigns/{campaign.pk}/edit/"


def test_a_new_campaign_is_ready_but_for_its_name(owner, form):
    unnamed = post(owner, NEW, form, name="")
    launched = post(owner, NEW, form, do="launch")

    assert unnamed.status_code == 400
    assert 'href="#id_name"' in unnamed.text
    assert launched.status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.status) == ("Weekend spin", "live")
    assert [variant.weight for variant in campaign.table.variants.order_by("position")] == [10, 20, 30, 40]


def test_what_is_saved_comes_back_unchanged(owner, draft):
    before = draft_of(draft)

    answer = post(owner, edit(draft), typed(owner.get(edit(draft))))

    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft_of(draft) == before


def test_a_campaign_full_of_settings_survives_the_editor(owner, test_env):
    campaign = launched_campaign(
        test_env,
        tag="autumn",
        banner={"title": "Spin!", "body": "Every day", "imageUrl": "https://example.com/a.png"},
        config={"title": "Spin to win", "slices": "odds", "own": [1, 2]},
        starts_at=datetime(2026, 1, 1, 3, 30, tzinfo=UTC),
        ends_at=datetime(2036, 1, 1, 18, 29, tzinfo=UTC),
        time_zone="Asia/Kolkata",
    )
    before = draft_of(campaign)

    page = owner.get(edit(campaign))
    answer = post(owner, edit(campaign), typed(page))

    assert typed(page)["starts_at"] == "2026-01-01T09:00"  # on the clocks of Kolkata
    assert answer.status_code == 302
    campaign.refresh_from_db()
    after = draft_of(campaign)
    assert after.config == before.config
    assert [(each.name, each.pool_id, each.terms, each.details) for each in after.outcomes] == [
        (each.name, each.pool_id, each.terms, each.details) for each in before.outcomes
    ]
    assert (after.starts_at, after.ends_at, after.banner, after.tag) == (
        before.starts_at,
        before.ends_at,
        before.banner,
        before.tag,
    )
    assert campaign.version == 2


def test_forty_and_forty_leave_twenty_to_give_out_and_nothing_is_launched(owner, form):
    answer = post(
        owner,
        NEW,
        form,
        do="launch",
        outcomes__0__chance="40",
        outcomes__1__chance="40",
        outcomes__2__chance="0",
        outcomes__3__chance="0",
    )

    assert answer.status_code == 400
    assert "Adds up to 80%. 20% still to give out." in answer.text
    assert re.search(r"<button[^>]*data-launch[^>]*disabled", answer.text)
    assert chances_in(answer) == ["40", "40", "0", "0"]
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("sheet", "chances"),
    [
        ("1 1 1 1", ["25", "25", "25", "25"]),
        ("25% 25% 50%", ["25", "25", "50", "0"]),
        ("30 40 30", ["30", "40", "30", "0"]),
        ("1 1 1 1 1", ["20", "20", "20", "20", "20"]),
    ],
)
def test_chances_are_pasted_from_a_sheet(owner, form, sheet, chances):
    answer = post(owner, NEW, form, do="paste", pasted=sheet)

    assert chances_in(answer) == chances
    assert not Campaign.objects.exists()


def test_a_sheet_that_is_no_sheet_is_refused_in_words(owner, form):
    answer = post(owner, NEW, form, do="paste", pasted="many few none")

    assert "write a number such as 25" in answer.text
    assert chances_in(answer) == ["10", "20", "30", "40"]


def test_thirds_are_kept_exactly_as_weights(owner, form):
    pasted = post(owner, NEW, form, do="paste", pasted="1 1 1 0")
    values = typed(pasted)
    answer = post(owner, NEW, values)
    assert answer.status_code == 302, answer.context["errors"]

    assert values["unit"] == "weight"
    weights = [variant.weight for variant in Campaign.objects.get().table.variants.order_by("position")]
    assert weights == [1, 1, 1, 0]


def test_buttons_work_without_a_script_and_lose_nothing(owner, form):
    form |= {"name": "", "starts_at": "not a date", "outcomes.0.body": "Kept"}

    added = post(owner, NEW, form, do="add")
    removed = post(owner, NEW, typed(added), do="remove.1")
    even = post(owner, NEW, typed(removed), do="split")
    fixed = post(owner, NEW, typed(even), do="fix", outcomes__0__locked="on", outcomes__0__chance="70")

    assert chances_in(added) == ["10", "20", "30", "40", "0"]
    assert chances_in(removed) == ["10", "30", "40", "0"]
    assert chances_in(even) == ["25", "25", "25", "25"]
    assert chances_in(fixed) == ["70", "10", "10", "10"]
    assert typed(fixed)["starts_at"] == "not a date"
    assert typed(fixed)["outcomes.0.body"] == "Kept"
    assert not fixed.context["errors"]


def test_the_fallback_stays_with_its_outcome_when_one_before_it_goes(owner, form):
    assert form["fallback"] == "3"

    removed = post(owner, NEW, form, do="remove.0")

    assert typed(removed)["fallback"] == "2"


def test_errors_stand_at_their_fields_and_in_a_summary_that_leads_there(owner, form):
    answer = post(
        owner,
        NEW,
        form,
        ends_at="2020-01-01T00:00",
        starts_at="2021-01-01T00:00",
        outcomes__1__details="[1]",
        outcomes__0__name="",
    )

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    for field in ("id_outcomes.1.details", "id_outcomes.0.name"):
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}_error"' in answer.text or field == "id_outcomes.0.name"
    assert 'value="Weekend spin"' in answer.text
    assert not Campaign.objects.exists()


def test_what_the_rules_refuse_is_led_back_to_its_field(owner, form, test_env):
    launched_campaign(test_env, tag="taken")

    answer = post(owner, NEW, form, tag="taken")

    assert ("id_tag", "Tag", "Another campaign has the tag taken.") in answer.context["errors"]


def test_a_pool_of_another_company_can_not_be_chosen(owner, form, live_env):
    foreign = coupon_pool(live_env, 1)

    answer = post(owner, NEW, form, outcomes__0__pool_id=str(foreign.pk))

    assert answer.status_code == 400
    assert not Campaign.objects.exists()


def test_a_launch_that_is_not_ready_saves_and_says_why(owner, form):
    answer = owner.post(NEW, form | {"do": "launch", "fallback": ""}, follow=True)

    assert "Saved, but not launched." in answer.text
    assert "Say which outcome is given when another has run out." in answer.text
    assert Campaign.objects.get().status == "draft"


def test_who_saves_second_sees_both_versions_and_loses_nothing(owner, draft):
    first, second = typed(owner.get(edit(draft))), typed(owner.get(edit(draft)))
    post(owner, edit(draft), first, name="Theirs")

    conflict = post(owner, edit(draft), second, name="Mine")

    draft.refresh_from_db()
    assert conflict.status_code == 409
    assert draft.name == "Theirs"
    assert [(each.field, each.theirs, each.yours) for each in conflict.context["theirs"]] == [
        ("name", "Theirs", "Mine")
    ]
    post(owner, edit(draft), typed(conflict))
    draft.refresh_from_db()
    assert draft.name == "Mine"


def test_a_new_odds_version_is_made_of_a_live_campaign(owner, wheel):
    page = owner.get(edit(wheel))
    assert "Saving makes version 2 of it" in page.text

    post(
        owner,
        edit(wheel),
        typed(page),
        outcomes__0__chance="50",
        outcomes__1__chance="0",
        outcomes__2__chance="0",
        outcomes__3__chance="50",
    )

    wheel.refresh_from_db()
    assert wheel.version == 2
    assert [variant.weight for variant in wheel.table.variants.order_by("position")] == [50, 0, 0, 50]


def test_a_viewer_reads_the_editor_but_can_not_save(as_role, wheel):
    client = as_role("viewer")
    page = client.get(edit(wheel))

    assert page.status_code == 200
    assert "You can read everything here." in page.text
    assert re.search(r"<fieldset[^>]* disabled", page.text)
    assert post(client, edit(wheel), typed(page), name="Hacked").status_code == 403


def test_a_developer_makes_campaigns_in_test_only(as_role):
    client = as_role("developer")

    assert client.get(NEW).status_code == 200
    assert client.get(NEW.replace("test", "live")).status_code == 403


def test_an_audience_is_chosen_saved_and_shown_again(owner, draft, test_env):
    gold = Segment.objects.create(environment=test_env, name="Gold", rule=GOLD)
    blocked = Segment.objects.create(environment=test_env, name="Staff", kind="static")
    chosen = {"audience-who": "some", "audience-include": [gold.pk], "audience-exclude": [blocked.pk]}

    post(owner, edit(draft), typed(owner.get(edit(draft))) | chosen | {"audience-rule": json.dumps(GOLD)})
    shown = typed(owner.get(edit(draft)))

    draft.refresh_from_db()
    assert draft_of(draft).audience == AudienceDraft((gold.pk,), (blocked.pk,), GOLD)
    assert (shown["audience-who"], shown["audience-include"]) == ("some", str(gold.pk))
    assert json.loads(shown["audience-rule"]) == GOLD


def test_an_audience_of_segments_names_one(owner, draft):
    answer = post(owner, edit(draft), typed(owner.get(edit(draft))), **{"audience-who": "some"})

    assert answer.status_code == 400
    assert "Choose a segment or write a rule" in answer.text


def test_a_wrong_rule_comes_back_with_the_place_of_its_fault(owner, draft):
    wrong = {"audience-who": "some", "audience-rule": '{"all": [{"field": "attributes.x", "operator": "?"}]}'}

    answer = post(owner, edit(draft), typed(owner.get(edit(draft))) | wrong)

    assert answer.status_code == 400
    assert "At all[0]" in answer.text


@pytest.mark.parametrize(
    ("slug", "field", "other"),
    [
        ("scratchcard", "config-cover", "Rub me"),
        ("giftbox", "config-boxes", "5"),
        ("rollthedice", "config-dice", "2"),
        ("tossthecoin", "config-call", "nobody"),
    ],
)
def test_a_game_that_is_chosen_brings_its_own_settings(owner, form, slug, field, other):
    shown = post(owner, NEW, form | {"type": slug}, do="game")
    again = typed(shown)

    assert field not in form
    assert field in again
    assert again["config-title"] == get_type(slug).defaults()["title"]
    assert not Campaign.objects.exists()
    post(owner, NEW, again | {field: other})
    assert str(Campaign.objects.get().config[field.removeprefix("config-")]) == other


def test_a_game_that_is_chosen_and_saved_at_once_has_its_defaults(owner, form):
    post(owner, NEW, form | {"type": "giftbox", "config-title": "Open your box"})

    assert Campaign.objects.get().config == {"title": "Open your box", "boxes": 3}


def test_a_setting_that_a_game_does_not_know_is_refused_at_its_field(owner, form):
    shown = typed(post(owner, NEW, form | {"type": "giftbox"}, do="game"))

    answer = post(owner, NEW, shown | {"config-boxes": "9"})

    assert answer.status_code == 400
    assert answer.context["editor"].config.errors["boxes"]


def test_a_new_campaign_begins_as_the_first_of_the_games(owner, form):
    assert form["type"] == "spinthewheel"


def test_a_setting_that_the_game_refuses_of_a_live_campaign_is_told_at_its_field(owner, test_env):
    dice = launched_campaign(test_env, type="rollthedice", config={"title": "Roll", "dice": 1})
    page = owner.get(edit(dice))

    answer = owner.post(edit(dice), typed(page) | {"do": "save", "config-faces": "1\n1, 2\n3"})

    assert answer.status_code == 400
    assert "Give each outcome a line of faces" in answer.context["editor"].config.errors["faces"][0]
    assert 'id="id_config-faces_error"' in answer.text and 'href="#id_config-faces"' in answer.text
    dice.refresh_from_db()
    assert (dice.version, "faces" in dice.config) == (1, False)
