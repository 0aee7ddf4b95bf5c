"""The field in which marketers say what starts something: typed as people type, kept as JSON."""

from html.parser import HTMLParser

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from campaigns.console.trigger_field import TriggerField, as_stored, as_typed


class Form(forms.Form):
    trigger = TriggerField(label="What happens")
    other = TriggerField(required=False)


class Shown(HTMLParser):
    """What a browser would post of a form as it is shown."""

    def __init__(self):
        super().__init__()
        self.data, self.select = {}, ""

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "input":
            self.data[said["name"]] = said["value"]
        elif tag == "select":
            self.select = said["name"]
        elif tag == "option" and ("selected" in said or self.select not in self.data):
            self.data[self.select] = said["value"]


def shown(form):
    parser = Shown()
    parser.feed(str(form["trigger"]))
    return parser.data


def posted(event="purchase", *rows):
    data = {"trigger-event": event}
    for number, (name, operator, value) in enumerate(rows):
        data |= {f"trigger-property-{number}": name, f"trigger-operator-{number}": operator}
        data[f"trigger-value-{number}"] = value
    return data


@pytest.mark.parametrize(
    ("operator", "typed", "kept"),
    [
        ("at_least", "500", 500),
        ("at_least", "9.5", 9.5),
        ("is", "gold", "gold"),
        ("is", "5", 5),
        ("is", '"5"', "5"),
        ("is", "true", True),
        ("in", "Pune, Delhi, 5", ["Pune", "Delhi", 5]),
        ("between", "5, 10", [5, 10]),
        ("between", "2026-01-01, 2026-02-01", ["2026-01-01", "2026-02-01"]),
        ("starts_with", "5", "5"),
        ("on_weekday", "saturday, sunday", ["saturday", "sunday"]),
        ("version_at_least", "1.10.0", "1.10.0"),
    ],
)
def test_what_is_typed_is_kept_as_the_operator_reads_it(operator, typed, kept):
    form = Form(posted("purchase", ("amount", operator, typed)))

    assert form.is_valid(), form.errors
    condition = {"property": "amount", "operator": operator, "value": kept}
    assert form.cleaned_data == {"trigger": {"event": "purchase", "where": [condition]}, "other": None}


def test_an_operator_without_a_value_keeps_none():
    form = Form(posted("purchase", ("coupon", "is_set", "")))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["trigger"]["where"] == [{"property": "coupon", "operator": "is_set"}]


def test_rows_that_were_left_empty_are_no_conditions():
    form = Form(posted(" purchase ", ("", "is", ""), ("amount", "at_least", "5"), ("", "is", "")))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["trigger"]["event"] == "purchase"
    assert len(form.cleaned_data["trigger"]["where"]) == 1


@pytest.mark.parametrize(
    "data",
    [
        posted(""),
        posted("glu.played"),
        posted("purchase", ("amount", "at_least", "much")),
        posted("purchase", ("amount", "no_such", "1")),
        posted("purchase", ("", "at_least", "5")),
        {},
    ],
)
def test_what_can_not_be_is_refused_and_comes_back_as_it_was_typed(data):
    form = Form(data)

    assert not form.is_valid()
    assert form.errors["trigger"]
    typed = shown(form)
    assert all(typed[name] == value for name, value in data.items() if "operator" not in name)


def test_a_stored_trigger_is_shown_and_saved_unchanged():
    trigger = {"event": "purchase", "where": [{"property": "n", "operator": "is", "value": "5"}] * 5}
    data = shown(Form(initial={"trigger": trigger}))
    form = Form(data)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["trigger"] == trigger


texts = st.text("abc5 \"e.-tru'", min_size=1).map(str.strip).filter(bool)
scalars = st.one_of(st.integers(-999, 999), st.booleans(), texts, st.floats(0.5, 9.5))


@given(scalars)
def test_every_single_value_survives_being_shown_and_typed(value):
    condition = {"property": "p", "operator": "is", "value": value}

    assert as_stored(as_typed(condition) | {"typed": True}) == condition
