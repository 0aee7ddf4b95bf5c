"""Exporting people: who is in it, that no spreadsheet runs it, and that an import reads it again."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from glu_admin.workspaces import keys
from tests.bulk.importing import Onlooker, import_people
from tests.factories import EndUserFactory
from users.bulk import cells, export
from users.bulk.export import Filter, TooManyAttributes
from users.models import EndUser

pytestmark = pytest.mark.django_db
PARTS = ("user_id", "anonymous_id", "user_name", "email", "phone", "profile", "identities", "attributes")
HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "'=1",
    "''-x",
]
HARMLESS = re.compile(r"(?![=+\-@\t\r\n＝＋－＠]|\s+[=+\-@])|[+-]?\d+(\.\d+)?\Z")


def exported(environment, kind="csv", **more):
    out = io.BytesIO()
    export.run(Filter(environment.id, **more), kind, out.write, Onlooker())
    return out.getvalue()


def lines(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_tells_all_that_is_known(test_env):
    EndUserFactory(
        environment=test_env,
        user_id="u_1",
        user_name="Asha Rao",
        phone="+4917012345",
        referral_code="GLU-AAAAAAAA",
        profile={"city": "Pune"},
        identities={"google_id": "g"},
        attributes={"tier": "gold", "orders": 3, "tags": ["a"], "vip": True, "code": "007", "text": "12"},
        is_test=True,
        registered_at=datetime(2025, 3, 1, 12, tzinfo=UTC),
    )

    [line] = lines(exported(test_env))

    told = {name: cell for name, cell in line.items() if cell}
    assert told.pop("gluId") and told.pop("lastSeenAt")
    assert told == {
        "userId": "u_1",
        "userName": "Asha Rao",
        "phone": "+4917012345",
        "profile.city": "Pune",
        "identities.google_id": "g",
        "attributes.code": "007",
        "attributes.orders": "3",
        "attributes.tags": '["a"]',
        "attributes.text": '"12"',
        "attributes.tier": "gold",
        "attributes.vip": "true",
        "isTest": "true",
        "registeredAt": "2025-03-01T12:00:00Z",
        "referralCode": "GLU-AAAAAAAA",
        "blocked": "false",
    }


def test_only_people_with_an_id_of_their_own_are_in_it(test_env, live_env):
    known = EndUserFactory(environment=test_env, user_id="u_1")
    EndUserFactory(environment=test_env, user_id=None, anonymous_id="a_1")
    EndUserFactory(environment=test_env, user_id=None, anonymous_id="a_2", merged_into=known)
    EndUserFactory(environment=test_env, user_id=None, erased_at=timezone.now())
    EndUserFactory(environment=live_env, user_id="u_2")

    assert [each["userId"] for each in lines(exported(test_env))] == ["u_1"]


def test_people_are_chosen_by_time_and_by_test(test_env):
    for month in (1, 2, 3):
        EndUserFactory(
            environment=test_env,
            user_id=f"u_{month}",
            is_test=month == 2,
            registered_at=datetime(2026, month, 1, tzinfo=UTC),
        )
    second, third = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)

    chosen = [
        [each["userId"] for each in lines(exported(test_env, **asked))]
        for asked in ({"since": second}, {"until": third}, {"is_test": True}, {"is_test": False})
    ]

    assert chosen == [["u_2", "u_3"], ["u_1", "u_2"], ["u_2"], ["u_1", "u_3"]]


def test_the_columns_of_attributes_can_be_chosen(test_env):
    EndUserFactory(environment=test_env, attributes={"tier": "gold", "city": "Pune"})

    [line] = lines(exported(test_env, attributes=("tier", "nothing")))

    assert [name for name in line if name.startswith("attributes.")] == [
        "attributes.tier",
        "attributes.nothing",
    ]


def test_more_attributes_than_columns_are_refused_in_words(test_env, monkeypatch):
    monkeypatch.setattr(export, "MOST_ATTRIBUTE_COLUMNS", 1)
    EndUserFactory(environment=test_env, attributes={"tier": "gold", "city": "Pune"})

    with pytest.raises(TooManyAttributes, match="more than 1 attributes"):
        exported(test_env)


def test_pages_follow_each_other(test_env, monkeypatch):
    monkeypatch.setattr(export, "_PAGE", export._PAGE.replace(f"LIMIT {export.PAGE}", "LIMIT 2"))
    monkeypatch.setattr(export, "PAGE", 2)
    for n in range(5):
        EndUserFactory(environment=test_env, user_id=f"u_{n}")

    assert [each["userId"] for each in lines(exported(test_env))] == [f"u_{n}" for n in range(5)]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_cell_is_a_formula(test_env, value):
    EndUserFactory(
        environment=test_env,
        user_id=f"{value}u",
        user_name=value,
        profile={"city": value},
        attributes={"a": value, "b": f"x;{value},{value}"},
    )

    content = exported(test_env)

    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        assert all(HARMLESS.match(cell) for cell in row), row
    # a spreadsheet that cuts at semicolons finds every text in quotes
    assert f';"{value}' not in content.decode()


def test_numbers_stay_numbers(test_env):
    EndUserFactory(environment=test_env, phone="-5", attributes={"debt": -5, "rate": -0.5, "text": "-5"})

    row = exported(test_env).decode().splitlines()[1]

    assert ",-5," in row and ",-0.5," in row and '"""-5"""' in row


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20).filter(
    lambda text: text != cells.FORGET
)
ids = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20).filter(
    lambda text: text.strip() and text != cells.FORGET
)
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15).map(lambda value: round(value, 4))
scalars = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20) | numbers | st.booleans()
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12).filter(
    lambda name: name == name.strip() and name and not name.isdecimal()
)
persons = st.fixed_dictionaries(
    {
        "user_id": ids,
        "anonymous_id": st.none() | ids,
        "user_name": st.none() | texts,
        "email": st.none() | texts,
        "phone": st.none() | st.sampled_from(["+4917012345", "+49 170 1", "0170", "(1) 2"]),
        "profile": st.dictionaries(st.sampled_from(["city", "firstName"]), texts),
        "identities": st.dictionaries(st.sampled_from(["google_id", "ios_id"]), texts),
        "attributes": st.dictionaries(names, scalars | st.lists(scalars, max_size=3), max_size=4),
    }
).filter(lambda person: person["user_id"] != person["anonymous_id"])


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
@example(
    crowd=[
        {"user_id": each, "user_name": each, "attributes": {each: each}}
        for each in ("=1", "'=1", '"x"', "+1")
    ]
)
@given(crowd=st.lists(persons, min_size=1, max_size=4, unique_by=lambda person: person["user_id"]))
def test_what_was_exported_is_imported_as_it_was(kind, crowd):
    source = keys.create_workspace("From").environments.get(kind="test")
    target = keys.create_workspace("To").environments.get(kind="test")
    for person in crowd:
        EndUserFactory(environment=source, **person)

    content = exported(source, kind)
    report = import_people(target, content, kind=kind)

    assert (report.bad.first, report.warnings.first) == ([], [])
    assert everybody(target) == everybody(source)


def everybody(environment):
    rows = EndUser.objects.filter(environment=environment).order_by("user_id")
    return [json.dumps(row, sort_keys=True) for row in rows.values(*PARTS)]
