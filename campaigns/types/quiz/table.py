"""What lies before a person in a quiz: the questions in their order, the one in sight, and the end."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from campaigns.types.base import ANY, Config, Moment, NotAllowed, State, Step
from campaigns.types.quiz import questions, scoring, shown
from campaigns.types.quiz.questions import Question
from campaigns.types.quiz.sitting import Sitting

FIELDS = ("move", "answer", "do")
SCORED = "quiz"


class Table:
    """Of one sitting, at one moment."""

    def __init__(self, config: Config, state: State, moment: Moment) -> None:
        self.config, self.seed = config, moment.seed
        self.now = int(moment.now.timestamp())
        asked = questions.read(config)
        self.questions = {each.id: each for each in asked}
        self.sitting = Sitting.of(state)
        self.order = self.sitting.order(shown.order_of(asked, config, moment.seed))
        self.has_begun = bool(self.sitting.moves) or config["mode"] == "poll"
        self.tells = config["mode"] == SCORED and config["tell"] == "each"
        self.first = self._known(self.order[0]) if self.order else None
        self.question = self._known(self.sitting.current(self.order)) if self.has_begun else None

    @property
    def place(self) -> dict[str, int]:
        number = self.order.index(self.question.id) + 1 if self.question else 0
        return {"number": number, "count": len(self.order)}

    @property
    def is_last(self) -> bool:
        return self.question is not None and self.order[-1] == self.question.id

    @property
    def before(self) -> Question | None:
        """The question to which one may go back: where nothing was told, and no time is counted."""
        if self.question is None or self.tells or any(each.seconds for each in self.questions.values()):
            return None
        place = self.order.index(self.question.id)
        return self._known(self.order[place - 1]) if place else None

    @property
    def was_late(self) -> bool:
        """Whether the answer before this question came too late, which is said now if not before."""
        place = self.order.index(self.question.id) if self.question else 0
        return not self.tells and place > 0 and self.order[place - 1] in self.sitting.late

    def only(self, action: Mapping[str, Any], fields: tuple[str, ...]) -> None:
        if any(action.get(name) for name in FIELDS[1:] if name not in fields):
            raise NotAllowed("This can't be done now. Go on with the button.")

    def go_on(self, after: Sitting, answered: Question) -> Step:
        """To the next question, or to the end."""
        place = self.order.index(answered.id) + 1
        if place < len(self.order):
            return Step(after.show(self.questions[self.order[place]], self.now).state(), ends=False)
        return self.end(after)

    def end(self, after: Sitting) -> Step:
        config, asked = self.config, list(self.questions.values())
        over: dict[str, Any] = after.state() | {"over": True}
        if config["mode"] == SCORED:
            score = sum(
                (scoring.worth(each, after.answers.get(each.id, ()), partial=config["partial"])
                 for each in asked), Fraction(0),
            )  # fmt: skip
            most = sum(each.points for each in asked)
            reached = scoring.percent(score, most)
            passed = reached >= config["pass_mark"]
            over |= {"score": round(float(score), 2), "most": most, "percent": reached, "passed": passed}
            return Step(over, draws=self._drawn(reached) if passed else (), completed=True)
        if config["mode"] == "personality":
            result = scoring.personality(asked, after.answers, config["results"])
            return Step(over | {"result": result}, draws=(f"result-{result}",), completed=True)
        return Step(over, draws=(ANY,), completed=True)

    def answered(self, *, well: bool) -> Step:
        """The end for somebody all of whose answers are right, or none; where none can be, the first one
        is given."""
        sitting = replace(self.sitting, moves=1)
        for each in self.questions.values():
            meant = [answer.id for answer in each.answers if answer.is_right == well] or [each.answers[0].id]
            chosen = sorted(meant if each.is_multiple else meant[:1])
            sitting = sitting.show(each, self.now).answer(each, chosen, is_late=False)
        return self.end(sitting)

    def _drawn(self, reached: int) -> tuple[str, ...]:
        if not self.config["bands"]:
            return (ANY,)
        band = scoring.band(self.config["bands"], reached)
        return () if band is None else (f"band-{band}",)

    def _known(self, name: str | None) -> Question | None:
        return self.questions.get(name) if name else None
