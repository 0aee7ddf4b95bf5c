"""Quiz: questions one by one, as a quiz with a score, a personality, a poll or a survey.

The server asks, and tells what is right no earlier than the marketer wants. Each answer is kept at
once, so a person who comes back goes on where they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from campaigns.types import moves
from campaigns.types.base import (
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
from campaigns.types.quiz import questions, settings, shown
from campaigns.types.quiz.questions import Question
from campaigns.types.quiz.sitting import Sitting
from campaigns.types.quiz.table import FIELDS, SCORED, Table

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
        table = Table(config, state, moment)
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
        table = Table(config, state, moment)
        if not table.sitting.moves or config["mode"] == "poll":
            return None
        if table.question is None:
            return Headline("That was the last question")
        return Headline("Question %(number)s of %(count)s", "", table.place)

    def button(self, config: Config, state: State, moment: Moment) -> str:
        table = Table(config, state, moment)
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
        table = Table(config, state, moment)
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

    def finished(self, config: Config, moment: Moment, *, won: bool) -> State:
        return Table(config, {}, moment).answered(well=won).state

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


def _answered(table: Table, after: Sitting, question: Question, action: Mapping[str, Any]) -> Step:
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
