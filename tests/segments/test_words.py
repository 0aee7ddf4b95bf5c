"""Rules in plain words."""

from uuid import UUID

import pytest

from users.segments import parse, reference
from users.segments.operators import OPERATORS
from users.segments.words import sentence

VIPS = UUID("00000000-0000-4000-8000-000000000001")
NAMES = {VIPS: "VIPs"}
PLAN = {"field": "attributes.plan", "operator": "is", "value": "gold"}
OLD = {"field": "core.registeredAt", "operator": "more_than_days_ago", "value": 30}


def field(name, operator, *value):
    return {"field": name, "operator": operator} | ({"value": value[0]} if value else {})


def did(**said):
    return {"event": "purchase", "operator": "at_least", "value": 1} | said


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"all": []}, "everybody"),
        (PLAN, "plan is gold"),
        (
            {
                "all": [
                    PLAN,
                    did(
                        value=2,
                        window={"lastDays": 14},
                        where=[{"property": "amount", "operator": "greater_than", "value": 300}],
                    ),
                ]
            },
            "plan is gold and did purchase at least 2 times in the last 14 days"
            " where amount is more than 300",
        ),
        (
            {"all": [{"any": [PLAN, OLD]}, OLD]},
            "(plan is gold or registration is more than 30 days ago) and"
            " registration is more than 30 days ago",
        ),
        ({"any": [{"all": [PLAN]}, OLD]}, "plan is gold or registration is more than 30 days ago"),
        ({"not": PLAN}, "plan is not gold"),
        ({"not": {"any": [PLAN, OLD]}}, "not (plan is gold or registration is more than 30 days ago)"),
        ({"segment": str(VIPS)}, "is in VIPs"),
        ({"not": {"segment": str(VIPS)}}, "is not in VIPs"),
        ({"segment": str(UUID(int=7))}, "is in a segment that was deleted"),
        (field("attributes.age", "is", 18), "age is 18"),
        (field("attributes.vip", "is", True), "vip is true"),
        (field("attributes.plan", "is", ""), 'plan is ""'),
        (field("attributes.plan", "in", ["gold"]), "plan is gold"),
        (field("attributes.plan", "in", ["gold", "silver", "bronze"]), "plan is gold, silver or bronze"),
        (field("attributes.plan", "in", list("abcdefgh")), "plan is a, b, c, d, e or 3 more"),
        (field("attributes.plan", "not_in", ["gold"]), "plan is not gold"),
        (field("attributes.plan", "not_in", ["gold", "silver"]), "plan is neither gold nor silver"),
        (field("core.email", "ends_with", "@brewline.in"), "e-mail ends with @brewline.in"),
        (field("core.userName", "glob", "A*"), "name looks like A*"),
        (field("core.phone", "is_not_set"), "phone is not set"),
        (field("device.appVersion", "version_at_least", "2.1"), "app version is version 2.1 or newer"),
        (field("device.appVersion", "version_less_than", "2.1"), "app version is older than version 2.1"),
        (field("profile.firstName", "starts_with", "A"), "first name starts with A"),
        (field("identities.google_id", "is_set"), "google id is set"),
        (field("attributes.spent", "between", [10, 99.5]), "spent is between 10 and 99.5"),
        (
            field("attributes.born", "between", ["2000-01-01", "2000-12-31"]),
            "born is between 2000-01-01 and 2000-12-31",
        ),
        (field("core.lastSeenAt", "in_last_days", 1), "last visit is in the last day"),
        (field("core.lastSeenAt", "in_last_days", 1000), "last visit is in the last 1,000 days"),
        (
            field("core.registeredAt", "on_weekday", ["sunday", "monday"]),
            "registration is on a Monday or Sunday",
        ),
        (field("core.registeredAt", "before", "2026-01-01"), "registration is before 2026-01-01"),
        (
            field("core.gluId", "in_percentage", {"key": "autumn", "to": 12.5}),
            "person is in 0 to 12.5 % by autumn",
        ),
        (did(), "did purchase at least once"),
        (did(operator="at_most", value=0), "did not do purchase"),
        (did(operator="exactly", value=0, window={"lastDays": 1}), "did not do purchase in the last day"),
        (did(operator="exactly", value=3), "did purchase exactly 3 times"),
        (did(measure={"sum": "amount"}, value=500), "did purchase with amount at least 500 in all"),
        (did(measure={"distinct": "sku"}, value=2), "did purchase with at least 2 different sku"),
        (
            did(window={"from": "2026-01-01", "to": "2026-02-01"}),
            "did purchase at least once from 2026-01-01 until before 2026-02-01",
        ),
        (did(window={"from": "2026-01-01"}), "did purchase at least once from 2026-01-01 on"),
        (did(window={"to": "2026-02-01"}), "did purchase at least once until before 2026-02-01"),
        (
            did(
                where=[
                    {"property": "a", "operator": "is_set"},
                    {"property": "b", "operator": "is", "value": 1},
                ]
            ),
            "did purchase at least once where a is set and b is 1",
        ),
    ],
)
def test_a_rule_reads_as(rule, words):
    assert sentence(parse.parse(rule), NAMES) == words


def test_a_hostile_name_does_not_break_the_line():
    rule = parse.parse(field("attributes.a\u202eb\u2028c", "is", "x\ny" + "z" * 900))

    words = sentence(rule, {})

    assert words.isprintable()
    assert len(words) < 120


def test_the_reference_says_what_the_table_of_operators_says():
    """After a change: manage.py operator_reference."""
    text = reference.FILE.read_text()

    assert text == reference.written(text)
    assert all(f"| `{name}` |" in text for name in OPERATORS)


def test_every_operator_has_words():
    assert all(each.words and each.label for each in OPERATORS.values())
