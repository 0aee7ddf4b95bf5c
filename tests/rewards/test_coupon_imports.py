"""A file of codes: every bad row is told by its line and reason; nothing is stored unasked."""

import io
import threading
import tracemalloc
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glu_admin.workspaces.models import AuditEntry
from rewards import coupon_imports, coupons
from rewards.coupon_files import Reason
from rewards.models import Coupon
from tests.rewards.conftest import ACTOR, NOW, codes, fill

pytestmark = pytest.mark.django_db


def opened(pool, content):
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return coupon_imports.read(file, pool, now=NOW)


def examine(pool, content):
    return coupon_imports.examine(pool, opened(pool, content))


def add(pool, content):
    return coupon_imports.add(pool, opened(pool, content), ACTOR)


def verdicts(report):
    """{line: reason} of the rows left out."""
    return {line: str(reason) for reason, found in report.problems.items() for line, _ in found.first}


def stored(pool, config):
    found = coupons.reveal(config, pool.id, range(1, pool.total + 1))
    return [found[number] for number in sorted(found)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "blank"),
        ("   ", "blank"),
        (",,", "blank"),
        ('""', "blank"),
        ("GOOD-1", "duplicate"),
        (" GOOD-1 ", "duplicate"),
        ('"GOOD-1"', "duplicate"),
        ("HERE-1", "in_this_pool"),
        ("THERE-1", "in_another_pool"),
        ("x" * 129, "too_long"),
        ("x" * 9_000, "too_long"),
        ('"' + "x" * 20_000, "too_long"),
        ("AB\0CD", "control"),
        ("AB\x07CD", "control"),
        ("AB\u200bCD", "control"),
        ("AB\u202eCD", "control"),
        ("A\ufeffB", "control"),
        ("=1+1", "formula"),
        ("+SUM(A1)", "formula"),
        ("@cmd", "formula"),
        ("-1+1", "formula"),
        ("-cmd|' /C calc'!A0", "formula"),
        ('"=1+1"', "formula"),
        ('"OPEN', "quotes"),
        ('"A"B', "quotes"),
        ("C" + ",x" * 20, "columns"),
        ("CODE-D,tomorrow", "expiry"),
        ("CODE-D,31/12/2030", "expiry"),
        ("CODE-D,2030-13-01", "expiry"),
        ("CODE-D,9999-12-31", "expiry"),
        ("CODE-D,9999-12-31T23:59:59-12:00", "expiry"),
        ("CODE-D,2026-11-21", "expired"),
        ("CODE-D,2026-11-22T12:00:00Z", "expired"),
        ("CODE-D,,n\0te", "control"),
        ("CODE-D,," + "x" * 501, "detail"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_reason(test_env, pool, line, reason):
    fill(pool, ["HERE-1"])
    fill(coupons.create_pool(test_env, "Other"), ["THERE-1"])

    report = examine(pool, f"code,expires_at,note\nGOOD-1\n{line}\nGOOD-2\n")

    assert verdicts(report) == {3: reason}
    assert (report.rows, report.accepted, report.rejected) == (3, 2, 1)


@pytest.mark.parametrize(
    "code",
    [
        "A",
        "x" * 128,
        "-ABC-123",
        "20% OFF",
        "ÄÖÜ-ß",
        "一二三",
        "☕",
        "a=b",
        "1+1",
        "0",
        "code with spaces",
        "O'NEIL",
    ],
)
def test_a_plain_code_is_taken_as_it_is(pool, config, code):
    assert add(pool, code) == 1
    assert stored(pool, config) == [code]


def test_a_duplicate_names_the_first_line(pool):
    report = examine(pool, "A\nB\nA\n\nB\nA\n")

    assert report.problems[Reason.DUPLICATE].first == [(3, 1), (5, 2), (6, 1)]


def test_codes_are_told_apart_by_case(pool):
    assert add(pool, "abc\nABC\n") == 2


def test_a_report_holds_the_first_twenty_of_each_reason_and_counts_all(pool):
    report = examine(pool, "A\n" * 100 + "=x\n" * 50)

    assert report.problems[Reason.DUPLICATE].count == 99
    assert len(report.problems[Reason.DUPLICATE].first) == 20
    assert report.problems[Reason.FORMULA].count == 50
    assert (report.rows, report.accepted) == (150, 1)


def test_nothing_is_stored_until_it_is_said(pool):
    examine(pool, "A\nB\n")

    assert not Coupon.objects.exists()
    pool.refresh_from_db()
    assert pool.total == 0


def test_the_good_rows_are_added_and_the_audit_says_who(pool, config):
    assert add(pool, "A\n=bad\nB\nA\nC\n") == 3

    assert stored(pool, config) == ["A", "B", "C"]
    entry = AuditEntry.objects.get(action="coupon_pool.add_codes")
    assert (entry.actor, entry.changes) == ("a test", {"total": [0, 3]})


def test_adding_the_same_file_again_adds_nothing(pool):
    content = "\n".join(codes(200))

    assert (add(pool, content), add(pool, content)) == (200, 0)
    assert examine(pool, content).problems[Reason.IN_THIS_POOL].count == 200


def test_the_same_code_may_be_in_test_and_in_live(pool, live_env):
    fill(pool, ["SAME"])

    assert add(coupons.create_pool(live_env, "Live"), "SAME") == 1


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Ünïq-1\nB\n".encode(), "utf-8-sig"),
        ("\ufeffÜnïq-1\nB\n".encode(), "utf-8-sig"),
        ("Ünïq-1\r\nB\r\n".encode("cp1252"), "cp1252"),
        ("Ünïq-1\rB\r".encode("cp1252"), "cp1252"),
        ("Ünïq-1\r\nB\r\n".encode("utf-16"), "utf-16"),
        ("Ünïq-1\nB".encode("utf-16"), "utf-16"),
    ],
)
def test_the_encodings_of_spreadsheets_are_read(pool, config, content, encoding):
    assert examine(pool, content).encoding == encoding
    assert add(pool, content) == 2
    assert stored(pool, config) == ["Ünïq-1", "B"]


