"""One person's way through the questions: which is in sight, what was answered, when each was shown.

It holds names, not places, so it stays right when the marketer changes the questions of a running
campaign: one that was taken out is passed over, one that is new is asked at the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from campaigns.types.quiz.questions import Question

GRACE = 2  # seconds on the road that nobody is blamed for


@dataclass(frozen=True)
class Sitting:
    moves: int = 0
    now: str = ""  # the question in sight; "" before the first
    asked: tuple[str, ...] = ()  # in the order in which they came
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    until: Mapping[str, int] = field(default_factory=dict)  # when the time of each is up, if it has any
    late: tuple[str, ...] = ()
    told: bool = False  # whether the question in sight was answered, and its answer shown
    nudged: bool = False  # whether nothing was chosen

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "Sitting":
        """The one under way; after an end, or before any, a new one."""
        if not state or "over" in state:
            return cls()
        return cls(**{**state, "asked": tuple(state["asked"]), "late": tuple(state["late"])})

    def state(self) -> dict[str, Any]:
        return asdict(self) | {"asked": list(self.asked), "late": list(self.late)}

    def order(self, names: Sequence[str]) -> list[str]:
        """All questions that there are: those asked in their order, then the others."""
        asked = [each for each in self.asked if each in names]
        return asked + [each for each in names if each not in asked]

    def current(self, names: Sequence[str]) -> str | None:
        """The question in sight; None if all that are left were answered."""
        if self.now in names:
            return self.now
        return next((each for each in self.order(names) if each not in self.asked), None)

    def show(self, question: Question, now: int) -> "Sitting":
        """With this question in sight. Its time runs from the first time that it is."""
        until = dict(self.until)
        if question.seconds and question.id not in until:
            until[question.id] = now + question.seconds
        asked = self.asked if question.id in self.asked else (*self.asked, question.id)
        return replace(self, now=question.id, asked=asked, until=until, told=False, nudged=False)

    def extend(self, question: Question) -> "Sitting":
        until = {**self.until, question.id: self.until[question.id] + question.seconds}
        return replace(self, until=until)

    def is_late(self, question: Question, now: int) -> bool:
        return question.id in self.until and now > self.until[question.id] + GRACE

    def answer(self, question: Question, chosen: Sequence[str], *, is_late: bool) -> "Sitting":
        answers = {**self.answers, question.id: [] if is_late else sorted(chosen)}
        late = (*self.late, question.id) if is_late else self.late
        return replace(self, answers=answers, late=late, nudged=False)
