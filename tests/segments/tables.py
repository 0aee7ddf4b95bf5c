"""What each operator says of which value: (operator, its value, found values it holds for, others).

Both sides are tried with them: the predicate in test_predicate.py, the SQL there as well.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.segments.hostile import NOW

DAY = timedelta(days=1)
ATOM = timedelta(microseconds=1)


def ago(span):
    return (NOW - span).isoformat()


MISSING = None
CASES = (
    (
        "is",
        "gold",
        ["gold", ["silver", "gold"]],
        ["Gold", " gold", "gol", "", MISSING, 1, True, [], [["gold"]]],
    ),
    ("is", "", ["", ["a", ""]], [" ", MISSING, [], 0, False]),
    ("is", "1", ["1"], [1, 1.0, True, "1.0", "01"]),
    ("is", 1, [1, 1.0, [2, 1], [1.0]], ["1", True, [True], ["1"], 1.5, MISSING]),
    ("is", 0.1, [0.1, [0.1]], [Decimal("0.1000000000000000055511151231257827021181583404541015625"), 0.2]),
    ("is", 9007199254740993, [9007199254740993], [9007199254740992, 9007199254740992.0]),
    ("is", 1e23, [10**23], [99999999999999991611392]),
    ("is", True, [True, [False, True]], [1, "true", False, MISSING, [1]]),
    ("is", False, [False], [0, "", MISSING, []]),
    ("is_not", "gold", ["Gold", "", MISSING, 1, True, [], ["silver"]], ["gold", ["gold"]]),
    ("is_not", 1, ["1", True, MISSING, 2], [1, 1.0, [1]]),
    (
        "in",
        ["a", 1, True],
        ["a", 1, 1.0, True, ["x", "a"], [None, 1]],
        ["A", "1", "true", False, MISSING, [], 0],
    ),
    ("not_in", ["a", 1], ["A", "1", True, MISSING, [], [None]], ["a", 1, 1.0, ["a"], [1]]),
    ("contains", "old", ["gold", "old", ["old"]], ["Old", ["gold"], MISSING, 1, True, []]),
    ("contains", 1, [[1], [1.0, 2]], [1, "1", ["1"], [True], MISSING]),
    ("contains", "%", ["100%", "%"], ["100", "_"]),
    ("contains", "👩", ["👩‍👩‍👧", "👩"], ["👍", ""]),
    ("starts_with", "go", ["go", "gold"], ["Gold", " gold", ["gold"], MISSING, 1]),
    ("ends_with", "ld", ["ld", "gold"], ["golD", "gold ", "d", ["gold"], MISSING]),
    ("glob", "g*d", ["gd", "gold", "g\nd", "g*d"], ["Gold", "gold ", "god's", MISSING, ["gold"], 1]),
    ("glob", "g??d", ["gold", "g👍ld", "g??d"], ["god", "goold"]),
    ("glob", "*", ["", "x"], [MISSING, 1, []]),
    ("glob", "100%_\\", ["100%_\\"], ["1000_\\", "100%x\\", "100%_"]),
    ("glob", "[a-c].*", ["[a-c].", "[a-c].x"], ["a.x", "b."]),
    ("is_set", MISSING, ["", 0, False, [], "x", {}], [MISSING]),
    ("is_not_set", MISSING, [MISSING], ["", 0, False, []]),
    ("is_empty", MISSING, ["", []], [MISSING, " ", 0, False, [None], {}]),
    ("greater_than", 300, [300.01, 301, 1e308, 10**400], [300, 300.0, 299, "301", True, MISSING, [301]]),
    ("at_least", 300, [300, 300.0, 301], [299.99, "300", MISSING, True, [300]]),
    ("at_least", 0.1, [0.1, Decimal("0.10000000000000001")], [Decimal("0.09999999999999999999"), 0]),
    ("less_than", 0, [-1, -0.1, -(10**400)], [0, -0.0, 1, False, "-1", MISSING]),
    ("at_most", 9007199254740992, [9007199254740992, 1], [9007199254740993, 10**30, MISSING, "1"]),
    ("between", [1, 2.5], [1, 1.0, 2.5, 2], [0.99, 2.51, "2", True, MISSING, [2]]),
    (
        "between",
        ["2026-01-01", "2026-01-31"],
        ["2026-01-01", "2026-01-31T23:59:59.999999Z", "2026-01-31"],
        ["2025-12-31", "2026-02-01", "x", 20260115, MISSING, "2026-01-31T23:59:59-01:00"],
    ),
    (
        "before",
        "2026-01-01",
        ["2025-12-31T23:59:59Z", "2026-01-01T04:00+05:30", "0001-01-01"],
        [
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2025-02-29",
            "2025",
            "yesterday",
            "",
            MISSING,
            2025,
            True,
            ["2025-01-01"],
        ],
    ),
    (
        "after",
        "2026-01-01T10:00",
        ["2026-01-01T10:00:00.000001Z", "9999-12-31"],
        ["2026-01-01T10:00Z", "2026-01-01T12:00+02:00", "2026-13-01", "infinity", MISSING],
    ),
    (
        "in_last_days",
        7,
        [ago(7 * DAY), ago(0 * DAY), ago(DAY)],
        [ago(7 * DAY + ATOM), ago(-ATOM), "x", MISSING, 1, "2026-11-31"],
    ),
    (
        "more_than_days_ago",
        7,
        [ago(7 * DAY + ATOM), "1970-01-01"],
        [ago(7 * DAY), ago(DAY), ago(-DAY), MISSING, ""],
    ),
    (
        "on_weekday",
        ["monday", "sunday"],
        ["2026-11-23", "2026-11-22T23:59:59Z", "2026-11-24T01:00:00+02:00"],
        ["2026-11-24", "2026-11-23T23:00:00-02:00", "monday", MISSING, 1],
    ),
    (
        "version_is",
        "1.10",
        ["1.10", "v1.10.0", "1.10.0+build.5"],
        ["1.1", "1.10-beta", "1.10.1", 1.1, MISSING, "x"],
    ),
    (
        "version_at_least",
        "1.9",
        ["1.9", "1.10", "1.10.0-beta", "2", "1.9.0.1"],
        ["1.9-rc.1", "1.8.99", "0", "", MISSING, 2],
    ),
    (
        "version_less_than",
        "1.10.0",
        ["1.10.0-beta", "1.10.0-rc2", "1.9.99", "1"],
        ["1.10", "1.10.0", "2-a", "x", MISSING],
    ),
)
REGISTERED = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
