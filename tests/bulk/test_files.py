"""Files as people make them: what is read of each line, and what is refused in which words."""

import gzip
import tracemalloc
import zlib

import pytest

from users.bulk import files
from users.bulk.files import FileError
from users.bulk.rows import Fault

HEADER = b"userId,email,attributes.tier\n"


def read(content, kind="csv", size=7):
    """Bodies by line, and the codes of the lines that can't be read."""
    pieces = (content[at : at + size] for at in range(0, len(content), size))
    bodies, faults = {}, {}
    for each in files.records(pieces, kind):
        if isinstance(each, Fault):
            faults[each.line] = each.code
        else:
            bodies[each[0]] = each[1]
    return bodies, faults


def body(user_id, **attributes):
    return {"userId": user_id} | ({"customAttributes": attributes} if attributes else {})


@pytest.mark.parametrize(
    "content",
    [
        b"userId,attributes.tier\nu_1,gold\n",
        b"userId;attributes.tier\nu_1;gold\n",
        b"userId\tattributes.tier\nu_1\tgold\n",
        b"\xef\xbb\xbfuserId,attributes.tier\r\nu_1,gold\r\n",
        b'"userId","attributes.tier"\n"u_1","gold"',
        b"user_id, attributes.tier\nu_1,gold\n",
        b"USER ID,customAttributes.tier,anything else\nu_1,gold,x\n",
        gzip.compress(b"userId,attributes.tier\nu_1,gold\n"),
        gzip.compress(b"userId,attributes.tier\n") + gzip.compress(b"u_1,gold\n"),
    ],
)
def test_one_file_is_written_in_many_ways(content):
    assert read(content) == ({2: body("u_1", tier="gold")}, {})


def test_a_cell_in_quotes_holds_separators_quotes_and_line_ends():
    content = HEADER + b'u_1,"a,b","one\ntwo ""three"""\nu_2,,x\n'

    bodies, faults = read(content)

    assert bodies == {
        2: {"userId": "u_1", "email": "a,b", "customAttributes": {"tier": 'one\ntwo "three"'}},
        4: body("u_2", tier="x"),
    }
    assert faults == {}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12), ("-5", -5), ("1.5", 1.5), ("true", True), ("false", False), ('["a",1]', ["a", 1]),
        ('"12"', "12"), ("007", "007"), ("1.10", "1.10"), ("1e5", "1e5"), ("True", "True"),
        ("+491701", "+491701"), ("2026-01-31", "2026-01-31"), ("[half", "[half"), ("null", "null"),
        ("=1+1", "=1+1"), ("'=1+1", "=1+1"), ("@cmd", "@cmd"), ("'quoted'", "'quoted'"), ("-", "-"),
        ("123456789012345678901234567890", "123456789012345678901234567890"), ("\\N", None),
    ],
)  # fmt: skip
def test_an_attribute_is_what_its_cell_looks_like(cell, value):
    quoted = cell.replace('"', '""')

    bodies, _ = read(f'userId,attributes.a\nu_1,"{quoted}"\n'.encode())

    assert bodies[2]["customAttributes"] == {"a": value}
    assert type(bodies[2]["customAttributes"]["a"]) is type(value)


def test_names_of_attributes_are_data():
    names = ["a.b", 'say "hi"', "100%", "a__gt", "=x", "'; DROP TABLE users_enduser; --", "ключ"]
    header = ",".join('"attributes.' + name.replace('"', '""') + '"' for name in names)

    bodies, _ = read(f"userId,{header}\nu_1{',1' * len(names)}\n".encode())

    assert bodies[2]["customAttributes"] == dict.fromkeys(names, 1)


def test_lines_that_can_not_be_read_are_told_and_the_others_go_on():
    content = HEADER + b'u_1,,a\nu_2,"b"x,c\nu_3,\0,d\nu_4,,e,too,much\n\nu_5,,,\nu_6\n'

    bodies, faults = read(content)

    assert list(bodies) == [2, 7, 8]
    assert faults == {3: "quotes", 4: "nul_character", 5: "columns"}


def test_a_quotation_mark_that_is_never_closed_is_told():
    assert read(HEADER + b'u_1,,a\nu_2,"open,b\nu_3,,c\n')[1] == {3: "quotes"}


def test_json_lines_that_can_not_be_read_are_told():
    lines = [b'{"userId": "u_1"}', b"", b"{half", b"[1]", b'{"userId": "u\\u0000"}', b'{"userId": "u_2"}']

    bodies, faults = read(b"\n".join(lines), "ndjson")

    assert bodies == {1: {"userId": "u_1"}, 6: {"userId": "u_2"}}
    assert faults == {3: "malformed_json", 4: "malformed_json", 5: "nul_character"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (b"email,name\na,b\n", "The first line has no column userId."),
        (b"userId,email,e-mail\nu_1,a,b\n", "The column email is there twice."),
        (b'userId,"email\n', "A quotation mark in the first line is not closed."),
        (HEADER + b"u_1,,a\nu_2,,J\xf6rg\n", "Line 3 is not UTF-8 text: its byte 7 is 0xF6"),
        ("userId\nu_1\n".encode("utf-16"), "The file is in UTF-16."),
        ("userId\nu_1\n".encode("utf-16-le"), "The file is in UTF-16."),
        (b"PK\x03\x04userId", "The file is a spreadsheet"),
        (HEADER + b"x" * (files.LONGEST_LINE + 9), "Line 2 is longer than 1 MiB."),
        (gzip.compress(HEADER)[:-9], "The file is packed by gzip, and its end is missing."),
        (gzip.compress(HEADER)[:-8] + b"\0" * 8, "The file is packed by gzip, and broken."),
        (b"userId," + b",".join(b"attributes.n%d" % n for n in range(500)), "The header has 501 columns"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(content, told):
    with pytest.raises(FileError) as refused:
        read(content, size=1000)

    assert str(refused.value).startswith(told)


def test_latin_1_in_json_lines_is_refused_in_the_same_words():
    with pytest.raises(FileError, match="Line 1 is not UTF-8 text"):
        read(b'{"userId": "J\xf6rg"}', "ndjson")


@pytest.mark.parametrize("unit", [b"\0", b'"', b"," * 4095 + b"\n"])
def test_a_gzip_bomb_takes_no_memory(unit, monkeypatch):
    monkeypatch.setattr(files, "MOST_UNPACKED", 1 << 21)
    packer = zlib.compressobj(wbits=31)
    block = unit * ((1 << 16) // len(unit))
    bomb = packer.compress(HEADER) + b"".join(packer.compress(block) for _ in range(500)) + packer.flush()

    tracemalloc.start()
    with pytest.raises(FileError):
        for _ in files.records([bomb], "csv"):
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(bomb) < 1 << 18
    assert peak < 16 << 20
