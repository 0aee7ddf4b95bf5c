"""Definitions of events and attributes, for the client's servers."""

import pytest
from django.utils import timezone

from glu_admin.workspaces.models import AuditEntry
from users.models import AttributeDefinition, EventDefinition, EventTally
from users.v1.shapes import stamp

BODY = {
    "name": "order_placed",
    "description": "An order was paid",
    "mode": "warn",
    "expected": [{"name": "amount", "type": "number", "required": True}],
}


def test_an_event_is_defined_read_changed_and_forgotten(ask, db):
    made = ask("post", "event-definitions", BODY)

    assert made.status == 200
    unseen = {"declared": True, "seen": 0, "types": {}, "firstSeenAt": None, "lastSeenAt": None}
    assert made.data == {"id": made.data["id"]} | BODY | unseen
    address = f"event-definitions/{made.data['id']}"
    assert ask("get", address).data == made.data
    assert ask("patch", address, {"mode": "refuse"}).data == made.data | {"mode": "refuse"}
    assert ask("post", "event-definitions", BODY).error["code"] == "definition_exists"
    assert ask("delete", address).success is True
    assert ask("get", address).error["code"] == "definition_not_found"
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {"API key Shop"}


def test_names_that_were_only_seen_are_listed_among_those_that_are_defined(ask, test_env):
    now = timezone.now()
    EventDefinition.objects.create(environment=test_env, name="b", declared=True)
    for name in ("a", "c"):
        EventTally.objects.create(
            environment=test_env,
            name=name,
            total=3,
            types={"x": {"number": 3}},
            first_seen_at=now,
            last_seen_at=now,
        )

    first = ask("get", "event-definitions", limit=2)
    second = ask("get", "event-definitions", limit=2, cursor=first.next)

    names = [(each["name"], each["declared"], each["seen"]) for each in first.data + second.data]
    assert names == [("a", False, 3), ("b", True, 0), ("c", False, 3)]
    assert second.next is None
    assert first.data[0] == {
        "id": None,
        "name": "a",
        "description": "",
        "mode": "observe",
        "expected": [],
        "declared": False,
        "seen": 3,
        "types": {"x": {"number": 3}},
        "firstSeenAt": stamp(now),
        "lastSeenAt": stamp(now),
    }


def test_every_fault_of_a_definition_is_named_by_its_path(ask, db):
    expected = [{"name": "a", "type": "nmber"}, {"name": ""}]

    answer = ask("post", "event-definitions", {"name": "buy", "expected": expected, "colour": "red"})

    assert answer.status == 400
    assert answer.message == f"expected.0.type: {answer.error['fields'][0]['message']}"
    assert [(each["field"], each["code"]) for each in answer.error["fields"]] == [
        ("expected.0.type", "invalid_choice"),
        ("expected.1.name", "blank"),
        ("colour", "unknown_field"),
    ]
    assert not EventDefinition.objects.exists()


@pytest.mark.parametrize("name", ["12", "x" * 129, None, ["a"], "a\tb"], ids=str)
def test_an_odd_name_is_refused(ask, db, name):
    answer = ask("post", "event-definitions", {"name": name})

    assert (answer.status, answer.error["field"]) == (400, "name")


def test_a_name_with_a_nul_character_is_refused_before_it_is_looked_at(ask, db):
    assert ask("post", "event-definitions", {"name": "a\0b"}).error["code"] == "nul_character"


def test_an_attribute_is_declared(ask, test_env):
    row = AttributeDefinition.objects.create(
        environment=test_env,
        name="tier",
        types={"string": 2},
        top_values=[["gold", 2]],
        people=3,
        have_it=2,
    )

    declared = ask("patch", f"attributes/{row.pk}", {"declaredType": "string"})

    assert declared.data == {
        "id": row.pk,
        "name": "tier",
        "description": "",
        "declaredType": "string",
        "types": {"string": 2},
        "topValues": [["gold", 2]],
        "people": 3,
        "haveIt": 2,
        "sampled": False,
        "firstSeenAt": stamp(row.first_seen_at),
        "lastSeenAt": stamp(row.last_seen_at),
    }
    assert ask("get", "attributes", name="ti").data == [declared.data]
    assert ask("get", "attributes", name="%").data == []
    assert ask("patch", f"attributes/{row.pk}", {"declaredType": "date"}).error["field"] == "declaredType"
