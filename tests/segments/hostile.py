"""Hostile people, events and rules, drawn from a seed: what no honest app would send, side by side
with what differs from it by a hair."""

import json
import random
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 23, 12, 34, 56, 789012, tzinfo=UTC)
ZONES = ("UTC", "Asia/Kolkata", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe")

TEXTS = (
    *(
        "",
        " ",
        "gold",
        "Gold",
        "GOLD",
        "gol",
        "golden",
        "old",
        "silver",
        " gold ",
        "gold\n",
        "göld",
        "go\u0308ld",
    ),
    *("1", "1.0", "01", "true", "false", "null", "None", "NaN", "Infinity", "-Infinity", "1e400", "0x1"),
    *(
        "a.b",
        "a'b",
        'a"b',
        "a\\b",
        "\\",
        "\\\\",
        "\\n",
        "100%",
        "%",
        "%%",
        "%s",
        "%(s_0)s",
        "{}",
        "$1",
        "?",
        "*",
    ),
    *(
        "_",
        "a_b",
        "a__b",
        "axb",
        "__in",
        "[a-c]",
        "a*b?c",
        "a\tb",
        "a\nb",
        "\n",
        "';DROP TABLE users_enduser;--",
    ),
    *(
        "👍",
        "👩‍👩‍👧",
        "👩",
        "שלום",
        "\u202egold",
        "\ufeffgold",
        "\ufffd",
        "\ud7ff",
        "\ue000",
        "\U0010ffff",
        "ß",
        "İ",
    ),
    *("ﬀ", "x" * 128, "ab" * 500, "a" * 60 + "b", '"gold"', "[]", '{"a":1}', "\x01", "\x7f", "x,y"),
)
DATES = (
    *("2026-11-23", "2026-11-22", "2026-11-20T12:34:56.789012Z", "2026-11-20T12:34:56.789011Z", "2024-02-29"),
    *("2023-02-29", "2000-02-29", "1900-02-29", "2100-02-29", "2026-02-30", "2026-04-31", "2026-13-01"),
    *("2026-00-10", "2026-01-00", "0000-01-01", "0000-02-29", "0001-01-01", "0001-01-01T00:00:00+14:00"),
    *("9999-12-31", "9999-12-31T23:59:59.999999-14:00", "9999-12-31T23:59:59.9999999Z", "10000-01-01"),
    *("2026-11-23T01:00:00+05:30", "2026-11-23T01:00+0530", "2026-11-23T01:00-08", "2026-11-23 01:00:00"),
    *(
        "2026-11-23T24:00:00",
        "2026-11-23T23:60",
        "2026-11-23T23:59:60Z",
        "2026-11-23T01",
        "2026-11-23T01:00z",
    ),
    *("2026-11-23T01:00:00,5Z", "2026-11-23T01:00:00.1234565Z", "2026-11-23T01:00:00.1234575Z"),
    *("2026-11-23T01:00:00.123456789+00:00", "2026-11-23T01:00:00.1234567890Z", "2026-11-23T01:00:00+15:00"),
    *("20261123", "2026-W48-1", "2026-327", "23.11.2026", "11/23/2026", "2026-11-23Z", "2026-11-23T"),
    *(
        " 2026-11-23",
        "2026-11-23 ",
        "2026-11-23\n",
        "-2026-11-23",
        "+2026-11-23",
        "２０２６-11-23",
        "2026-1-1",
    ),
    *("yesterday", "now", "infinity", "-infinity", "epoch", "today", "2026-11-23 BC", "2026-11-23 UTC"),
    *(
        "1969-12-31T23:59:59.999999Z",
        "1883-11-18T12:00:00Z",
        "2040-07-01T10:00:00Z",
        "1700-01-01",
        "2011-12-30",
    ),
    *(
        "2026-11-01T05:59:59Z",
        "2026-11-01T06:00:00Z",
        "2026-03-08T06:59:59.999999Z",
        "2026-11-23T01:00Z\x00"[:-1],
    ),
)
VERSIONS = (
    *("1", "1.0", "1.0.0", "v1.0", "V1.0", "vv1", "1.9", "1.10", "1.10.0", "1.10.0-beta", "1.10.0-beta.2"),
    *(
        "1.10.0-beta.10",
        "1.10.0-beta-x",
        "1.10.0-1",
        "1.10.0-01",
        "1.10.0-",
        "1.10.0+build-7",
        "1.10.0-rc1+b.2",
    ),
    *(
        "1.10.0-RC2",
        "1.10.0-rc10",
        "0",
        "0.0",
        "0.0.0-a",
        "1.2.3.4.5.6.7.8",
        "1.2.3.4.5.6.7.8.9",
        "1..2",
        ".1",
    ),
    *("1.", "1.10.0 ", "1.10.0\n", "1.10.0beta", "1,10", "-1", "99999999999999999.1", "9" * 18, "9" * 19),
    *(
        "1.0-" + "9" * 30,
        "1.0-" + "0" * 30,
        "1.0-" + "9" * 60,
        "١.٢",
        "1.0.0-é",
        "2026.11.23",
        "1.010",
        "1.10.0.0",
    ),
)
NUMBERS = (
    *("0", "-0", "-0.0", "1", "1.0", "1.00", "-1", "2", "5", "18", "1.5", "-1.5", "300", "299.99", "300.00"),
    *(
        "0.1",
        "0.10",
        "0.3",
        "0.30000000000000004",
        "0.1000000000000000055511151231257827021181583404541015625",
    ),
    *(
        "0.1000000000000000055",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.5",
    ),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615"),
    *(
        "18446744073709551616",
        "123456789012345678901234567890",
        "1e15",
        "1e16",
        "1e17",
        "1e22",
        "1e23",
        "1E+23",
    ),
    *(
        "99999999999999991611392",
        "1e-7",
        "1e-30",
        "1e-310",
        "5e-324",
        "1e308",
        "-1e308",
        "1.7976931348623157e308",
    ),
    *("1e309", "1e400", "-1e400", "1e5000", "1e-400", "123456.789e3", "4.35", "4.349999999999999644728632"),
)
NAMES = (
    *(
        "plan",
        "tier",
        "a.b",
        "a'b",
        'a"b',
        "a%b",
        "%s",
        "%(s_0)s",
        "%%",
        "a__in",
        "\\",
        "a\\'b",
        "é",
        "e\u0301",
    ),
    *("👍", "x" * 128, "שם", "$1", "?", "{a}", "plan ", "null", "0x", "a b", "--", "/*", "\u202e", "::text"),
)
EVENTS = ("buy", "Buy", "sign up", "b'uy", "%s", "👍")
CORE_TEXTS = ("userId", "anonymousId", "userName", "email", "phone", "referralCode", "referredBy")
PARTS = {
    "profile": ("firstName", "age", "city", "x'y"),
    "device": ("appVersion", "deviceType", "%s"),
    "identities": ("google_id", "ios_id"),
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def dice(seed):
    return random.Random(seed)  # noqa: S311  # nothing is secret here, and all must come again


class People:
    """JSON as it is written, so that numbers are in the database as no float could hold them."""

    def __init__(self, chance):
        self.chance = chance

    def text(self):
        kind = self.chance.choice(("plain", "plain", "date", "near", "version"))
        if kind == "near":
            return self.near().isoformat().replace("+00:00", self.chance.choice(("Z", "", "+00:00")))
        return self.chance.choice({"plain": TEXTS, "date": DATES, "version": VERSIONS}[kind])

    def near(self):
        """A moment around the edge of a number of days ago, to the microsecond."""
        edge = timedelta(microseconds=self.chance.choice((-1, 0, 1)))
        return NOW - timedelta(days=self.chance.choice((-1, 0, 1, 2, 7, 30, 365))) + edge

    def scalar(self):
        kind = self.chance.choice(("text", "text", "number", "number", "bool", "null"))
        if kind == "text":
            return json.dumps(self.text())
        return self.chance.choice({"number": NUMBERS, "bool": ("true", "false"), "null": ("null",)}[kind])

    def value(self):
        kind = self.chance.randrange(20)
        if kind < 14:
            return self.scalar()
        if kind < 18:
            return f"[{','.join(self.scalar() for _ in range(self.chance.randrange(5)))}]"
        return self.chance.choice(
            ('[["gold"]]', "[[1],{}]", '{"gold":1}', "{}", '[{"a":"gold"},"gold"]', "[]")
        )

    def object(self, names):
        chosen = self.chance.sample(names, self.chance.randrange(len(names) + 1))
        return "{" + ",".join(f"{json.dumps(name)}:{self.value()}" for name in chosen) + "}"
