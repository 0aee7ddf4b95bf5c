"""Lists by files: read and reported on first, applied or not, and undone without a trace."""

import os
import time
import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin.api.errors import ApiError
from glu_admin.config import get
from glu_admin.jobs.models import Job, JobFile
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory
from tests.segments.listing import (
    ACTOR,
    a_list,
    apply,
    check,
    members,
    problems,
    sheet,
    undo,
    upload,
    with_part,
    work,
)
from users.models import EndUser, SegmentImport, SegmentImportRow, SegmentMember
from users.privacy import erasure, parts
from users.registration import register
from users.registration_form import parse
from users.segments import rule, shelf
from users.segments.lists import cells, imports, sheets, steps
from users.segments.members import add
from users.segments.shelf import SegmentDraft


@pytest.fixture
def guests(test_env):
    return a_list(test_env)


@pytest.fixture
def crowd(test_env):
    """Five people, two of whom share a card."""
    facts = [
        ("u_1", "asha@example.com", "+911", {"card": "A-1", "level": 1}),
        ("u_2", "ben@example.com", "+912", {"card": "A-2", "level": 2}),
        ("u_3", "cy@example.com", None, {"card": "A-2", "vip": True}),
        ("u_4", None, "+914", {"card": "A-4", "level": 2.5}),
        ("0042", "dee@example.com", None, {}),
    ]
    return {
        user_id: EndUserFactory(
            environment=test_env, user_id=user_id, email=email, phone=phone, attributes=attributes
        )
        for user_id, email, phone, attributes in facts
    }


def test_a_file_is_only_reported_on_until_somebody_applies_it(guests, crowd):
    order = check(guests, "userId,name\nu_1,Asha\nu_9,Who\n\nu_2,Ben\nu_1,Again\n ,Blank\n")

    assert imports.status_of(order) == "ready"
    assert members(guests) == []
    report = order.report
    assert {name: report[name] for name in report if name != "problems"} == {
        "rows": 5,
        "matched": 2,
        "alreadyIn": 0,
        "toAdd": 2,
        "toRemove": 0,
        "unknown": 1,
        "ambiguous": 0,
        "duplicate": 1,
        "bad": 1,
        "column": "userId",
    }
    assert report["problems"] == [
        {"row": 3, "code": "unknown", "message": "Nobody here has this value."},
        {"row": 6, "code": "duplicate", "message": "The same person as in row 2."},
        {"row": 7, "code": "empty", "message": "The cell is empty."},
    ]

    applied = apply(order)

    assert imports.status_of(applied) == "applied"
    assert members(guests) == ["u_1", "u_2"]
    assert {row.source for row in SegmentMember.objects.all()} == {"import"}
    actions = AuditEntry.objects.filter(action__startswith="segment.import")
    assert [(each.actor, each.changes["toAdd"]) for each in actions] == [("a test", [None, 2])]


@pytest.mark.parametrize(
    ("field", "rows", "found"),
    [
        ("core.userId", {"u_1": "", "U_1": "unknown", "0042": "", "42": "unknown"}, ["0042", "u_1"]),
        ("core.email", {"ASHA@example.com": "", " ben@Example.com ": ""}, ["u_1", "u_2"]),
        ("core.email", {"asha@example.com": "", "Asha@EXAMPLE.com": "duplicate"}, ["u_1"]),
        ("core.phone", {"+911": "", "+914": "", "914": "unknown"}, ["u_1", "u_4"]),
        ("attributes.card", {"A-1": "", "A-2": "ambiguous", " A-2": "duplicate", "A-3": "unknown"}, ["u_1"]),
        ("attributes.level", {"1": "", "2": "", "2.5": "", "2.0": "unknown"}, ["u_1", "u_2", "u_4"]),
        ("attributes.vip", {"true": "", "True": "unknown"}, ["u_3"]),
        ("attributes.na'me\"%s{0}", {"x": "unknown"}, []),
    ],
)
def test_people_are_matched_by_whatever_is_known_of_them(guests, crowd, field, rows, found):
    order = apply(check(guests, "\n".join(["Who", *rows]), field=field, column="who"))

    assert members(guests) == found
    assert [code for _, code in problems(order)] == [code for code in rows.values() if code]


