"""Scratch cards that are earned: what unlocks one, how many wait, and that each is scratched once."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns.types import get_type
from campaigns.types.base import ConfigError, NotAllowed
from tests.factories import MOMENT
from tests.types.happenings import OUTCOMES, did, live, stored

KIND = get_type("activity-scratchcard")


def campaign(**fields):
    config = KIND.defaults() | fields
    KIND.check(config, OUTCOMES)
    return config


def shown(config, state):
    return KIND.view(config, state, OUTCOMES, MOMENT)


def test_a_card_is_locked_until_the_event_comes():
    config = campaign()

    assert shown(config, {})["locked"]
    assert KIND.button(config, {}, MOMENT) == ""
    with pytest.raises(NotAllowed, match="No card is unlocked"):
        KIND.act(config, {}, {}, MOMENT)
    said = KIND.headline(config, {}, MOMENT)
    assert (said.title, said.text % said.values) == (
        "Unlock a scratch card",
        "Place an order and a card is yours",
    )


def test_an_event_unlocks_one_card_and_a_play_uses_it_up():
    config = campaign()
    state, [step] = live(KIND, config, [did("purchase")])

    assert step.draws == ()
    assert shown(config, state)["cards"] == 1
    played = KIND.act(config, state, {}, MOMENT)
    assert (played.draws, played.completed) == (("",), False)
    with pytest.raises(NotAllowed):
        KIND.act(config, stored(played.state), {}, MOMENT)
    assert KIND.headline(config, played.state, MOMENT).title == "Unlock the next card"


def test_cards_wait_for_each_other():
    state, _ = live(KIND, campaign(), [did("purchase")] * 3)

    assert shown(campaign(), state)["cards"] == 3


def test_it_may_take_several_events_to_unlock_a_card():
    config = campaign(every=3)
    state, _ = live(KIND, config, [did("purchase")] * 2)

    assert (shown(config, state)["reached"], shown(config, state)["locked"]) == (2, True)
    state, _ = live(KIND, config, [did("purchase")], state)
    assert (shown(config, state)["reached"], shown(config, state)["cards"]) == (0, 1)


def test_conditions_decide_which_events_count():
    large = {"event": "purchase", "where": [{"property": "amount", "operator": "at_least", "value": 20}]}
    config = campaign(trigger=large)

    assert live(KIND, config, [did("purchase", amount=19.9)])[1] == [None]
    assert live(KIND, config, [did("purchase", amount=20)])[0]["cards"] == 1


def test_after_the_last_card_it_is_done():
    config = campaign(most=1)
    state, steps = live(KIND, config, [did("purchase"), did("purchase")])

    assert steps[1] is None
    last = KIND.act(config, state, {}, MOMENT)
    assert last.completed
    assert KIND.headline(config, last.state, MOMENT).title == "All cards are scratched"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"todo": ""}, "todo"), ({"every": 0}, "every"), ({"every": 1.5}, "every"), ({"most": -1}, "most"),
        ({"trigger": {}}, "trigger"), ({"cover": "x" * 25}, "cover"), ({"link": 5}, "link"),
        ({"title": None}, "title"),
    ],
)  # fmt: skip
def test_what_can_t_run_is_refused_at_its_field(fields, field):
    with pytest.raises(ConfigError) as refusal:
        campaign(**fields)

    assert refusal.value.field == field


class Histories(RuleBasedStateMachine):
    """Against three plain counts: events that fit, cards that they make, cards that were scratched."""

    @initialize(every=st.integers(1, 3), most=st.integers(0, 4))
    def begin(self, every, most):
        self.config, self.state = campaign(every=every, most=most), {}
        self.events = self.scratched = 0

    @property
    def unlocked(self):
        made, most = self.events // self.config["every"], self.config["most"]
        return min(made, most) if most else made

    @rule(name=st.sampled_from(["purchase", "purchase", "visit"]))
    def something_happens(self, name):
        step = KIND.happened(self.config, self.state, did(name), MOMENT)
        self.events += name == "purchase"
        self.state = stored(step.state) if step else self.state

    @rule()
    def the_person_scratches(self):
        if self.unlocked == self.scratched:
            with pytest.raises(NotAllowed):
                KIND.act(self.config, self.state, {}, MOMENT)
            return
        step = KIND.act(self.config, self.state, {}, MOMENT)
        self.scratched += 1
        assert step.completed == (self.scratched == self.config["most"])
        self.state = stored(step.state)

    @rule()
    def the_person_merges_with_a_copy_of_themselves(self):
        self.state = stored(KIND.merge(self.state, self.state))

    @invariant()
    def as_many_cards_wait_as_were_unlocked_and_not_scratched(self):
        if hasattr(self, "config"):
            assert shown(self.config, self.state)["cards"] == self.unlocked - self.scratched


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
