"""The memory game: cards that the server alone knows, and a result that nobody can talk up."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from campaigns.types.base import ConfigError, NotAllowed, Outcome
from campaigns.types.memorygame.cards import SYMBOLS, layout
from campaigns.types.memorygame.rules import TYPE
from tests.factories import MOMENT

OUTCOMES = [Outcome("id-0", "20% off", 0, is_prize=True), Outcome("id-1", "Nothing", 1, is_prize=False)]
CONFIG = TYPE.defaults() | {"pairs": 3}


def later(seconds, moment=MOMENT):
    return replace(moment, now=moment.now + timedelta(seconds=seconds))


def turn(state, *places, config=CONFIG, moment=MOMENT):
    """The state after these cards were turned, one after the other; and the last step."""
    step = None
    for place in places:
        number = TYPE.view(config, state, OUTCOMES, moment)["move"]
        step = TYPE.act(config, state, {"move": number, "card": place}, moment)
        state = orjson.loads(orjson.dumps(step.state))
    return state, step


def places_of(pairs=3, moment=MOMENT):
    """Where the cards of each pair lie, pair by pair."""
    where = {}
    for place, card in enumerate(layout(pairs, moment.seed), 1):
        where.setdefault(card // 2, []).append(place)
    return list(where.values())


def lies(state, config=CONFIG, moment=MOMENT):
    return [each["lies"] for each in TYPE.view(config, state, OUTCOMES, moment)["cards"]]


def test_a_turned_card_shows_its_symbol_and_all_others_stay_hidden():
    state, step = turn({}, 3)
    cards = TYPE.view(CONFIG, state, OUTCOMES, MOMENT)["cards"]

    assert not step.ends and not step.draws
    assert cards[2]["lies"] == "open" and cards[2]["symbol"] in SYMBOLS
    assert cards[:2] + cards[3:] == [{"lies": "hidden", "symbol": ""}] * 5


def test_a_pair_that_was_found_stays():
    first, second, _ = places_of()

    state, _ = turn({}, *first, second[0])

    assert [lies(state)[place - 1] for place in first] == ["matched", "matched"]
    assert TYPE.way(CONFIG, state, MOMENT).done == 1


def test_two_that_are_no_pair_stay_in_sight_until_the_next_card_is_turned():
    first, second, third = places_of()

    missed, _ = turn({}, first[0], second[0])
    after, _ = turn(missed, third[0])

    assert Counter(lies(missed)) == {"open": 2, "hidden": 4}
    assert Counter(lies(after)) == {"open": 1, "hidden": 5}
    assert lies(after)[third[0] - 1] == "open"


def test_a_card_of_a_miss_may_be_turned_again_at_once():
    first, second, _ = places_of()
    missed, _ = turn({}, first[0], second[0])

    state, _ = turn(missed, second[0], second[1])

    assert lies(state).count("matched") == 2


def test_an_open_card_and_one_of_a_found_pair_can_t_be_turned():
    first, second, _ = places_of()
    state, _ = turn({}, *first, second[0])

    for place in (first[0], second[0]):
        with pytest.raises(NotAllowed, match="open already"):
            turn(state, place)


def test_the_last_pair_ends_the_game_and_draws_for_what_was_reached():
    config = CONFIG | {"levels": [3, 5]}
    first, second, third = places_of()

    _, perfect = turn({}, *first, *second, *third, config=config)
    _, good = turn({}, first[0], second[0], *first, *second, *third, config=config)
    _, slow = turn({}, *[first[0], second[0]] * 3, *first, *second, *third, config=config)

    assert [step.draws for step in (perfect, good, slow)] == [("moves-3",), ("moves-5",), ("finished",)]
    assert perfect.ends and perfect.completed
    assert {each.key for each in TYPE.occasions(config)} == {"moves-3", "moves-5", "finished"}


def test_where_all_results_are_alike_every_outcome_is_for_whoever_finishes():
    _, step = turn({}, *[place for pair in places_of() for place in pair])

    assert step.draws == ("",)
    assert TYPE.occasions(CONFIG) == ()


def test_the_time_taken_counts_from_the_first_card():
    config = CONFIG | {"measure": "seconds", "levels": [30]}
    cards = [place for pair in places_of() for place in pair]

    state, _ = turn({}, *cards[:5], config=config)
    _, quick = turn(state, cards[5], config=config, moment=later(30))
    _, slow = turn(state, cards[5], config=config, moment=later(31))

    assert (quick.draws, slow.draws) == (("seconds-30",), ("finished",))


def test_giving_up_ends_the_game_without_a_draw_unless_it_is_consoled():
    state, _ = turn({}, 1)
    quit_ = {"move": 1, "do": "give-up"}

    plain = TYPE.act(CONFIG, state, quit_, MOMENT)
    consoled = TYPE.act(CONFIG | {"consoles": True}, state, quit_, MOMENT)

    assert plain.ends and plain.draws == ()
    assert consoled.draws == ("gave-up",)


def test_nobody_gives_up_a_game_that_has_not_begun():
    with pytest.raises(NotAllowed):
        TYPE.act(CONFIG, {}, {"move": 0, "do": "give-up"}, MOMENT)


def test_a_move_that_was_made_already_changes_nothing():
    state, _ = turn({}, 1, 2)

    step = TYPE.act(CONFIG, state, {"move": "1", "card": "5"}, MOMENT)

    assert (step.state, step.ends, step.draws) == (state, False, ())


@pytest.mark.parametrize(
    "action",
    [
        {"card": 1}, {"move": 1, "card": 1}, {"move": -1, "card": 1}, {"move": True, "card": 1},
        {"move": 0}, {"move": 0, "card": 0}, {"move": 0, "card": 7}, {"move": 0, "card": [1, 2]},
        {"move": 0, "card": "²"}, {"move": 0, "do": "win"}, {"move": 0, "card": 1, "found": 3},
    ],
)  # fmt: skip
def test_a_move_that_makes_no_sense_is_refused(action):
    with pytest.raises(NotAllowed):
        TYPE.act(CONFIG, {}, action, MOMENT)


def test_forms_send_texts_and_mean_the_same():
    by_form = TYPE.act(CONFIG, {}, {"move": "0", "card": "4"}, MOMENT)

    assert by_form == TYPE.act(CONFIG, {}, {"move": 0, "card": 4}, MOMENT)


TIMED = CONFIG | {"clock": 60}


def test_a_clock_starts_with_the_first_card_and_stops_nothing_for_good():
    state, _ = turn({}, 1, config=TIMED)

    assert TYPE.view(TIMED, {}, OUTCOMES, later(500))["secondsLeft"] == 60
    assert TYPE.view(TIMED, state, OUTCOMES, later(20))["secondsLeft"] == 40
    with pytest.raises(NotAllowed, match="Take more time"):
        turn(state, 2, config=TIMED, moment=later(61))
    assert TYPE.headline(TIMED, state, later(61)).title == "Your time is up"


@pytest.mark.parametrize("passed", [10, 61, 4000])
def test_more_time_is_there_as_often_as_it_is_asked_for(passed):
    state, _ = turn({}, 1, config=TIMED)
    for number in range(1, 13):
        state = TYPE.act(TIMED, state, {"move": number, "do": "more"}, later(passed)).state

    view = TYPE.view(TIMED, state, OUTCOMES, later(passed))

    assert view["secondsLeft"] >= 12 * 60
    turn(state, 2, config=TIMED, moment=later(passed + 700))


def test_the_clock_can_be_turned_off_before_and_during_the_game():
    begun, _ = turn({}, 1, config=TIMED)
    for state, number in (({}, 0), (begun, 1)):
        off = TYPE.act(TIMED, state, {"move": number, "do": "no-clock"}, MOMENT).state

        turn(off, 2, config=TIMED, moment=later(9000))
        assert TYPE.view(TIMED, off, OUTCOMES, MOMENT)["secondsLeft"] is None


def test_after_the_end_a_new_game_begins_with_the_cards_of_its_own_seed():
    over, _ = turn({}, *[place for pair in places_of() for place in pair])
    again = replace(MOMENT, seed=b"the next attempt")

    assert set(lies(over, moment=again)) == {"hidden"}
    state, _ = turn(over, 1, moment=again)
    assert Counter(lies(state, moment=again)) == {"open": 1, "hidden": 5}


def test_layouts_differ_from_seed_to_seed_and_are_all_as_likely():
    places = Counter(list(layout(3, str(n).encode())).index(0) for n in range(6000))

    assert max(places.values()) < 1150 and min(places.values()) > 850


def test_pairs_taken_out_of_a_running_campaign_end_a_game_that_has_only_those_left():
    wide = CONFIG | {"pairs": 4}
    pairs = [places for card, places in enumerate(places_of(4))]
    by_symbol = {layout(4, MOMENT.seed)[places[0] - 1] // 2: places for places in pairs}
    state, _ = turn({}, *by_symbol[0], *by_symbol[1], *by_symbol[2], config=wide)

    step = TYPE.act(CONFIG, state, {"move": 6, "card": 1}, MOMENT)

    assert step.ends and step.draws == ("",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pairs", 2), ("pairs", 11), ("pairs", "6"), ("pairs", True), ("measure", "luck"), ("levels", "8"),
        ("levels", [0]), ("levels", [9, 8]), ("levels", [8, 8]), ("levels", [True]),
        ("levels", [*range(1, 8)]),
        ("clock", 9), ("clock", 601), ("clock", None), ("clock", True), ("consoles", "yes"), ("title", 7),
    ],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused_at_its_field(field, value):
    with pytest.raises(ConfigError) as refused:
        TYPE.check(CONFIG | {field: value}, OUTCOMES)

    assert refused.value.field == field


class Players(RuleBasedStateMachine):
    """A player who notes what was seen, and knows nothing else: that must be enough to foretell the table."""

    @initialize(pairs=st.integers(3, 10), clock=st.sampled_from([0, 30]), seed=st.binary(min_size=8))
    def sit_down(self, pairs, clock, seed):
        self.config = TYPE.defaults() | {"pairs": pairs, "clock": clock, "levels": [pairs, pairs + 5]}
        self.moment = replace(MOMENT, seed=seed)
        self.state, self.over = {}, False
        self.begin()

    def begin(self):
        self.seen, self.found, self.open = {}, set(), []
        self.made, self.turns, self.began, self.until = 0, 0, None, None

    def act(self, **action):
        before = orjson.dumps(self.state)
        step = TYPE.act(self.config, self.state, {"move": self.made, **action}, self.moment)
        assert orjson.dumps(self.state) == before
        self.state, self.made = orjson.loads(orjson.dumps(step.state)), self.made + 1
        return step

    def view(self):
        return TYPE.view(self.config, self.state, OUTCOMES, self.moment)

    @rule(data=st.data())
    def turn(self, data):
        if self.over:
            self.over = False
            self.moment = replace(self.moment, seed=self.moment.seed + b"next")
            self.begin()
        place = data.draw(st.integers(1, self.config["pairs"] * 2))
        now = int(self.moment.now.timestamp())
        late = self.until is not None and now > self.until
        if late or place in self.found or self.open == [place]:
            with pytest.raises(NotAllowed):
                self.act(card=place)
            return
        step = self.act(card=place)
        if self.began is None:
            self.began = now
            self.until = now + self.config["clock"] if self.config["clock"] else None
        self.note(place, step)

    def note(self, place, step):
        self.open = [place] if len(self.open) != 1 else [*self.open, place]
        if not step.ends:
            shown = self.view()["cards"][place - 1]["symbol"]
            assert self.seen.setdefault(place, shown) == shown, "a card never changes"
        else:
            (self.seen[place],) = {SYMBOLS[n] for n in range(self.config["pairs"])} - {
                self.seen[each] for each in self.found
            }
        if len(self.open) == 2:
            self.turns += 1
            if self.seen[self.open[0]] == self.seen[self.open[1]]:
                self.found |= set(self.open)
                self.open = []
        is_all = len(self.found) == 2 * self.config["pairs"]
        assert step.ends == is_all
        if is_all:
            self.over = True
            best = next((most for most in self.config["levels"] if self.turns <= most), None)
            assert step.draws == ((f"moves-{best}",) if best else ("finished",))

    @precondition(lambda self: not self.over and self.found)
    @rule()
    def finish(self):
        """Peek at the layout, so that many games come to their end."""
        cards = list(layout(self.config["pairs"], self.moment.seed))
        if self.until is not None and self.moment.now.timestamp() > self.until:
            return
        for card in sorted(range(len(cards)), key=lambda place: cards[place]):
            place = card + 1
            if place not in self.found and self.open != [place]:
                self.note(place, self.act(card=place))

    @precondition(lambda self: not self.over and self.until is not None)
    @rule()
    def take_more_time(self):
        step = self.act(do="more")
        self.until = max(self.until, int(self.moment.now.timestamp())) + self.config["clock"]
        assert not step.ends and not step.draws

    @precondition(lambda self: not self.over and self.made)
    @rule()
    def give_up(self):
        step = self.act(do="give-up")
        assert step.ends and not step.draws
        self.over = True

    @precondition(lambda self: not self.over and self.made)
    @rule(data=st.data())
    def click_twice(self, data):
        number, place = data.draw(st.integers(0, self.made - 1)), data.draw(st.integers(0, 30))
        step = TYPE.act(self.config, self.state, {"move": number, "card": place}, self.moment)
        assert (step.state, step.ends, step.draws) == (self.state, False, ())

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds):
        self.moment = later(seconds, self.moment)

    @invariant()
    def the_table_is_as_the_player_remembers(self):
        if not hasattr(self, "state") or self.over:
            return
        view = self.view()
        for place, card in enumerate(view["cards"], 1):
            expected = "matched" if place in self.found else "open" if place in self.open else "hidden"
            assert card["lies"] == expected
            assert card["symbol"] == ("" if expected == "hidden" else self.seen[place])
        assert (view["turns"], view["found"] * 2) == (self.turns, len(self.found))
        assert TYPE.merge(self.state, {}) == TYPE.merge({}, self.state) == self.state


Players.TestCase.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_history_of_moves_surprises_a_player_who_remembers = Players.TestCase