def test_two_values_of_one_person_are_a_duplicate(guests, crowd, test_env):
    crowd["u_1"].attributes["card"] = "B"
    crowd["u_1"].save()
    merged = EndUserFactory(
        environment=test_env,
        user_id=None,
        anonymous_id="visit-1",
        attributes={"card": "C"},
        merged_into=crowd["u_1"],
        merged_at=timezone.now(),
    )

    order = apply(check(guests, "card\nC\nB\n", field="attributes.card"))

    assert members(guests) == ["u_1"]
    assert merged.pk not in SegmentMember.objects.values_list("user_id", flat=True)
    assert order.report["problems"] == [
        {"row": 3, "code": "duplicate", "message": "The same person as in row 2."}
    ]


def test_erased_people_and_those_of_another_environment_are_nobody(guests, crowd, live_env):
    EndUser.objects.filter(user_id="u_1").update(erased_at=timezone.now())
    EndUserFactory(environment=live_env, user_id="live_1")

    order = check(guests, "userId\nu_1\nlive_1\n")

    assert problems(order) == [(2, "unknown"), (3, "unknown")]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfuser_id;mail\r\nu_1;a\r\nu_2;b\r\n",
        b"mail\tUser ID\nx\tu_1\ny\tu_2\n",
        b'"userId"\n"u_1"\n"u_2"',
    ],
)
def test_a_csv_may_come_from_any_program(guests, crowd, content):
    assert members(apply(check(guests, content)).segment) == ["u_1", "u_2"]


def test_a_file_without_a_header_begins_with_its_first_row(guests, crowd):
    order = check(guests, "x,u_1\ny,u_9\nz,u_2\n", has_header=False, column="2")

    assert (order.report["matched"], problems(order)) == (2, [(2, "unknown")])


