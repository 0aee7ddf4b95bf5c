"""Streaks: what counts as a day, what becomes of a missed one, and what is rewarded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.types import get_type
from campaigns.types.base import ConfigError, Happening, NotAllowed, Outcome, Way
from campaigns.types.streak.forms import ConfigForm
from tests.factories import MOMENT
from tests.types.happenings import OUTCOMES, stored

KIND = get_type("streak")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVENT = {"source": "event", "trigger": {"event": "walk", "where": []}}
NEW_YORK = ZoneInfo("America/New_York")


def campaign(**fields):
    config = {**KIND.defaults(), "freezes_at_start": 0, **fields}
    KIND.check(config, OUTCOMES)
    return config


def on(day, hours=0.0, zone=MOMENT.zone):
    """The moment so many days after the first one, which is a Monday evening in Kolkata."""
    return replace(MOMENT, now=MOMENT.now + day * DAY + hours * HOUR, zone=zone)


def check_in(config, state, *numbers):
    """The state after a check-in on each of these days, and the last step."""
    step = None
    for number in numbers:
        step = KIND.act(config, state, {"do": "check-in"}, on(number))
        state = stored(step.state)
    return state, step


def walk(config, state, at, moment):
    step = KIND.happened(config, state, Happening("e", "walk", at.now), moment)
    return (stored(step.state) if step else state), step


def view(config, state, moment):
    return KIND.view(config, state, OUTCOMES, moment)


def states(config, state, day):
    """What the calendar says of each day from the first one to the last that is not to come."""
    listed = [each for row in view(config, state, on(day))["rows"] for each in row]
    first = MOMENT.now.astimezone(MOMENT.zone).date().isoformat()
    return [each["state"] for each in listed if each["date"] >= first and each["state"] != "locked"]


def test_a_check_in_a_day_makes_a_streak_and_its_milestones_are_rewarded():
    config = campaign()
    state, draws = {}, []
    for number in range(7):
        state, step = check_in(config, state, number)
        draws.append(step.draws)

    assert draws == [(), (), ("day-3",), (), (), (), ("day-7",)]
    assert step.completed and state["over"]
    assert [each.key for each in KIND.occasions(config)] == ["day-3", "day-7"]


def test_a_day_counts_once():
    config = campaign()
    state, _ = check_in(config, {}, 0)

    again = KIND.act(config, state, {}, on(0, 2))

    assert (again.state, again.ends, again.draws) == (state, False, ())


def test_a_check_in_that_earns_nothing_is_no_play():
    _, step = check_in(campaign(), {}, 0)

    assert not step.ends and not step.completed


def test_a_missed_day_starts_the_streak_again():
    config = campaign()
    state, _ = check_in(config, {}, 0, 1, 3)

    assert view(config, state, on(3))["length"] == 1
    assert states(config, state, 3) == ["done", "done", "missed", "done"]
    assert view(config, state, on(3))["best"] == 2


def test_days_are_those_of_the_person_and_not_of_hours():
    config, late, early = campaign(), on(0, 5, NEW_YORK), on(1, 15, NEW_YORK)
    state = stored(KIND.act(config, {}, {}, early).state)
    earlier = stored(KIND.act(config, {}, {}, late).state)

    after = stored(KIND.act(config, earlier, {}, early).state)

    assert early.now - late.now == timedelta(hours=34)
    assert view(config, after, early)["length"] == 2, "34 hours lie between two days that follow each other"
    assert view(config, state, early)["length"] == 1


def test_the_deadline_is_the_last_minute_of_the_local_day():
    config, moment = campaign(), on(0, 0, NEW_YORK)

    until = datetime.fromisoformat(view(config, {}, moment)["until"])

    assert until.astimezone(NEW_YORK) == datetime(2026, 5, 4, 23, 59, tzinfo=NEW_YORK)


def test_an_event_that_arrives_late_counts_for_the_day_on_which_it_happened():
    config = campaign(**EVENT, grace_hours=24)
    state, _ = walk(config, {}, on(0), on(0))
    state, _ = walk(config, state, on(2), on(2))
    assert view(config, state, on(2))["length"] == 1

    state, step = walk(config, state, on(1), on(2, 3))

    assert step.draws == ("day-3",)
    assert view(config, state, on(2, 3))["length"] == 3


def test_an_event_that_comes_after_the_grace_counts_for_nothing():
    config = campaign(**EVENT, grace_hours=1)
    state, _ = walk(config, {}, on(0), on(0))

    assert walk(config, state, on(1), on(2, 3)) == (state, None)
    assert walk(config, {}, on(-3), on(0)) == ({}, None)


def test_another_event_means_nothing():
    config = campaign(**EVENT)

    assert KIND.happened(config, {}, Happening("e", "run", MOMENT.now), MOMENT) is None
    assert KIND.listens(config) == {"walk"}
    assert KIND.listens(campaign()) == frozenset()


def test_a_freeze_is_used_by_itself_for_a_missed_day():
    config = campaign(freezes=2, freezes_at_start=1)
    state, _ = check_in(config, {}, 0, 1, 3)

    shown = view(config, state, on(3))

    assert (shown["length"], shown["held"]) == (3, 0)
    assert states(config, state, 3) == ["done", "done", "frozen", "done"]
    assert "frozen" in shown["states"]


def test_a_freeze_is_seen_before_the_person_comes_back():
    config = campaign(freezes=1, freezes_at_start=1)
    state, _ = check_in(config, {}, 0, 1)

    assert (view(config, state, on(3))["length"], view(config, state, on(3))["held"]) == (2, 0)
    assert view(config, state, on(4))["length"] == 0


def test_a_late_event_gives_back_the_freeze_that_was_used_for_its_day():
    config = campaign(**EVENT, freezes=1, freezes_at_start=1, grace_hours=48)
    state, _ = walk(config, {}, on(0), on(0))
    state, _ = walk(config, state, on(2), on(2))
    assert view(config, state, on(2))["held"] == 0

    state, _ = walk(config, state, on(1), on(2, 1))

    assert (view(config, state, on(2, 1))["length"], view(config, state, on(2, 1))["held"]) == (3, 1)


def test_milestones_may_bring_freezes_up_to_as_many_as_one_can_hold():
    config = campaign(milestones=[1, 2, 3], after="repeats", freezes=2, freezes_at_milestones=True)
    state, _ = check_in(config, {}, 0, 1, 2)

    assert view(config, state, on(2))["held"] == 2


def test_nothing_is_missed_in_a_pause_and_it_ends_by_itself():
    config = campaign(pause_days=3)
    state, _ = check_in(config, {}, 0)
    state = stored(KIND.act(config, state, {"do": "pause"}, on(0, 1)).state)

    assert KIND.headline(config, state, on(2)).title == "Your streak is paused"
    state, _ = check_in(config, state, 4)
    assert states(config, state, 4) == ["done", "paused", "paused", "paused", "done"]
    assert view(config, state, on(4))["length"] == 2
    assert view(config, state, on(6))["length"] == 0


def test_a_pause_can_be_ended_and_not_be_made_again_at_once():
    config = campaign(pause_days=5)
    state, _ = check_in(config, {}, 0)
    for number, what in ((1, "pause"), (1, "pause"), (2, "resume"), (2, "resume")):
        state = stored(KIND.act(config, state, {"do": what}, on(number)).state)
    state, _ = check_in(config, state, 2)

    with pytest.raises(NotAllowed, match="a month"):
        KIND.act(config, state, {"do": "pause"}, on(3))
    assert view(config, state, on(2))["length"] == 2


@pytest.mark.parametrize("fields", [{"pause_days": 0}, {"pause_days": 3}])
def test_where_there_is_nothing_to_pause_nothing_is_paused(fields):
    with pytest.raises(NotAllowed, match="no streak to pause"):
        KIND.act(campaign(**fields), {}, {"do": "pause"}, MOMENT)


def test_a_lost_streak_is_repaired_by_doing_it_often_enough_in_time():
    config = campaign(**EVENT, repair_days=2, repair_times=3)
    state, _ = walk(config, {}, on(0), on(0))
    state, _ = walk(config, state, on(1), on(1))
    assert view(config, state, on(3))["repair"]["lost"] == 2
    for hour, times in ((0, 2), (1, 1)):
        state, _ = walk(config, state, on(3, hour), on(3, hour))
        assert view(config, state, on(3, hour))["repair"]["times"] == times

    state, step = walk(config, state, on(3, 2), on(3, 2))

    assert states(config, state, 3) == ["done", "done", "repaired", "done"]
    assert view(config, state, on(3, 2))["repair"] is None
    assert step.draws == ("day-3",)


def test_after_its_days_a_streak_can_t_be_repaired_any_more():
    config = campaign(repair_days=1)
    state, _ = check_in(config, {}, 0, 1)

    assert view(config, state, on(3))["repair"] and not view(config, state, on(4))["repair"]
    state, _ = check_in(config, state, 4)
    assert view(config, state, on(4))["length"] == 1


def test_a_weekly_streak_asks_for_some_days_of_each_week():
    config = campaign(period="week", goal=2, milestones=[1, 2])
    state, first = check_in(config, {}, 0, 2)
    assert first.draws == ("week-1",)

    state, _ = check_in(config, state, 3, 7)
    assert (view(config, state, on(7))["length"], view(config, state, on(7))["done"]) == (1, 1)
    state, second = check_in(config, state, 13)
    assert second.draws == ("week-2",) and second.completed


@pytest.mark.parametrize(("begins", "length"), [("monday", 1), ("sunday", 0)])
def test_a_week_begins_on_monday_or_sunday_by_choice(begins, length):
    config = campaign(period="week", goal=2, week_begins=begins)

    state, _ = check_in(config, {}, 5, 6)  # Saturday and Sunday

    assert view(config, state, on(6))["length"] == length


def test_milestones_begin_again_where_the_marketer_wants_it():
    config = campaign(milestones=[2, 3], after="repeats")
    state, draws = {}, []
    for number in range(6):
        state, step = check_in(config, state, number)
        draws.append(step.draws)

    assert draws == [(), ("day-2",), ("day-3",), (), ("day-2",), ("day-3",)]
    assert view(config, state, on(5))["length"] == 6
    assert KIND.way(config, state, on(5)) == Way(3, 3)


def test_a_milestone_of_a_streak_that_ends_rewards_once_also_after_a_miss():
    config = campaign()
    state, third = check_in(config, {}, 0, 1, 2)

    _, again = check_in(config, state, 4, 5, 6)

    assert (third.draws, again.draws) == (("day-3",), ())


def test_a_complete_streak_is_over():
    config = campaign(milestones=[1])
    state, _ = check_in(config, {}, 0)

    with pytest.raises(NotAllowed, match="complete"):
        KIND.act(config, state, {}, on(1))
    assert KIND.headline(config, state, on(9)).values == {"total": 1}
    assert view(config, state, on(9))["length"] == 1


def test_a_check_in_that_is_sent_again_tomorrow_is_not_tomorrow_s():
    config = campaign()
    state, _ = check_in(config, {}, 0)

    step = KIND.act(config, state, {"day": "2026-05-04"}, on(1))

    assert step.state == state and not step.ends


def test_a_check_in_that_was_on_its_way_at_midnight_counts_for_its_day():
    config, midnight = campaign(), 6.5  # hours after the first moment
    state, _ = check_in(config, {}, -1)

    soon = KIND.act(config, state, {"day": "2026-05-04"}, on(0, midnight + 0.05))
    late = KIND.act(config, state, {"day": "2026-05-04"}, on(0, midnight + 0.5))

    assert view(config, stored(soon.state), on(0, 7))["length"] == 2
    assert late.state == state


@pytest.mark.parametrize("action", [{"day": "2026-05-05"}, {"day": "yesterday"}, {"do": "win"}, {"days": 7}])
def test_an_action_that_makes_no_sense_is_refused(action):
    with pytest.raises(NotAllowed):
        KIND.act(campaign(), {}, action, MOMENT)


def test_where_only_events_count_there_is_nothing_to_press():
    config = campaign(**EVENT)

    assert KIND.button(config, {}, MOMENT) == ""
    with pytest.raises(NotAllowed, match="by itself"):
        KIND.act(config, {}, {}, MOMENT)


def test_a_day_that_was_cut_short_by_travel_is_forgiven_once_in_seven_days():
    config, tokyo = campaign(), ZoneInfo("Asia/Tokyo")
    here, there = on(0, 0, NEW_YORK), on(0, 20, tokyo)  # 08:00 on the 4th; 17:00 on the 5th
    state = stored(KIND.act(config, {}, {}, here).state)
    soon = replace(here, now=datetime(2026, 5, 5, 16, tzinfo=UTC), zone=tokyo)  # 01:00 on the 6th

    arrived = stored(KIND.act(config, state, {}, soon).state)

    assert view(config, arrived, soon)["length"] == 2
    assert arrived["kept"] == {"2026-05-05": "moved"}
    assert view(config, stored(KIND.act(config, state, {}, there).state), there)["length"] == 2


def test_whoever_goes_back_to_a_date_gets_no_day_twice():
    config, tokyo = campaign(), on(0, 12, ZoneInfo("Asia/Tokyo"))  # 09:00 on the 5th
    state = stored(KIND.act(config, {}, {}, tokyo).state)
    home = on(0, 13, NEW_YORK)  # 21:00 on the 4th

    first = KIND.act(config, state, {}, home)
    second = KIND.act(config, stored(first.state), {}, home)

    assert view(config, stored(first.state), home)["length"] == 2, "the 4th was not done in Tokyo"
    assert not second.ends and second.state == stored(first.state)


def test_two_people_who_turn_out_to_be_one_have_the_days_of_both():
    config = campaign()
    visitor, _ = check_in(config, {}, 0, 1)
    user, _ = check_in(config, {}, 2)

    both = stored(KIND.merge(user, visitor))

    assert view(config, both, on(2))["length"] == 3
    assert KIND.button(config, both, on(2)) == "Get my reward"
    step = KIND.act(config, both, {}, on(2))
    assert step.draws == ("day-3",)


def test_the_rewards_on_the_way_are_named():
    config = campaign()
    outcomes = [Outcome("o", "A cup", 0, True, "day-3"), Outcome("p", "Nothing", 1, False, "day-3")]

    shown = KIND.view(config, {}, outcomes, MOMENT)["milestones"]

    assert [each["rewards"] for each in shown] == [["A cup"], []]


def test_a_milestone_that_was_forgotten_is_named():
    with pytest.raises(ConfigError, match="“Day 7”"):
        KIND.check(KIND.defaults(), [Outcome("o", "A cup", 0, True, "day-3")])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"milestones": [7, 3]}, "milestones"), ({"milestones": []}, "milestones"),
        ({"milestones": [True]}, "milestones"), ({"goal": 8}, "goal"), ({"freezes": -1}, "freezes"),
        ({"freezes_at_start": 2, "freezes": 1}, "freezes_at_start"), ({"grace_hours": 0}, "grace_hours"),
        ({"repair_days": 2, "repair_times": 3}, "repair_times"), ({"source": "luck"}, "source"),
        ({"source": "event"}, "trigger"), ({"pause_days": "7"}, "pause_days"),
    ],
)  # fmt: skip
def test_each_setting_that_makes_no_streak_is_named(fields, field):
    with pytest.raises(ConfigError) as refusal:
        campaign(**fields)

    assert refusal.value.field == field


def typed(**fields):
    config = KIND.defaults() | {"milestones": "3, 7", "freezes_at_milestones": ""} | fields
    return {name: value for name, value in config.items() if name != "trigger"} | {"trigger-event": ""}


def test_the_form_makes_settings_that_pass_the_check():
    form = ConfigForm(typed(milestones="3 and 10", source="either") | {"trigger-event": "walk"})

    assert form.is_valid(), form.errors
    KIND.check(form.cleaned_data, OUTCOMES)
    assert form.cleaned_data["milestones"] == [3, 10]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"source": "event"}, "trigger"),
        ({"milestones": "7, 3"}, "milestones"),
        ({"freezes": 0}, "freezes_at_start"),
    ],
)
def test_the_form_says_what_is_wrong_at_its_field(fields, field):
    form = ConfigForm(typed(**fields))

    assert list(form.errors) == [field]