def test_bytes_that_no_encoding_explains_are_told_by_line(pool):
    assert verdicts(examine(pool, b"GOOD\nB\xe4D\x81\nFINE\n")) == {2: "encoding"}
    assert verdicts(examine(pool, "GOOD\nFINE\n".encode("utf-16") + b"\x41")) == {3: "encoding"}


def test_columns_beyond_the_known_ones_are_details(pool, config):
    add(pool, "Channel;Coupon Code;Expiry;\nSMS;A-1;2026-12-31;gold\nMail;A-2;;\n")

    first, second = Coupon.objects.order_by("number")
    assert first.details == {"Channel": "SMS", "column4": "gold"}
    assert first.expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert (second.details, second.expires_at) == ({"Channel": "Mail"}, None)
    assert stored(pool, config) == ["A-1", "A-2"]


def test_without_a_header_the_first_column_is_the_code(pool, config):
    assert add(pool, "\nA-1,x\nA-2,y\n") == 2
    assert [row.details for row in Coupon.objects.order_by("number")] == [{"column2": "x"}, {"column2": "y"}]


def test_a_quoted_cell_may_hold_the_delimiter(pool, config):
    add(pool, 'code,note\n"A,1","he said ""yes"""\n')

    assert stored(pool, config) == ["A,1"]
    assert Coupon.objects.get().details == {"note": 'he said "yes"'}


def test_a_bare_date_ends_with_that_day_where_the_workspace_is(workspace, test_env):
    workspace.time_zone = "Asia/Kolkata"
    workspace.save()
    test_env.refresh_from_db()
    pool = coupons.create_pool(test_env, "Kolkata")

    add(pool, "code,expires_at\nA,2026-12-31\nB,2026-12-31T18:00\nC,2026-12-31T18:00+00:00\n")

    assert [row.expires_at for row in Coupon.objects.order_by("number")] == [
        datetime(2026, 12, 31, 18, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 12, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 18, 0, tzinfo=UTC),
    ]


def test_the_rejected_rows_can_be_had_back_in_order(pool):
    fill(pool, ["HERE"])

    rows = list(coupon_imports.rejected_rows(pool, opened(pool, "A\n=x\nA\nHERE\nB\n\n")))

    assert [(row.line, row.text, str(row.reason), row.first) for row in rows] == [
        (2, "=x", "formula", None),
        (3, "A", "duplicate", 1),
        (4, "HERE", "in_this_pool", None),
        (6, "", "blank", None),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n\n", b"code\n", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"\0" * 99]
)
def test_a_file_without_codes_adds_nothing(pool, content):
    assert examine(pool, content).accepted == 0
    assert add(pool, content) == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_file_is_judged_row_by_row(pool, content):
    report = examine(pool, content)

    rejected = list(coupon_imports.rejected_rows(pool, opened(pool, content)))
    assert report.rejected == len(rejected)
    assert report.accepted == report.rows - len(rejected) >= 0


def test_progress_is_reported_for_both_passes(pool):
    told = []

    coupon_imports.add(
        pool,
        opened(pool, "\n".join(codes(2_500))),
        ACTOR,
        progress=lambda step, rows: told.append((step, rows)),
    )

    assert told == [("read", 1_000), ("read", 2_000), ("added", 1_000), ("added", 2_000)]


def test_memory_stays_flat_however_long_the_file_is(pool, tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(codes(20_000)))

    with path.open("rb") as file:
        source = coupon_imports.read(file, pool, now=NOW)
        tracemalloc.start()
        coupon_imports.add(pool, source, ACTOR)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peak < 1_000_000  # bytes; the codes alone are more than that as text in memory


def test_no_stored_row_of_any_table_shows_a_code(pool, config):
    planted = [f"PLANTED-CANARY-{n}" for n in range(5)]
    fill(pool, [f"{each},2027-01-01,x" for each in planted], header="code,expires_at,note")
    examine(pool, "\n".join([*planted, "PLANTED-CANARY-9"]))

    dump = "\n".join(every_row())

    assert "PLANTED-CANARY" not in dump
    for code in planted:
        assert code.encode().hex() not in dump
    assert stored(pool, config) == planted


def every_row():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from (row[0] for row in cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_store_each_code_once(pool, test_env):
    other = coupons.create_pool(test_env, "Other")
    content, counts = "\n".join(codes(3_000)), []

    def run(target):
        try:
            counts.append(add(target, content))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[target]) for target in (pool, other, pool, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(counts) == [0, 0, 0, 3_000]
    assert Coupon.objects.count() == 3_000
