"""Attributes: what is kept, and what is left out with a warning."""

import pytest

from tests.api import decoders
from users.models import EndUser


def test_attributes_that_cannot_be_kept_are_warnings_and_the_rest_is_kept(register):
    response = register(
        userId="u_1", customAttributes={"12": 1, "": 2, "x" * 129: 3, "a\tb": 4, "Größe ✓": 5, "x" * 128: 6}
    )

    decoders.registration(response.status_code, response.json())
    assert EndUser.objects.get().attributes == {"Größe ✓": 5, "x" * 128: 6}
    assert [each["field"] for each in response.json()["warnings"]] == [
        "customAttributes.12",
        "customAttributes.",
        f"customAttributes.{'x' * 128}",
        "customAttributes.a?b",
    ]
    assert {each["code"] for each in response.json()["warnings"]} == {"attribute_name"}


def test_a_person_holds_256_attributes(register):
    register(userId="u_1", customAttributes={f"a{n}": n for n in range(255)})

    response = register(userId="u_1", customAttributes={"a0": "changed", "b": 1, "c": 2})

    person = EndUser.objects.get()
    assert len(person.attributes) == 256
    assert (person.attributes["a0"], person.attributes["b"]) == ("changed", 1)
    assert [each["field"] for each in response.json()["warnings"]] == ["customAttributes.c"]


def test_a_person_holds_32_kib_of_attributes(register):
    register(userId="u_1", customAttributes={"a": "x" * 20_000})

    response = register(userId="u_1", customAttributes={"b": "y" * 20_000, "c": "small"})

    person = EndUser.objects.get()
    assert set(person.attributes) == {"a", "c"}
    assert response.json()["warnings"] == [
        {
            "field": "customAttributes.b",
            "code": "attribute_limit",
            "message": "A user's attributes hold at most 32 KiB; this one was left out.",
        }
    ]


def test_room_is_made_by_what_the_same_call_forgets(register):
    register(userId="u_1", customAttributes={"a": "x" * 20_000})

    response = register(userId="u_1", customAttributes={"a": None, "b": "y" * 20_000})

    assert set(EndUser.objects.get().attributes) == {"b"}
    assert "warnings" not in response.json()


def test_what_is_no_scalar_or_list_of_scalars_is_left_out_with_a_warning(register):
    response = register(
        userId="u_1",
        customAttributes={"a": {"b": 1}, "c": [1, [2]], "d": [{"e": 1}], "f": {}, "g": [1, "x", None, True]},
    )

    decoders.registration(response.status_code, response.json())
    assert EndUser.objects.get().attributes == {"g": [1, "x", None, True]}
    warnings = response.json()["warnings"]
    assert [each["field"] for each in warnings] == [f"customAttributes.{name}" for name in "acdf"]
    assert {each["code"] for each in warnings} == {"attribute_type"}


@pytest.mark.parametrize(
    "name",
    [
        *("a'b", 'a"b', "a.b", "a%sb", "a%(x)sb", "a__in", "__class__", "{a}", "$a", "a->>b", "'||'", "\\"),
        "a;DROP TABLE users_enduser",
    ],
)  # fmt: skip
def test_a_hostile_name_is_only_a_name(register, name):
    assert register(userId="u_1", customAttributes={name: name}).status_code == 200
    assert EndUser.objects.get().attributes == {name: name}

    assert register(userId="u_1", customAttributes={name: None}).status_code == 200
    assert EndUser.objects.get().attributes == {}


def test_a_name_of_ten_thousand_characters_is_a_warning_that_stays_short(register):
    response = register(userId="u_1", customAttributes={"x" * 10_000: 1})

    assert response.status_code == 200
    assert len(response.json()["warnings"][0]["field"]) == len("customAttributes.") + 128
