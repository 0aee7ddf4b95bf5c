"""What a marketer says of a quiz beside its outcomes."""

from collections.abc import Mapping
from typing import Any

from django import forms

from campaigns.types.quiz import questions, settings
from campaigns.types.quiz.fields import PercentagesField, QuestionsField, QuestionsWidget, ResultsField
from campaigns.types.quiz.questions import Problem


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    mode = forms.ChoiceField(label="Kind", choices=list(settings.MODES.items()))
    tell = forms.ChoiceField(
        label="People are told what is right",
        choices=list(settings.TELLS.items()),
        help_text="“At the end” shows everything: those with more plays know it then.",
    )
    seconds = forms.IntegerField(
        label="Seconds for a question",
        initial=0,
        help_text=f"{questions.SECONDS[0]} to {questions.SECONDS[1]}; 0 for as long as people like. "
        "They can always take more.",
    )
    pass_mark = forms.IntegerField(
        label="Pass mark, in percent",
        initial=60,
        help_text="The score from which something is won. 0: everybody passes.",
    )
    bands = PercentagesField(
        label="Score bands",
        required=False,
        help_text="Such as “100, 80”: rewards of their own for 100%, and for 80% to 99%. "
        "Empty: everyone who passes draws from the same outcomes.",
    )
    shuffle_questions = forms.BooleanField(label="Shuffle the questions", required=False)
    shuffle_answers = forms.BooleanField(label="Shuffle the answers", required=False)
    partial = forms.BooleanField(
        label="Some of several right answers count their share",
        required=False,
        help_text="A wrong one takes as much away.",
    )
    results = ResultsField(
        required=False,
        help_text="Of a personality, one a line: its name, a colon, and what people read about it.",
    )
    questions = QuestionsField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._rows.mode = str(self["mode"].value() or "quiz")

    @property
    def _rows(self) -> QuestionsWidget:
        widget = self.fields["questions"].widget
        assert isinstance(widget, QuestionsWidget)  # noqa: S101 - declared above
        return widget

    def clean(self) -> dict[str, Any]:
        """What the rules refuse is said at its field, and at the very question."""
        typed = settings.defaults() | self.cleaned_data
        if "results" in self.cleaned_data:
            named = _names(typed["results"])
            self.cleaned_data["questions"] = typed["questions"] = [
                _with_results(each, named) for each in typed["questions"]
            ]
        found = [each for each in settings.problems(typed) if _field(each) in self.cleaned_data]
        for problem in found:
            self.add_error(_field(problem), str(problem))
        self._rows.problems = found
        return self.cleaned_data


def _field(problem: Problem) -> str:
    return problem.path.partition(".")[0]


def _names(results: list[dict[str, Any]]) -> dict[str, str]:
    """Ids by what a marketer may call a result."""
    ids = {each["id"]: each["id"] for each in results}
    return ids | {each["name"].lower(): each["id"] for each in results}


def _with_results(question: dict[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    answers = [
        each
        | {"results": {named.get(name.lower(), name): points for name, points in each["results"].items()}}
        if "results" in each
        else each
        for each in question["answers"]
    ]
    return question | {"answers": answers}
