"""Thousands of histories of a quiz, beside a bookkeeper who holds nothing but lists."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from campaigns.types.base import NotAllowed
from campaigns.types.quiz.rules import TYPE
from tests.factories import MOMENT
from tests.types.quizzes import CONFIG, question, view


class Candidates(RuleBasedStateMachine):
    """A candidate beside a bookkeeper, whose lists say what was asked, what was said, and when."""

    @initialize(
        count=st.integers(1, 5),
        seed=st.binary(min_size=4),
        chosen=st.fixed_dictionaries(
            {
                "tell": st.sampled_from(["each", "end", "never"]),
                "seconds": st.sampled_from([0, 20]),
                "partial": st.booleans(),
                "shuffle_questions": st.booleans(),
                "bands": st.sampled_from([[], [100, 60], [90]]),
            }
        ),
    )
    def sit_down(self, count, seed, chosen):
        asked = [
            question(n, "*a", "b", "*c", "d", kind="multiple", points=n)
            if n % 2
            else question(n, "a", "*b", "c")
            for n in range(1, count + 1)
        ]
        self.config = CONFIG | {"questions": asked, "pass_mark": 50} | chosen
        self.moment = replace(MOMENT, seed=seed)
        self.begin({})

    def begin(self, state):
        self.state, self.over = state, False
        self.made, self.order, self.at, self.said, self.told = 0, [], -1, {}, False
        self.until, self.late = {}, set()

    @property
    def now(self):
        return int(self.moment.now.timestamp())

    def seen(self):
        return view(self.state, self.config, self.moment)

    def act(self, **action):
        before = orjson.dumps(self.state)
        step = TYPE.act(self.config, self.state, {"move": self.made, **action}, self.moment)
        assert orjson.dumps(self.state) == before
        self.state = orjson.loads(orjson.dumps(step.state))
        return step

    def show(self, place):
        self.at, self.told = place, False
        text = self.seen()["question"]["text"]
        if place == len(self.order):
            assert text not in self.order
            self.order.append(text)
            if self.config["seconds"]:
                self.until[text] = self.now + self.config["seconds"]
        assert text == self.order[place]

    def is_late(self):
        return self.now > self.until.get(self.order[self.at], self.now) + 2

    def go_on(self, step):
        """After an answer: the next question, or the sum of all."""
        if self.at + 1 < len(self.config["questions"]):
            assert not step.ends and not step.draws
            self.show(self.at + 1)
            return
        self.over = True
        got, most = Fraction(0), 0
        for each in self.config["questions"]:
            right = {answer["text"] for answer in each["answers"] if answer["right"]}
            said = self.said[each["text"]]
            points, most = each.get("points", 1), most + each.get("points", 1)
            if said == right:
                got += points
            elif self.config["partial"] and each["kind"] == "multiple":
                got += Fraction(max(0, len(said & right) - len(said - right)) * points, len(right))
        reached = int(got * 100 / most)
        bands = [least for least in self.config["bands"] if reached >= least]
        expected = (
            () if reached < 50 else (f"band-{bands[0]}",) if bands else () if self.config["bands"] else ("",)
        )
        assert (step.ends, step.completed, step.draws) == (True, True, expected)
        assert self.state["percent"] == reached

    @precondition(lambda self: self.at < 0 or self.over)
    @rule()
    def start(self):
        if self.over:
            self.moment = replace(self.moment, seed=self.moment.seed + b"n")
            self.begin(self.state)
        self.act()
        self.made += 1
        self.show(0)

    @precondition(lambda self: self.at >= 0 and not self.over and not self.told)
    @rule(picks=st.sets(st.integers(0, 3)))
    def answer(self, picks):
        listed, text = self.seen()["question"]["answers"], self.order[self.at]
        chosen = [each for place, each in enumerate(listed) if place in picks]
        late = self.is_late()
        is_single = len(listed) == 3
        if is_single and len(chosen) > 1:
            with pytest.raises(NotAllowed):
                self.act(answer=[each["id"] for each in chosen])
            return
        step = self.act(answer=[each["id"] for each in chosen])
        if not chosen and not late:
            assert self.seen()["isNudged"] and not step.ends
            return
        self.made += 1
        self.said[text] = set() if late else {each["text"] for each in chosen}
        self.late |= {text} if late else set()
        if self.config["tell"] == "each":
            self.told = True
            assert self.seen()["verdict"] == "late" if late else self.seen()["verdict"] != "late"
        else:
            self.go_on(step)

    @precondition(lambda self: self.told and not self.over)
    @rule()
    def read_on(self):
        step = self.act()
        self.made += 1
        self.go_on(step)

    @precondition(lambda self: self.at >= 0 and not self.over)
    @rule()
    def go_back(self):
        if self.at == 0 or self.config["tell"] == "each" or self.config["seconds"]:
            with pytest.raises(NotAllowed):
                self.act(do="back")
            return
        self.act(do="back")
        self.made += 1
        self.show(self.at - 1)

    @precondition(lambda self: self.at >= 0 and not self.over)
    @rule()
    def take_more_time(self):
        if self.told or not self.config["seconds"] or self.is_late():
            with pytest.raises(NotAllowed):
                self.act(do="more")
            return
        self.act(do="more")
        self.made += 1
        self.until[self.order[self.at]] += self.config["seconds"]

    @precondition(lambda self: self.made and not self.over)
    @rule(data=st.data())
    def click_twice(self, data):
        number = data.draw(st.integers(0, self.made - 1))
        step = TYPE.act(self.config, self.state, {"move": number, "answer": "whatever"}, self.moment)
        assert (step.state, step.ends, step.draws) == (self.state, False, ())

    @rule(seconds=st.integers(0, 15))
    def wait(self, seconds):
        self.moment = replace(self.moment, now=self.moment.now + timedelta(seconds=seconds))

    @invariant()
    def the_page_shows_what_the_bookkeeper_knows(self):
        if getattr(self, "at", -1) < 0 or self.over:
            return
        seen = self.seen()
        assert seen["move"] == self.made
        assert (seen["phase"], seen["number"]) == ("told" if self.told else "ask", self.at + 1)
        chosen = {each["text"] for each in seen["question"]["answers"] if each["chosen"]}
        assert chosen == self.said.get(self.order[self.at], set())
        if not self.told and self.until:
            assert seen["secondsLeft"] == max(0, self.until[self.order[self.at]] - self.now)
        assert TYPE.way(self.config, self.state, self.moment).done == len(self.said)
        assert TYPE.merge(self.state, {}) == TYPE.merge({}, self.state) == self.state


Candidates.TestCase.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_no_history_of_answers_is_booked_otherwise_than_by_a_bookkeeper = Candidates.TestCase
