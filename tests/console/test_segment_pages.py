"""Segments in the console: listed, built, counted, explained, duplicated, frozen and deleted."""

import json

import pytest

from campaigns.targeting import AudienceDraft
from tests.factories import EndUserFactory, launched_campaign
from users.models import AttributeDefinition, Segment, SegmentMember

NEW = "/c/test/segments/new/"
GOLD = {"all": [{"field": "attributes.tier", "operator": "is", "value": "gold"}]}
ROWS = {
    "view": "rows",
    "g0-match": "all",
    "g0r0-kind": "field",
    "g0r0-field": "attributes.tier",
    "g0r0-operator": "is",
    "g0r0-value": "gold",
}


@pytest.fixture
def people(test_env):
    AttributeDefinition.objects.create(environment=test_env, name="tier", types={"string": 3})
    tiers = ("gold", "gold", "silver")
    return [
        EndUserFactory(environment=test_env, user_id=f"u_{n}", attributes={"tier": tier})
        for n, tier in enumerate(tiers)
    ]


@pytest.fixture
def gold(test_env, people):
    return Segment.objects.create(environment=test_env, name="Gold members", rule=GOLD)


def page(segment, end=""):
    return f"/c/test/segments/{segment.pk}/{end}"


def test_a_segment_is_built_from_rows_and_shown_in_words(owner, people):
    answer = owner.post(NEW, {"name": "Gold members", "do": "save"} | ROWS, follow=True)

    assert Segment.objects.get().rule == GOLD
    assert "Tier is gold" in answer.text
    assert "tier is gold" in owner.get("/c/test/segments/").text


def test_it_is_counted_while_one_types(owner, people):
    answer = owner.post("/c/test/segments/count/", ROWS)

    assert ">2<" in answer.text
    assert "of 3" in answer.text
    assert "tier is gold" in answer.text, "the words follow, too"


def test_a_row_that_is_not_whole_is_not_counted_and_not_blamed_before_it_is_saved(owner, people):
    half = ROWS | {"g0r0-operator": "at_least", "g0r0-value": ""}

    assert "Fill in every row" in owner.post("/c/test/segments/count/", half).text
    assert "field__error" not in owner.post("/c/test/segments/rows/", half).text
    saved = owner.post(NEW, half | {"name": "x", "do": "save"})
    assert (saved.status_code, "Write a number." in saved.text) == (400, True)
    assert not Segment.objects.exists()


def test_a_choice_brings_the_inputs_that_fit_it(owner, people):
    answer = owner.post("/c/test/segments/rows/", ROWS | {"g0r0-kind": "event"})

    assert "g0r0-event" in answer.text
    assert "g0r0-field" not in answer.text


def test_an_attribute_that_nobody_has_is_refused_with_its_place(owner, people):
    wrong = ROWS | {"name": "x", "do": "save", "g0r0-field": "attributes.teir"}

    answer = owner.post(NEW, wrong)

    assert answer.status_code == 400
    assert "all[0]" in answer.text
    assert not Segment.objects.exists()


def test_the_same_rule_can_be_written_as_json_and_comes_back_as_rows(owner, people):
    shown = owner.post(NEW, ROWS | {"do": "json"})
    nested = {"any": [GOLD, {"not": {"any": [{"all": [GOLD["all"][0]]}]}}]}
    written = {"view": "json", "name": "Nested", "json": json.dumps(nested), "do": "save"}

    assert '"attributes.tier"' in shown.text.replace("&quot;", '"')
    assert "g0r0-field" in owner.post(NEW, {"view": "json", "json": json.dumps(GOLD), "do": "rows"}).text
    assert owner.post(NEW, written).status_code == 302
    assert Segment.objects.get().rule == nested


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "This is not JSON"),
        ('{"all": [{"x": 1}]}', "At all[0]"),
        ("[]", "At the rule"),
        ("", "the rule"),
    ],
)
def test_json_that_is_no_rule_is_refused_with_the_place_of_its_fault(owner, people, text, told):
    answer = owner.post(NEW, {"view": "json", "name": "x", "json": text, "do": "save"})

    assert answer.status_code == 400
    assert told in answer.text


def test_a_change_to_a_segment_of_a_live_campaign_asks_first(owner, gold, test_env):
    launched_campaign(test_env, name="Autumn", audience=AudienceDraft((gold.pk,)))
    silver = ROWS | {"name": "Gold members", "g0r0-value": "silver"}

    asked = owner.post(page(gold, "edit/"), silver | {"do": "save"})
    gold.refresh_from_db()
    unchanged = gold.rule
    owner.post(page(gold, "edit/"), silver | {"do": "save-anyway"})
    gold.refresh_from_db()

    assert (asked.status_code, "Autumn" in asked.text, "Save anyway" in asked.text) == (409, True, True)
    assert (unchanged, gold.rule["all"][0]["value"]) == (GOLD, "silver")


def test_a_person_is_checked_line_by_line(owner, gold):
    inside, outside = (owner.get(page(gold) + f"?user=u_{n}").text for n in (0, 2))

    assert "is in this segment" in inside
    assert "is not in this segment" in outside
    assert "silver" in outside, "what was found"
    assert "No user" in owner.get(page(gold) + "?user=nobody").text


def test_a_segment_is_duplicated_frozen_and_deleted(owner, gold):
    for action in ("duplicate", "freeze", "delete"):
        assert owner.post(page(gold, f"{action}/")).status_code == 302

    assert sorted(Segment.objects.values_list("kind", flat=True)) == ["rules", "static"]
    assert owner.get(page(gold)).status_code == 404
    assert owner.post(page(Segment.objects.first(), "explode/")).status_code == 404


def test_a_segment_in_use_is_not_deleted(owner, gold, test_env):
    launched_campaign(test_env, name="Autumn", audience=AudienceDraft(exclude=(gold.pk,)))

    answer = owner.post(page(gold, "delete/"), follow=True)

    assert "Autumn" in answer.text
    assert Segment.objects.filter(pk=gold.pk).exists()


def test_who_is_in_it_is_for_those_who_may_see_people(as_role, test_env, people):
    listed = Segment.objects.create(environment=test_env, name="A list", kind="static")
    SegmentMember.objects.create(environment=test_env, segment=listed, user=people[0], source="hand")
    viewer = as_role("viewer").get(page(listed)).text

    assert "u_0" not in viewer
    assert "Check a user" not in viewer


def test_the_page_of_a_person_says_which_segments_they_are_in(owner, gold, people):
    tabs = [owner.get(f"/c/test/users/{each.glu_id}/?tab=segments").text for each in (people[0], people[2])]

    assert "Gold members" in tabs[0]
    assert ["Not in" in text for text in tabs] == [False, True]
