"""Quiz: questions one by one, as a quiz with a score, a personality, a poll or a survey.

The server asks, and tells what is right no earlier than the marketer wants. Each answer is kept at
once, so a person who comes back goes on where they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from campaigns.types import moves
from campaigns.types.base import (
    ANY,
    SKILL,
    CampaignType,
    Config,
    ConfigError,
    Headline,
    Moment,
    NotAllowed,
    Occasion,
    Outcome,
    State,
    Step,
    Way,
)
from campaigns.types.chance import TITLE_LENGTH, check_text
from campaigns.types.quiz import questions, scoring, settings, shown
from campaigns.types.quiz.questions import Question
from campaigns.types.quiz.sitting import Sitting

FIELDS = ("move", "answer", "do")
SCORED = "quiz"
LAST_BUTTONS = {"poll": "Vote", "survey": "Send my answers"}
THANKS = {"poll": "Thank you for your vote", "survey": "Thank you for your answers"}
BEFORE_END = "These are not the answers to choose from. Open the page again: nothing is lost."


class Quiz(CampaignType):
    slug = "quiz"
    label = "Quiz"
    page = "reward"
    verb = "Start"
    about = "Questions with a score, a personality test, a poll or a survey."
    group = SKILL
    rank = 55
    is_redrawn = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_text(config, "title", TITLE_LENGTH, "The title")
        for problem in settings.problems(config):
            raise ConfigError(problem.path, str(problem))
        if not outcomes:
            raise ConfigError("outcomes", "Say what people get for their answers.")

    def defaults(self) -> dict[str, Any]:
        return settings.defaults()

    def start(self, config: Config) -> State:
        return {}

    def occasions(self, config: Config) -> tuple[Occasion, ...]:
        if config["mode"] == "personality":
            return tuple(
                Occasion(f"result-{each['id']}", "Result: %(name)s", {"name": each["name"]})
                for each in config["results"]
            )
        if config["mode"] != SCORED:
            return ()
        tops = [100, *(least - 1 for least in config["bands"])]
        one, several = "Score of %(least)s%%", "Score of %(least)s%% to %(top)s%%"
        return tuple(
            Occasion(f"band-{least}", several if top > least else one, {"least": least, "top": top})
            for least, top in zip(config["bands"], tops, strict=False)
        )

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        moves.check_fields(action, FIELDS)
        table = _Table(config, state, moment)
        sitting = table.sitting
        if not action and not sitting.moves:
            action = {"move": 0}
        if moves.was_made(action, sitting.moves):
            return Step(state, ends=False)
        after = replace(sitting, moves=sitting.moves + 1)
        question = table.question
        if not table.has_begun:
            table.only(action, ())
            first = table.first
            return Step(after.show(first, table.now).state(), ends=False) if first else table.end(after)
        if question is None:
            table.only(action, ())
            return table.end(after)
        if sitting.told:
            table.only(action, ())
            return table.go_on(after, question)
        return _answered(table, after, question, action)

    def way(self, config: Config, state: State, moment: Moment) -> Way | None:
        names = [each["id"] for each in config["questions"]]
        answered = [name for name in state.get("answers", {}) if name in names]
        return Way(len(answered), len(names))

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        table = _Table(config, state, moment)
        if not table.sitting.moves or config["mode"] == "poll":
            return None
        if table.question is None:
            return Headline("That was the last question")
        return Headline("Question %(number)s of %(count)s", "", table.place)

    def button(self, config: Config, state: State, moment: Moment) -> str:
        table = _Table(config, state, moment)
        if not table.has_begun:
            return self.verb
        if table.question is not None and table.tells and not table.sitting.told:
            return "Go on" if table.sitting.is_late(table.question, table.now) else "Check my answer"
        if table.question is not None and not table.is_last:
            return "Next question"
        return LAST_BUTTONS.get(config["mode"], "See my result")

    def closing(self, config: Config) -> str:
        return THANKS.get(config["mode"], "")

    def asked(self, config: Config) -> Sequence[tuple[str, Sequence[str]]]:
        if config["mode"] not in THANKS:
            return ()
        return [(each.text, [answer.text for answer in each.answers]) for each in questions.read(config)]

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        """The question in sight; of the others that they are there, and of this one what may be known."""
        table = _Table(config, state, moment)
        question, sitting = table.question, table.sitting
        seen: dict[str, Any] = {
            "mode": config["mode"],
            "phase": "start" if not table.has_begun else "end",
            "move": sitting.moves,
            "count": len(table.questions),
            "seconds": max((each.seconds for each in table.questions.values()), default=0),
        }
        if not table.has_begun or question is None:
            return seen
        until = sitting.until.get(question.id)
        seen |= table.place | {
            "phase": "told" if sitting.told else "ask",
            "question": shown.question_seen(question, sitting, config, moment.seed),
            "secondsLeft": None if until is None or sitting.told else max(0, until - table.now),
            "isLate": not sitting.told and sitting.is_late(question, table.now),
            "mayGoBack": table.before is not None,
            "isNudged": sitting.nudged,
            "wasLate": table.was_late,
        }
        return seen | shown.told(question, sitting, config) if sitting.told else seen

    def pictures(self, config: Config) -> frozenset[str]:
        return frozenset(questions.origins(config))

    def merge(self, state: State, other: State) -> State:
        """Whichever sitting has come further; parts of two would make none."""
        return max(state, other, key=lambda each: (bool(each), "over" not in each, each.get("moves", 0)))

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """The result; what was right too, if the marketer lets people know it at the end."""
        asked, mode = questions.read(config), config["mode"]
        is_over, is_scored = "over" in state, mode == SCORED
        result = next((each for each in config["results"] if each["id"] == state.get("result")), None)
        is_told = is_over and is_scored and config["tell"] == "end"
        is_kept = is_over and mode in LAST_BUTTONS
        return {
            "mode": mode,
            "score": state.get("score") if is_scored else None,
            "most": state.get("most") if is_scored else None,
            "percent": state.get("percent") if is_scored else None,
            "passed": state.get("passed") if is_scored else None,
            "result": {"name": result["name"], "text": result.get("text", "")} if result else None,
            "review": shown.review(asked, state, partial=config["partial"]) if is_told else [],
            "answers": shown.said(asked, state) if is_kept else [],
        }


class _Table:
    """What lies before a person: the questions in their order, and the one in sight."""

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

    def _drawn(self, reached: int) -> tuple[str, ...]:
        if not self.config["bands"]:
            return (ANY,)
        band = scoring.band(self.config["bands"], reached)
        return () if band is None else (f"band-{band}",)

    def _known(self, name: str | None) -> Question | None:
        return self.questions.get(name) if name else None


def _answered(table: _Table, after: Sitting, question: Question, action: Mapping[str, Any]) -> Step:
    """The question in sight is answered, given more time, or left for the one before."""
    is_late = table.sitting.is_late(question, table.now)
    match action.get("do"):
        case None | "":
            pass
        case "back" if table.before:
            return Step(after.show(table.before, table.now).state(), ends=False)
        case "more" if question.id in after.until and not is_late:
            return Step(after.extend(question).state(), ends=False)
        case _:
            raise NotAllowed("This can't be done now.")
    chosen = _chosen(question, action.get("answer"), table.seed)
    if not chosen and not is_late:
        return Step(replace(table.sitting, nudged=True).state(), ends=False)
    # what was taken out meanwhile may have been the question in sight
    known = after if after.now == question.id else after.show(question, table.now)
    answered = known.answer(question, chosen, is_late=is_late)
    if table.tells:
        return Step(replace(answered, told=True).state(), ends=False)
    return table.go_on(answered, question)


def _chosen(question: Question, sent: Any, seed: bytes) -> list[str]:
    """The answers that were meant; raises NotAllowed for what can't be chosen."""
    listed = sent if isinstance(sent, list) else [] if sent in (None, "") else [sent]
    names = {shown.name_of(question, each, seed): each.id for each in question.answers}
    if not all(isinstance(each, str) and each in names for each in listed):
        raise NotAllowed(BEFORE_END)
    if len(set(listed)) > 1 and not question.is_multiple:
        raise NotAllowed("Choose one answer.")
    return sorted({names[each] for each in listed})


TYPE = Quiz()