@pytest.mark.parametrize(
    ("content", "more", "told"),
    [
        (b"", {}, "empty"),
        ("mail,name\na,b\n", {}, "No column is named userId. The columns are: mail, name."),
        ("userId,user_id\na,b\n", {"column": "USERID"}, "twice"),
        ("a,b\nu_1,2\n", {"has_header": False, "column": "3"}, "from 1 to 2"),
        ("userId\nu_1".encode("utf-16"), {}, "UTF-16"),
        ("userId\nu_é".encode("latin-1"), {}, "Line 2 is not UTF-8"),
        (b"PK\x03\x04 a zip", {}, "spreadsheet"),
        (b"not a zip", {"kind": "xlsx"}, "no spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old one", {"kind": "xlsx"}, "password"),
        (sheet(), {"kind": "xlsx"}, "empty"),
        (sheet(["mail"], ["x"]), {"kind": "xlsx"}, "No column is named userId"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_in_words(guests, content, more, told):
    order = check(guests, content, **more)

    assert imports.status_of(order) == "failed"
    assert told in Job.objects.get(id=order.job_id).error


def test_bad_rows_are_told_with_their_numbers(guests, crowd):
    long = "x" * 1_001
    content = (
        f'userId,n\nu_1,1\n"u_2,1\n"u_2"x,1\nu_2,1,1\n{long},1\nu\0,1\n9.2E+11,1\n,1\n"u\n_9",1\nu_2,1\n'
    )

    order = check(guests, content)

    assert order.report["matched"] >= 1
    codes = {code for _, code in problems(order)}
    assert {"quotes", "too_long", "nul_character", "shortened", "empty"} <= codes


def test_a_spreadsheet_is_read_as_one_sees_it(guests, crowd, test_env):
    EndUserFactory(environment=test_env, user_id="1042")
    content = sheet(
        [None, None],
        ["Name", "User id"],
        ["Asha", "u_1"],
        ["Num", 1042],
        ["Float", 1042.0],
        [None, None],
        ["Formula", '=CONCAT("u_","2")'],
        ["Error", "#N/A"],
        ["Blank", None],
        ["Long", 1234567890123456],
        ["Flag", True],
        ["=1+1", "u_2"],
    )

    order = apply(check(guests, content, kind="xlsx"))

    assert members(guests) == ["1042", "u_1", "u_2"]
    assert problems(order) == [
        (5, "duplicate"),
        (7, "formula"),
        (8, "error_value"),
        (9, "empty"),
        (10, "shortened"),
        (11, "unknown"),
    ]


def test_a_spreadsheet_that_would_unpack_to_too_much_is_not_opened(guests, monkeypatch):
    bomb = with_part(sheet(["userId"]), "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * (2 << 20))
    monkeypatch.setattr(sheets, "MOST_SHEET", 1 << 20)

    order = check(guests, bomb, kind="xlsx")

    assert "too large" in Job.objects.get(id=order.job_id).error


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'),
        (b"<sheetData>", b"<sheetData><row><c><v>"),
        (b'r="2"', b'r="99999999999"'),
        (b'r="A2"', b'r="ZZZZ2"'),
        (b'ref="A1:A2"', b'ref="A1:XFD1048576"'),
    ],
)
def test_a_forged_spreadsheet_ends_in_words_and_at_once(guests, crowd, old, new):
    forged = with_part(
        sheet(["userId"], ["u_1"]), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(old, new, 1)
    )

    begun = time.monotonic()
    order = check(guests, forged, kind="xlsx")

    assert imports.status_of(order) in ("failed", "ready")
    assert "fault" not in Job.objects.get(id=order.job_id).error
    assert time.monotonic() - begun < 20


def test_a_replacement_takes_out_everybody_else_and_undo_brings_them_back(guests, crowd, test_env):
    now = timezone.now()
    add(guests, [crowd["u_3"].pk], source="hand", why="hand", now=now)
    earlier = apply(check(guests, "userId\nu_4\nu_1\n"))

    order = check(guests, "userId\nu_1\nu_2\n", mode="replace")
    assert {name: order.report[name] for name in ("matched", "alreadyIn", "toAdd", "toRemove")} == {
        "matched": 2,
        "alreadyIn": 1,
        "toAdd": 1,
        "toRemove": 2,
    }
    apply(order)
    assert members(guests) == ["u_1", "u_2"]

    undo(order)

    assert members(guests) == ["u_1", "u_3", "u_4"]
    sources = dict(SegmentMember.objects.values_list("user__user_id", "source"))
    assert sources == {"u_1": "import", "u_3": "hand", "u_4": "import"}
    assert imports.status_of(order) == "undone"
    assert members(undo(earlier).segment) == ["u_3"]


def test_undo_leaves_alone_whom_somebody_else_let_in(guests, crowd):
    add(guests, [crowd["u_1"].pk], source="hand", why="hand", now=timezone.now())

    undo(apply(check(guests, "userId\nu_1\nu_2\n")))

    assert members(guests) == ["u_1"]


def test_each_step_is_refused_out_of_its_turn(guests, crowd):
    order = upload(guests, "userId\nu_1\n")
    for step in (lambda: imports.apply(order, ACTOR), lambda: imports.undo(order, ACTOR, now=timezone.now())):
        with pytest.raises(ApiError, match="checking"):
            step()
    work()
    apply(order)
    with pytest.raises(ApiError, match="it is applied"):
        imports.apply(order, ACTOR)
    with pytest.raises(ApiError, match="30 days"):
        imports.undo(order, ACTOR, now=timezone.now() + timedelta(days=31))
    undo(order)
    with pytest.raises(ApiError, match="it is undone"):
        imports.undo(order, ACTOR, now=timezone.now())


def test_a_segment_by_rules_takes_no_file(test_env, crowd):
    gold = shelf.create(
        test_env, SegmentDraft("Cards", rule={"field": "attributes.card", "operator": "is_set"}), ACTOR
    )

    with pytest.raises(ApiError) as refused:
        upload(gold, "userId\nu_1\n")

    assert (refused.value.status, refused.value.code) == (409, "not_a_list")
    assert not SegmentImport.objects.exists()


@pytest.mark.parametrize("field", ["core.isTest", "core.registeredAt", "plan", "attributes.", "nothing.x"])
def test_a_field_that_names_nobody_is_refused(guests, field):
    with pytest.raises(rule.RuleError):
        upload(guests, "userId\nu_1\n", field=field)


class Broke(Exception):
    pass


@pytest.mark.parametrize("mode", ["add", "replace"])
def test_a_step_that_breaks_off_goes_on_where_it_was(guests, crowd, monkeypatch, mode):
    monkeypatch.setattr(steps, "WRITTEN_AT_ONCE", 1)
    add(guests, [crowd["0042"].pk, crowd["u_4"].pk], source="hand", why="hand", now=timezone.now())
    order = check(guests, "userId\nu_1\nu_2\nu_3\n", mode=mode)
    before = members(guests)
    after = ["u_1", "u_2", "u_3"] if mode == "replace" else ["0042", "u_1", "u_2", "u_3", "u_4"]
    imports.apply(order, ACTOR)

    break_off_after(monkeypatch, 2)
    work()
    assert Job.objects.get(id=refreshed(order).job_id).status == "failed"
    apply(order)
    assert members(guests) == after

    imports.undo(order, ACTOR, now=timezone.now())
    break_off_after(monkeypatch, 2)
    work()
    undo(refreshed(order))
    assert members(guests) == before


def refreshed(order):
    order.refresh_from_db()
    return order


def break_off_after(monkeypatch, calls):
    """The next step fails at its so many-th report of progress, as by a fault in the network."""
    from glu_admin.jobs.work import Run  # noqa: PLC0415

    left, real = [calls], Run.progress

    def progress(run, **told):
        left[0] -= 1
        if not left[0]:
            monkeypatch.setattr(Run, "progress", real)
            raise Broke
        real(run, **told)

    monkeypatch.setattr(Run, "progress", progress)


def test_a_visitor_who_becomes_a_user_between_check_and_apply_is_in_as_the_user(guests, test_env, crowd):
    EndUserFactory(environment=test_env, user_id=None, anonymous_id="visit-7", attributes={"card": "V"})
    order = check(guests, "card\nV\n", field="attributes.card", mode="replace")
    register(get(test_env.id), parse({"userId": "u_1", "anonymousId": "visit-7"}), now=timezone.now())

    apply(order)

    assert members(guests) == ["u_1"]
    assert SegmentImportRow.objects.get().user == crowd["u_1"]


def test_the_file_of_problems_has_every_row_and_no_value(guests, crowd, monkeypatch):
    monkeypatch.setattr(steps, "FIRST", 2)
    order = check(guests, "userId\n" + "".join(f"secret_{n}\n" for n in range(5)))

    assert len(order.report["problems"]) == 2
    job = Job.objects.get(id=order.job_id)
    from glu_admin.jobs import pieces  # noqa: PLC0415

    text = b"".join(pieces.read(job, JobFile.Side.OUTPUT)).decode()
    assert text.splitlines()[0] == "row,code,message"
    assert [line.partition(",")[0] for line in text.splitlines()[1:]] == ["2", "3", "4", "5", "6"]
    assert "secret" not in text and "secret" not in str(order.report)


def test_what_imports_were_about_is_forgotten_after_30_days(guests, crowd):
    check(guests, "userId\nu_1\n", now=timezone.now() - timedelta(days=31))

    check(guests, "userId\nu_2\n")

    assert [row.user.user_id for row in SegmentImportRow.objects.all()] == ["u_2"]


def test_a_frozen_segment_holds_whom_the_rule_held(test_env, crowd):
    cards = shelf.create(
        test_env, SegmentDraft("Cards", rule={"field": "attributes.card", "operator": "is_set"}), ACTOR
    )
    frozen = shelf.freeze(cards, ACTOR, now=timezone.now())
    copied = shelf.duplicate(frozen, ACTOR)
    work()
    EndUserFactory(environment=test_env, user_id="u_5", attributes={"card": "new"})

    assert members(frozen) == ["u_1", "u_2", "u_3", "u_4"]
    assert members(copied) == members(frozen)
    assert {row.source for row in SegmentMember.objects.all()} == {"freeze"}


ROWS = 100_000 if os.environ.get("GLU_TEST_FULL") else 20_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_many_rows_with_every_kind_of_bad_row_take_seconds(test_env, guests, tell_figure, kind):
    tenth = ROWS // 10
    EndUser.objects.bulk_create(
        EndUser(environment=test_env, user_id=f"u_{n}", referral_code=f"C{n}") for n in range(6 * tenth)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE users_enduser")
    content = large(kind, ROWS)

    begun = time.monotonic()
    order = check(guests, (content[at : at + 65536] for at in range(0, len(content), 65536)), kind=kind)
    checked = time.monotonic()
    apply(order)
    applied = time.monotonic()
    assert SegmentMember.objects.count() == 6 * tenth
    undo(order)

    report = order.report
    assert (report["rows"], report["matched"]) == (ROWS, 6 * tenth)
    assert [report[name] for name in ("unknown", "duplicate", "bad")] == [tenth, tenth, 2 * tenth]
    last = "shortened" if kind == "csv" else "formula"
    assert problems(order)[:4] == [(8, "unknown"), (9, "duplicate"), (10, "empty"), (11, last)]
    assert (report["added"], report["undoneRemoved"], members(guests)) == (6 * tenth, 6 * tenth, [])
    assert applied - begun < 120 * ROWS / 100_000
    tell_figure(
        f"{ROWS:,} rows of {kind}: checked in {checked - begun:.1f} s, applied in {applied - checked:.1f} s,"
        f" undone in {time.monotonic() - applied:.1f} s"
    )


def large(kind, rows):
    """Of ten rows: six known people, one unknown, one that came before, one blank, one broken."""
    broken = "9.1E+11" if kind == "csv" else "=A1"
    cells = [
        cell
        for n in range(rows // 10)
        for cell in (*(f"u_{n * 6 + i}" for i in range(6)), f"nobody_{n}", f"u_{n * 6}", "", broken)
    ]
    if kind == "xlsx":
        return sheet(["userId", "n"], *([cell, 1] for cell in cells), write_only=True)
    return ("userId,n\n" + "".join(f"{cell},1\n" for cell in cells)).encode()


@pytest.mark.parametrize(("kind", "many"), [("csv", 20_000), ("xlsx", 4_000)])
def test_a_long_file_takes_hardly_more_memory_than_a_short_one(kind, many):
    peaks = []
    for rows in (many, 2 * many):
        content = large(kind, rows)
        tracemalloc.start()
        pieces = (content[at : at + 65536] for at in range(0, len(content), 65536))
        with cells.opened(pieces, kind, cells.Wanted("core.userId")) as (_, found):
            read = sum(1 for _ in found)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert read == rows

    # of each row of a sheet, its reader leaves an empty element behind
    assert peaks[1] - peaks[0] < {"csv": 50_000, "xlsx": 250 * many}[kind]


def test_an_erasure_takes_somebody_out_of_what_imports_keep(guests, crowd, test_env):
    apply(check(guests, "userId\nu_1\nu_2\n"))

    assert erasure.preview(crowd["u_1"])["removed"]["segmentImports"] == 1
    (part,) = [each for each in parts.all_parts() if each.name == "segmentImports"]
    assert next(iter(part.collect(test_env, [crowd["u_1"].pk])))["segment"] == "Guests"
    erasure.erase(crowd["u_1"], ACTOR, now=timezone.now())

    assert [row.user.user_id for row in SegmentImportRow.objects.all()] == ["u_2"]
    assert members(guests) == ["u_2"]
