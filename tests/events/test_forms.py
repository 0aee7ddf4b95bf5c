"""An event as sent is taken or refused by name, whatever it is. No database."""

import os
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from users.events import forms
from users.events.forms import Refusal, Sent, Unreadable, read
from users.events.remarks import explain

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = {
    "event_id": "e-1",
    "event_name": "purchase",
    "user_id": "u_1",
    "timestamp": "2026-11-22T11:59:00Z",
    "event_properties": {"amount": 3},
}
ODD_NAMES = [
    "it's", 'a "quote"', "a.b", "50%", "%s", "__class__", "a__in", "a -- b", "'; DROP TABLE x", "\\", "{0}",
    "\N{GRINNING FACE}", "ключ",
]  # fmt: skip


def sent(**other):
    return read(GOOD | other, now=NOW)


def test_an_event_under_the_contracts_names_is_taken_as_it_is():
    assert read(GOOD, now=NOW) == Sent(
        "e-1",
        "purchase",
        "u_1",
        datetime(2026, 11, 22, 11, 59, tzinfo=UTC),
        {"amount": 3},
        json='{"amount":3}',
    )


@pytest.mark.parametrize("field", GOOD)
def test_every_part_is_needed(field):
    for missing in ({**GOOD, field: None}, {key: value for key, value in GOOD.items() if key != field}):
        refused = read(missing, now=NOW)
        assert (refused.reason, refused.field) == ("missing", field)
        assert field in refused.message


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"user_id": 42}, "wrong_type", "user_id"),
        ({"event_name": ["purchase"]}, "wrong_type", "event_name"),
        ({"event_properties": []}, "wrong_type", "event_properties"),
        ({"event_id": "x" * 256}, "too_long", "event_id"),
        ({"event_name": "x" * 129}, "too_long", "event_name"),
        ({"user_id": "u\n1"}, "control_character", "user_id"),
        ({"user_id": "  "}, "missing", "user_id"),
        ({"timestamp": "yesterday"}, "timestamp_unreadable", "timestamp"),
        ({"timestamp": True}, "timestamp_unreadable", "timestamp"),
        ({"timestamp": "2036-11-22T12:00:00Z"}, "timestamp_out_of_range", "timestamp"),
        ({"timestamp": "1970-01-01T00:00:00Z"}, "timestamp_out_of_range", "timestamp"),
        ({"event_properties": {"a": "x" * 20_480}}, "too_large", "event_properties"),
        ({"event_properties": {"a": [1e19]}}, "number_out_of_range", "event_properties"),
        ({"event_properties": {"a": -1e-31}}, "number_out_of_range", "event_properties"),
        ({"event_properties": {"a\0": 1}}, "nul_character", "event_properties"),
        ({"event_properties": {"a": ["\0"]}}, "nul_character", "event_properties"),
    ],
)
def test_what_can_not_be_taken_is_refused_by_name(change, reason, field):
    refused = sent(**change)

    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.field) == (reason, field)


@pytest.mark.parametrize(
    ("timestamp", "moment", "remarks"),
    [
        ("2026-11-22T12:05:00Z", (12, 5), ()),
        ("2026-11-22T12:05:01Z", (12, 5, 1), ("clock_ahead",)),
        ("2026-11-22T17:30:00+05:30", (12, 0), ()),
        ("2026-11-22T11:00:00", (11, 0), ("timestamp_without_zone",)),
        (1795348800, (12, 0), ("timestamp_as_number",)),
        (1795348800000, (12, 0), ("timestamp_as_number",)),
        ("1795348800", (12, 0), ("timestamp_as_number",)),
        ("Sun, 22 Nov 2026 12:00:00 GMT", (12, 0), ("timestamp_format",)),
    ],
)
def test_times_are_read_however_they_are_written(timestamp, moment, remarks):
    taken = sent(timestamp=timestamp)

    assert taken.happened_at == datetime(2026, 11, 22, *moment, tzinfo=UTC)
    assert taken.warnings == remarks


@pytest.mark.parametrize("days", [1.01, 30, 366])
def test_an_event_a_year_old_is_taken_with_a_remark(days):
    assert sent(timestamp=(NOW - timedelta(days=days)).isoformat()).warnings == ("late",)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_property_may_have_any_name(name):
    taken = sent(event_properties={name: 1})

    assert taken.properties == {name: 1} == orjson.loads(taken.json)
    assert taken.warnings == ()


@pytest.mark.parametrize("name", ["", "123", "x" * 129, "x" * 10_000, "a\nb"])
def test_a_name_that_no_rule_can_use_is_kept_with_a_remark(name):
    taken = sent(event_properties={name: 1})

    assert taken.properties == {name: 1}
    assert explain(taken.warnings[0])["code"] == "property_name"


def test_keys_that_nobody_knows_are_told():
    assert sent(properties={}, platform="ios").warnings == (
        "unknown_field:properties",
        "unknown_field:platform",
    )


@pytest.mark.parametrize(("depth", "is_taken"), [(32, True), (33, False), (300, False), (900, False)])
def test_nesting_ends_somewhere(depth, is_taken):
    value = 1
    for _ in range(depth):
        value = {"a": value}

    assert isinstance(sent(event_properties=value), Sent) is is_taken


def test_many_flat_values_are_not_deep():
    assert isinstance(sent(event_properties={"items": [{"id": n} for n in range(200)]}), Sent)


def test_a_word_that_looks_like_a_nul_is_none():
    assert isinstance(sent(event_properties={"a": "\\u0000"}), Sent)


def test_a_refused_event_is_kept_small_and_storable():
    for raw in (7, None, [], {"a": "x" * 10_000}, {"a": "\0"}, Unreadable(b"\xff\0{", "bad")):
        refused = read(raw, now=NOW)
        assert len(orjson.dumps(refused.payload)) <= forms.SHOWN_BYTES + 100
        assert "\0" not in str(refused.payload.values())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MANY = 500 if os.environ.get("GLU_TEST_FULL") else 150
TIMES = st.text(max_size=40) | st.datetimes().map(str) | st.integers() | st.floats() | JSON

RAW = (
    JSON
    | st.fixed_dictionaries(dict.fromkeys(GOOD, JSON))
    | st.builds(lambda at: GOOD | {"timestamp": at}, TIMES)
    | st.builds(lambda properties: GOOD | {"event_properties": properties}, st.dictionaries(st.text(), JSON))
)


@settings(max_examples=MANY, deadline=None)
@given(
    raw=JSON
    | st.fixed_dictionaries(dict.fromkeys(GOOD, JSON))
    | st.builds(lambda at: GOOD | {"timestamp": at}, TIMES)
)
def test_nothing_raises_and_everything_can_be_stored(raw):
    judged = read(raw, now=NOW)

    shown = judged.json if isinstance(judged, Sent) else orjson.dumps(judged.payload, default=str).decode()
    assert "\\u0000" not in shown or "\\\\u0000" in shown
    for text in (judged.event_id, judged.name, judged.client_id):
        assert text is None or ("\0" not in text and len(text) <= 255)
