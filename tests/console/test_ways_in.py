"""The editor's ways in: set, shown again as they were, refused where they can't be."""

import pytest

from campaigns.console.earning_form import EarningForm, as_typed, half_typed
from tests.factories import launched_campaign

EARNING = {
    "extraPlays": [
        {"trigger": {"event": "order", "where": []}, "plays": 2, "mostADay": 3},
        {"trigger": {"event": "review", "where": []}, "plays": 1},
    ],
    "accept": True,
    "tracking": "open",
    "coolDownHours": 24,
    "priority": 7,
}


@pytest.fixture
def first(test_env):
    return launched_campaign(test_env, name="The first")


def posted(form):
    """What a browser would post of a form as it is shown."""
    data = {}
    for field in form:
        value = field.value()
        if field.name.startswith("trigger_"):
            data[f"{field.html_name}-event"] = (value or {}).get("event", "")
        elif value not in (None, "", False):
            data[field.html_name] = str(value) if not isinstance(value, bool) else "on"
    return data


def test_what_is_stored_is_shown_and_saved_unchanged(test_env, first):
    earning = EARNING | {"after": {"campaign": str(first.id), "gives": "play"}}
    form = EarningForm(test_env, posted(EarningForm(test_env, initial=as_typed(earning))))

    assert form.is_valid(), form.errors
    assert form.stored() == earning


def test_a_campaign_without_ways_in_has_nothing_stored(test_env):
    form = EarningForm(test_env, posted(EarningForm(test_env, initial=as_typed({}))))

    assert form.is_valid(), form.errors
    assert form.stored() == {}
    assert not EarningForm(test_env, initial=as_typed({})).is_used


def test_what_is_half_typed_is_not_lost(test_env):
    data = {"earning-trigger_0-event": "order", "earning-plays_0": "many", "earning-priority": "5"}

    shown = half_typed(test_env, data)

    assert (shown["trigger_0"]["event"], shown["plays_0"], shown["priority"]) == ("order", "many", "5")


def test_what_can_not_be_is_refused_at_its_field(test_env):
    data = {"earning-trigger_0-event": "glu.played", "earning-plays_0": "0", "earning-tracking": "never"}
    form = EarningForm(test_env, data)

    assert not form.is_valid()
    assert set(form.errors) == {"trigger_0", "plays_0", "tracking"}


def test_the_editor_shows_and_keeps_them(owner, test_env):
    campaign = launched_campaign(test_env, earning=EARNING)

    page = owner.get(f"/c/test/campaigns/{campaign.pk}/edit/").content.decode()

    assert "Ways in" in page and 'value="review"' in page
