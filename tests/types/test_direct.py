"""Direct rewards: who asks for one, how often, and that nothing else brings it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.types import get_type
from campaigns.types.base import ConfigError, NotAllowed
from tests.factories import MOMENT
from tests.types.happenings import OUTCOMES, after, did, draws, live

KIND = get_type("direct")
ASKED = {"campaign": "c-1"}


def campaign(**fields):
    config = KIND.defaults() | fields
    KIND.check(config, OUTCOMES)
    return config


def lived(config, *events):
    return live(KIND, config, events, campaign="c-1")


def test_a_server_asks_for_it_once():
    state, steps = lived(campaign(), did("glu.awarded", **ASKED), did("glu.awarded", **ASKED))

    assert draws(steps) == [("",), None]
    assert steps[0].completed
    assert KIND.headline(campaign(), state, MOMENT).title == "You have your reward"


def test_a_reward_of_another_campaign_is_none_of_this_one():
    assert lived(campaign(), did("glu.awarded", campaign="c-2"))[1] == [None]


def test_it_may_come_several_times_or_as_often_as_it_likes():
    twice, always = campaign(most=2), campaign(most=0)
    events = [did("glu.awarded", **ASKED) for _ in range(3)]

    assert draws(lived(twice, *events)[1]) == [("",), ("",), None]
    assert [each.completed for each in lived(always, *events)[1]] == [False, False, False]


def test_who_enters_the_segment_gets_it():
    config = campaign(by="segment", segment="s-1")
    events = [did("glu.segment_entered", segment="s-2"), did("glu.segment_entered", segment="s-1")]

    assert draws(lived(config, *events)[1]) == [None, ("",)]
    assert lived(campaign(), *events)[1] == [None, None]


def test_who_does_something_gets_it_and_the_page_says_what():
    config = campaign(by="event", todo="Place an order", most=1)

    state, steps = lived(config, did("visit"), did("purchase"))

    assert draws(steps) == [None, ("",)]
    assert KIND.view(config, {}, OUTCOMES, MOMENT) == {"given": 0, "todo": "Place an order", "link": ""}
    assert KIND.view(config, state, OUTCOMES, MOMENT) == {"given": 1, "todo": "", "link": ""}


def test_a_server_may_give_it_also_where_something_else_does():
    for by in ("segment", "event"):
        assert draws(lived(campaign(by=by, segment="s-1"), did("glu.awarded", **ASKED))[1]) == [("",)]


def test_there_is_nothing_to_play():
    with pytest.raises(NotAllowed):
        KIND.act(campaign(), {}, {}, after())


@given(most=st.integers(0, 5), names=st.lists(st.sampled_from(["purchase", "visit", "glu.awarded"])))
def test_of_any_history_the_first_so_many_are_rewarded(most, names):
    config = campaign(by="event", most=most)

    _, steps = lived(config, *(did(name, **ASKED) for name in names))

    fitting = sum(name != "visit" for name in names)
    assert sum(step is not None for step in steps) == (min(most, fitting) if most else fitting)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"by": "magic"}, "by"), ({"by": "segment"}, "segment"), ({"by": "event", "trigger": {}}, "trigger"),
        ({"most": -1}, "most"), ({"most": True}, "most"), ({"todo": "x" * 121}, "todo"),
        ({"title": "x" * 81}, "title"),
    ],
)  # fmt: skip
def test_what_can_t_run_is_refused_at_its_field(fields, field):
    with pytest.raises(ConfigError) as refusal:
        campaign(**fields)

    assert refusal.value.field == field
