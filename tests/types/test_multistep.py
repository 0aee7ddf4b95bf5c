"""Multi-step campaigns: what counts for which step, in what order, by when, and what it earns."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns.types import get_type
from campaigns.types.base import ConfigError, NotAllowed, Way
from campaigns.types.words import in_english
from tests.factories import MOMENT
from tests.types.happenings import OUTCOMES, after, did, draws, live, stored

KIND = get_type("multistep")


def step(event="a", kind="event", **fields):
    return {"title": f"Do {event}", "kind": kind, "trigger": {"event": event, "where": []}, **fields}


def campaign(*steps, **fields):
    config = {**KIND.defaults(), "steps": list(steps), **fields}
    KIND.check(config, OUTCOMES)
    return config


def states(config, state, hours=0.0):
    return [each["state"] for each in KIND.view(config, state, OUTCOMES, after(hours))["steps"]]


def test_in_any_order_each_step_counts_by_itself():
    config = campaign(step("a"), step("b"))

    state, steps = live(KIND, config, [did("b"), did("b"), did("a")])

    assert draws(steps) == [("step-2",), None, ("step-1", "end")]
    assert [each.completed for each in steps if each] == [False, True]
    assert states(config, state) == ["done", "done"]


def test_one_after_the_other_a_later_step_waits_for_the_one_before_it():
    config = campaign(step("a"), step("b"), order="ordered")

    state, steps = live(KIND, config, [did("b"), did("a")])

    assert draws(steps) == [None, ("step-1",)]
    assert states(config, {}) == ["open", "locked"]
    assert states(config, state) == ["done", "open"]


def test_one_event_does_one_of_two_ordered_steps_that_wait_for_the_same():
    config = campaign(step("a"), step("a"), order="ordered")

    _, steps = live(KIND, config, [did("a"), did("a")])

    assert draws(steps) == [("step-1",), ("step-2", "end")]


def test_a_step_may_ask_for_several_times():
    config = campaign(step("a", "count", count=3))

    state, steps = live(KIND, config, [did("a"), did("a")])

    assert draws(steps) == [(), ()]
    shown = KIND.view(config, state, OUTCOMES, MOMENT)["steps"][0]
    assert (shown["reached"], shown["goal"], shown["state"]) == (2, 3, "open")
    assert live(KIND, config, [did("a")], state)[1][0].draws == ("step-1", "end")


def test_a_step_may_add_up_a_number_exactly():
    config = campaign(step("pay", "sum", property="amount", total=0.3))

    _, steps = live(KIND, config, [did("pay", amount=0.1), did("pay", amount=0.2)])

    assert steps[0].state["steps"]["1"]["n"] == 0.1
    assert steps[1].draws == ("step-1", "end")


@pytest.mark.parametrize("amount", [-5, 0, "7", None, True])
def test_what_is_no_amount_adds_nothing(amount):
    config = campaign(step("pay", "sum", property="amount", total=10))

    assert live(KIND, config, [did("pay", amount=amount)])[1] == [None]


def test_conditions_decide_which_events_count():
    large = {"event": "pay", "where": [{"property": "amount", "operator": "greater_than", "value": 300}]}
    config = campaign({**step("pay"), "trigger": large})

    _, steps = live(KIND, config, [did("pay", amount=300), did("pay", amount=301)])

    assert draws(steps) == [None, ("step-1", "end")]


def test_a_step_may_be_another_campaign_by_its_id_or_its_tag():
    for name in ({"campaign": "c-1"}, {"campaign": "c-9", "tag": "c-1"}):
        config = campaign({"title": "Finish the quiz", "kind": "game", "campaign": "c-1"})
        other = did("glu.campaign_completed", campaign="c-2", status="completed")

        _, steps = live(KIND, config, [other, did("glu.campaign_completed", **name)])

        assert draws(steps) == [None, ("step-1", "end")]


def test_after_the_end_nothing_counts_any_more():
    config = campaign(step("a"))

    assert draws(live(KIND, config, [did("a"), did("a")])[1]) == [("step-1", "end"), None]


def test_the_time_for_all_steps_runs_from_the_first_thing_that_counts():
    config = campaign(step("a"), step("b"), hours=24)

    state, steps = live(KIND, config, [did("b", 500), did("a", 523.9)])
    assert draws(steps) == [("step-2",), ("step-1", "end")]
    state, steps = live(KIND, config, [did("b", 500), did("a", 524)])
    assert draws(steps) == [("step-2",), None]
    assert KIND.view(config, state, OUTCOMES, after(524))["late"]
    assert KIND.headline(config, state, after(524)).title == "Your time is up"


def test_a_step_may_have_a_time_of_its_own_which_begins_when_the_one_before_is_done():
    config = campaign(step("a"), step("b", hours=2), order="ordered")

    assert draws(live(KIND, config, [did("a", 90), did("b", 91.9)])[1]) == [("step-1",), ("step-2", "end")]
    assert draws(live(KIND, config, [did("a", 90), did("b", 92)])[1]) == [("step-1",), None]


def test_what_happened_in_time_counts_though_it_arrived_late():
    config = campaign(step("a"), step("b"), hours=24)
    state, _ = live(KIND, config, [did("a")])

    assert KIND.happened(config, state, did("b", 23), after(48)).draws == ("step-2", "end")


def test_where_it_begins_again_no_step_is_rewarded_twice():
    config = campaign(step("a"), step("b"), hours=24, late="again")

    _, steps = live(KIND, config, [did("a"), did("b", 30), did("a", 31)])

    assert draws(steps) == [("step-1",), ("step-2",), ("end",)]
    assert states(config, live(KIND, config, [did("a")])[0], 24) == ["open", "open"]


def test_it_says_how_far_one_is():
    config = campaign(step("a"), step("b"))
    state, _ = live(KIND, config, [did("a")])

    said = KIND.headline(config, state, MOMENT)
    assert in_english(said.title, said.values) == "1 of 2 steps done"
    assert KIND.headline(config, {}, MOMENT) is None
    assert KIND.way(config, state, MOMENT) == Way(1, 2)


def test_there_is_nothing_to_press():
    with pytest.raises(NotAllowed):
        KIND.act(campaign(step("a")), {}, {}, MOMENT)


def test_two_people_who_are_one_have_done_what_either_did_and_get_what_is_due_on_the_page():
    config = campaign(step("a"), step("b"))
    user, _ = live(KIND, config, [did("a")])
    visitor, _ = live(KIND, config, [did("b", 1)])

    state = stored(KIND.merge(user, visitor))

    assert states(config, state) == ["done", "done"]
    assert KIND.button(config, state, MOMENT) == "Get my reward"
    given = KIND.act(config, state, {}, MOMENT)
    assert (given.draws, given.completed) == (("end",), True)
    with pytest.raises(NotAllowed):
        KIND.act(config, stored(given.state), {}, MOMENT)


@pytest.mark.parametrize("order", ["free", "ordered"])
def test_merging_with_itself_or_a_beginning_changes_nothing(order):
    config = campaign(step("a", "count", count=3), step("b"), order=order, hours=9)
    state, _ = live(KIND, config, [did("a"), did("b"), did("a", 1), did("a", 2)])

    assert stored(KIND.merge(state, state)) == state
    assert stored(KIND.merge(state, {})) == state == stored(KIND.merge({}, state))


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"steps": []}, "steps", "1 to 10 steps"),
        ({"steps": [step()] * 11}, "steps", "1 to 10 steps"),
        ({"steps": [{"kind": "magic"}]}, "steps", "Step 1: choose what it waits for"),
        ({"steps": [step(), step(title="")]}, "steps", "Step 2: say in a few words"),
        ({"steps": [step("")]}, "steps", "Name the event"),
        ({"steps": [step("glu.played")]}, "steps", "glu."),
        ({"steps": [step(kind="count", count=1)]}, "steps", "how often"),
        ({"steps": [step(kind="count", count=2.5)]}, "steps", "how often"),
        ({"steps": [step(kind="sum", total=5)]}, "steps", "property"),
        ({"steps": [step(kind="sum", property="amount", total=0)]}, "steps", "the total"),
        ({"steps": [{"title": "Play", "kind": "game"}]}, "steps", "choose the campaign"),
        ({"steps": [step(link="x" * 501)]}, "steps", "link"),
        ({"steps": [step(hours=-1)]}, "steps", "hours"),
        ({"order": "any"}, "order", "order"),
        ({"late": True}, "late", "time is up"),
        ({"hours": "2"}, "hours", "hours"),
        ({"title": "x" * 81}, "title", "80"),
    ],
)
def test_what_can_t_run_is_refused_at_its_field(fields, field, words):
    with pytest.raises(ConfigError) as refusal:
        KIND.check(KIND.defaults() | fields, OUTCOMES)

    assert refusal.value.field == field
    assert words in str(refusal.value)


EVENTS = "abc"


class Reference:
    """The same in another way: it keeps all that happened, and counts anew each time it is asked."""

    def __init__(self, config):
        self.config, self.run, self.given, self.is_over = config, [], [], False

    def value(self, wanted, event):
        if wanted["trigger"]["event"] != event.name:
            return 0
        return event.properties["amount"] if wanted["kind"] == "sum" else 1

    def goal(self, wanted):
        return wanted.get("count") or wanted.get("total") or 1

    def counted(self):
        """For each step the events that counted for it."""
        wanted = self.config["steps"]
        if self.config["order"] == "free":
            return [self.enough(each, [e for e in self.run if self.value(each, e)]) for each in wanted]
        found, left = [], list(self.run)
        for each in wanted:
            enough = self.enough(each, [e for e in left if self.value(each, e)])
            found.append(enough)
            if not self.is_done(each, enough):
                break
            left = left[left.index(enough[-1]) + 1 :]
        return found + [[]] * (len(wanted) - len(found))

    def enough(self, wanted, events):
        for count in range(len(events) + 1):
            if self.is_done(wanted, events[:count]):
                return events[:count]
        return events

    def is_done(self, wanted, events):
        return sum(self.value(wanted, each) for each in events) >= self.goal(wanted)

    def done(self):
        pairs = zip(self.config["steps"], self.counted(), strict=True)
        return [self.is_done(wanted, events) for wanted, events in pairs]

    def is_late(self, at):
        done, counted = self.done(), self.counted()
        all_counted = [each for events in counted for each in events]
        if all(done):
            return False
        ends = []
        if all_counted and self.config["hours"]:
            first = next(each for each in self.run if each in all_counted)
            ends.append(first.at + timedelta(hours=self.config["hours"]))
        is_ordered = self.config["order"] == "ordered"
        for place, wanted in enumerate(self.config["steps"]):
            if done[place] or not wanted.get("hours"):
                continue
            before = counted[place - 1][-1:] if is_ordered and place and done[place - 1] else []
            begins = before or counted[place][:1]
            if begins and (not is_ordered or all(done[:place])):
                ends.append(begins[0].at + timedelta(hours=wanted["hours"]))
        return any(at >= each for each in ends)

    def happened(self, event):
        """The occasions that are due now."""
        if all(self.done()) or self.is_over:
            return []
        if self.is_late(event.at):
            if self.config["late"] == "ends":
                return []
            self.run = []
        self.run.append(event)
        done = self.done()
        due = [f"step-{n}" for n, is_done in enumerate(done, 1) if is_done] + ["end"] * all(done)
        new = [each for each in due if each not in self.given]
        self.given += new
        return new


A_STEP = st.builds(
    lambda event, kind, goal, hours: {
        **step(event, kind, hours=hours),
        **({"count": goal + 1} if kind == "count" else {}),
        **({"total": goal * 3, "property": "amount"} if kind == "sum" else {}),
    },
    st.sampled_from(EVENTS),
    st.sampled_from(["event", "count", "sum"]),
    st.integers(1, 2),
    st.sampled_from([0, 0, 5]),
)


class Histories(RuleBasedStateMachine):
    @initialize(
        steps=st.lists(A_STEP, min_size=1, max_size=4),
        order=st.sampled_from(["free", "ordered"]),
        late=st.sampled_from(["ends", "again"]),
        hours=st.sampled_from([0, 0, 12]),
    )
    def begin(self, steps, order, late, hours):
        self.config = campaign(*steps, order=order, late=late, hours=hours)
        self.model, self.state, self.hours, self.drawn = Reference(self.config), {}, 0, []

    @rule(
        name=st.sampled_from([*EVENTS, "other"]),
        amount=st.integers(0, 4),
        hours=st.sampled_from([0, 1, 3, 7]),
    )
    def something_happens(self, name, amount, hours):
        self.hours += hours
        event = did(name, self.hours, amount=amount)
        found = KIND.happened(self.config, self.state, event, after(self.hours))
        due = self.model.happened(event)
        assert list(found.draws if found else ()) == due
        self.drawn += due
        if found:
            self.state = stored(found.state)
            assert found.completed == all(self.model.done())

    @rule()
    def the_person_merges_with_a_copy_of_themselves(self):
        self.state = stored(KIND.merge(self.state, self.state))

    @invariant()
    def the_page_says_what_is_so(self):
        if not hasattr(self, "model"):
            return
        shown = KIND.view(self.config, self.state, OUTCOMES, after(self.hours))
        is_late = self.model.is_late(after(self.hours).now)
        assert shown["late"] == (is_late and self.config["late"] == "ends")
        if not is_late:
            assert [each["state"] == "done" for each in shown["steps"]] == self.model.done()
        assert len(set(self.drawn)) == len(self.drawn)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
