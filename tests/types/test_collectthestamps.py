"""Cards of stamps: what brings a stamp, what a stamp brings, and what runs out."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns.types import get_type
from campaigns.types.base import ConfigError, Happening, NotAllowed, Outcome, Way
from campaigns.types.collectthestamps.forms import ConfigForm
from campaigns.types.words import in_english
from tests.factories import MOMENT
from tests.types.happenings import OUTCOMES, after, did, draws, live, stored

KIND = get_type("collectthestamps")
DAY = timedelta(days=1)


def campaign(**fields):
    config = {**KIND.defaults(), "size": 3, "rewards_at": [2]} | fields
    KIND.check(config, OUTCOMES)
    return config


def bought(*hours):
    return [did("purchase", each) for each in hours]


def view(config, state, hours=0.0):
    return KIND.view(config, state, OUTCOMES, after(hours))


def test_each_event_is_a_stamp_and_some_stamps_and_a_full_card_bring_a_reward():
    state, steps = live(KIND, campaign(), bought(0, 1, 2))

    assert draws(steps) == [(), ("stamp-2",), ("full",)]
    assert [each.completed for each in steps] == [False, False, True]
    assert state["over"] and KIND.way(campaign(), state, MOMENT) == Way(3, 3)
    assert [each.key for each in KIND.occasions(campaign())] == ["stamp-2", "full"]


def test_after_the_last_card_no_event_counts():
    config = campaign()
    state, _ = live(KIND, config, bought(0, 1, 2))

    assert live(KIND, config, bought(3), state)[1] == [None]
    assert KIND.headline(config, state, MOMENT).title == "Your card is full"


@pytest.mark.parametrize(("cards", "complete"), [(2, True), (0, False)])
def test_a_new_card_begins_where_the_marketer_wants_it(cards, complete):
    config = campaign(cards=cards)

    state, steps = live(KIND, config, bought(*range(6)))

    assert draws(steps) == [(), ("stamp-2",), ("full",)] * 2
    assert steps[2].completed is False and steps[-1].completed is complete
    assert state["full"] == 2


def test_one_event_a_day_counts_where_the_marketer_wants_it():
    config = campaign(pace="day", cards=0)

    # 17:30 in Kolkata; six and a half hours later it is the next day
    state, steps = live(KIND, config, bought(0, 6, 6.5, 7, 40))

    assert draws(steps) == [(), None, ("stamp-2",), None, ("full",)]
    late = KIND.happened(config, state, bought(3)[0], after(50))
    assert late is None, "that day has brought a stamp already, on a card that is full"


def test_several_events_may_make_one_stamp():
    config = campaign(every=2)

    state, _ = live(KIND, config, bought(0, 1, 2))

    assert (view(config, state)["count"], view(config, state)["counted"]) == (1, 1)


def test_only_events_that_fit_count():
    where = [{"property": "amount", "operator": "greater_than", "value": 10}]
    config = campaign(trigger={"event": "purchase", "where": where})

    _, steps = live(KIND, config, [did("purchase", amount=5), did("visit"), did("purchase", amount=20)])

    assert draws(steps) == [None, None, ()]


def test_a_stamp_runs_out_after_its_days_and_what_it_brought_stays():
    config = campaign(valid_days=2)
    state, first = live(KIND, config, bought(0, 1))
    assert draws(first) == [(), ("stamp-2",)]

    assert [view(config, state, hours)["count"] for hours in (48, 53, 55)] == [2, 2, 0]
    state, second = live(KIND, config, bought(60, 61), state)
    assert draws(second) == [(), ()], "the same card brings it once"


def test_the_page_says_until_when_the_oldest_stamp_holds():
    config = campaign(valid_days=2)
    state, _ = live(KIND, config, bought(0, 24))

    assert view(config, state, 24)["expires"] == "2026-05-06T18:29:00+00:00"
    assert view(campaign(), state, 24)["expires"] is None


@pytest.mark.parametrize(("late", "counts"), [(29 * 24, True), (32 * 24, False)])
def test_events_count_up_to_thirty_days_late(late, counts):
    step = KIND.happened(campaign(), {}, bought(0)[0], after(late))

    assert (step is not None) is counts


def test_an_event_whose_stamp_has_run_out_already_counts_for_nothing():
    assert KIND.happened(campaign(valid_days=1), {}, bought(0)[0], after(72)) is None


def test_stamps_of_two_people_who_turn_out_to_be_one_are_on_one_card():
    config = campaign()
    visitor, _ = live(KIND, config, bought(0, 0))
    user, _ = live(KIND, config, bought(48))

    both = stored(KIND.merge(user, visitor))

    assert view(config, both, 48)["count"] == 3
    assert KIND.button(config, both, after(48)) == "Get my reward"
    step = KIND.act(config, both, {}, after(48))
    assert step.draws == ("full",) and step.completed


def test_there_is_nothing_to_press():
    with pytest.raises(NotAllowed, match="by themselves"):
        KIND.act(campaign(), {}, {}, MOMENT)
    assert KIND.button(campaign(), {}, MOMENT) == ""


def test_the_places_that_bring_a_reward_say_what():
    outcomes = [Outcome("o", "A cup", 0, True, "stamp-2"), Outcome("p", "A bag", 1, True, "full")]

    spots = KIND.view(campaign(), {}, outcomes, MOMENT)["spots"]

    assert [(each["brings"], each["rewards"]) for each in spots] == [
        (False, []), (True, ["A cup"]), (True, ["A bag"]),
    ]  # fmt: skip


def test_the_headline_counts_and_names_the_next_reward():
    config = campaign(size=4)
    for count, text in ((1, "The next one brings a reward"), (2, "The next reward: stamp %(next)s")):
        state, _ = live(KIND, config, bought(*range(count)))
        said = KIND.headline(config, state, after(count))
        assert (in_english(said.title, said.values), said.text) == (f"{count} of 4 stamps", text)


def test_a_place_that_would_promise_nothing_is_named():
    with pytest.raises(ConfigError, match="“The card is full”"):
        KIND.check(KIND.defaults(), [Outcome("o", "A cup", 0, True, "stamp-5")])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"size": 2}, "size"), ({"size": True}, "size"), ({"every": 0}, "every"), ({"cards": -1}, "cards"),
        ({"valid_days": 999}, "valid_days"), ({"pace": "hour"}, "pace"), ({"trigger": {}}, "trigger"),
        ({"rewards_at": [3]}, "rewards_at"), ({"rewards_at": [2, 1]}, "rewards_at"),
        ({"rewards_at": "2"}, "rewards_at"),
    ],
)  # fmt: skip
def test_each_setting_that_makes_no_card_is_named(fields, field):
    with pytest.raises(ConfigError) as refusal:
        campaign(**fields)

    assert refusal.value.field == field


@pytest.mark.parametrize(("rewards_at", "errors"), [("2, 5", []), ("", []), ("10", ["rewards_at"])])
def test_the_form_reads_numbers_with_commas(rewards_at, errors):
    typed = KIND.defaults() | {"trigger-event": "purchase", "rewards_at": rewards_at}
    form = ConfigForm({name: value for name, value in typed.items() if name != "trigger"})

    assert list(form.errors) == errors
    if not errors:
        KIND.check(form.cleaned_data, OUTCOMES)


class Shopping(RuleBasedStateMachine):
    """A person who buys, now and late, beside a model that keeps every stamp there ever was."""

    @initialize(
        pace=st.sampled_from(["each", "day"]),
        every=st.integers(1, 2),
        cards=st.sampled_from([0, 1, 3]),
        valid_days=st.sampled_from([0, 3, 20]),
        zone=st.sampled_from(["Africa/Cairo", "America/Havana", "Asia/Kolkata", "Pacific/Apia"]),
    )
    def begin(self, zone, **fields):
        self.config = campaign(size=4, **fields)
        self.moment = replace(MOMENT, zone=ZoneInfo(zone))
        self.state, self.drawn = {}, Counter()
        self.bought, self.stamps, self.removed, self.is_over = [], [], 0, False

    @rule(hours=st.sampled_from([1, 5, 24, 24, 90, 600]))
    def wait(self, hours):
        self.moment = replace(self.moment, now=self.moment.now + timedelta(hours=hours))

    @rule(ago=st.sampled_from([0, 0, 0, 26, 60, 24 * 29, 24 * 40]))
    def buy(self, ago):
        at = self.moment.now - timedelta(hours=ago)
        day, today = (each.astimezone(self.moment.zone).date() for each in (at, self.moment.now))
        is_late = today - day > 30 * DAY or not self.holds(day)
        is_second = self.config["pace"] == "day" and day in self.bought
        step = KIND.happened(self.config, self.state, Happening("e", "purchase", at), self.moment)
        assert (step is None) == (self.is_over or is_late or is_second)
        if step is None:
            return
        self.state = stored(step.state)
        self.drawn.update(step.draws)
        self.bought.append(day)
        if len(self.bought) % self.config["every"] == 0:
            self.stamps = [*filter(self.holds, self.stamps), day]
        if len(self.stamps) == 4:
            self.stamps, self.removed = [], self.removed + 1
            self.is_over = self.removed == self.config["cards"]
        assert step.completed == self.is_over

    def holds(self, day):
        last = day + (self.config["valid_days"] or 9999) * DAY
        return last >= self.moment.now.astimezone(self.moment.zone).date()

    @invariant()
    def the_card_is_as_the_model_says(self):
        if not getattr(self, "config", None):
            return
        shown = KIND.view(self.config, self.state, [], self.moment)
        assert shown["full"] == self.drawn["full"] == self.removed
        assert shown["count"] == (4 if self.is_over else sum(map(self.holds, self.stamps)))
        assert self.drawn["stamp-2"] <= self.removed + 1
        assert self.drawn["full"] <= self.drawn["stamp-2"]
        assert KIND.merge(self.state, {}) == KIND.merge({}, self.state) == self.state
        assert KIND.merge(self.state, self.state) == self.state


TestShopping = Shopping.TestCase
TestShopping.settings = settings(
    max_examples=300, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
