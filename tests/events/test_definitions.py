"""What is expected of an event: written down with an audit entry, and held at ingest."""

import pytest

from glu_admin import config
from glu_admin.api.errors import ApiError
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry, Environment
from tests.events.conftest import NOW, event
from users.events import definitions, forms, ingest
from users.events.models import Event, EventDefinition

ACTOR = Actor("a test")
AMOUNT = {"name": "amount", "type": "number", "required": True}
pytestmark = pytest.mark.django_db


def take(environment, **properties):
    sent = forms.read(event("u_1", "purchase", **properties), now=NOW)
    return ingest.take(config.get(environment.id), [sent], source="server", now=NOW)[0]


def define(environment, **fields):
    return definitions.save(
        environment, "purchase", actor=ACTOR, **{"mode": "refuse", "expected": [AMOUNT]} | fields
    )


def test_a_definition_that_refuses_refuses_with_the_field(test_env):
    define(test_env)

    missing, wrong, fits = take(test_env), take(test_env, amount="3"), take(test_env, amount=3)

    assert (missing.verdict, missing.reason, missing.field) == (
        "rejected",
        "property_missing",
        "event_properties.amount",
    )
    assert (wrong.verdict, wrong.reason) == ("rejected", "property_type")
    assert fits.verdict == "waiting"


def test_a_definition_that_warns_takes_the_event_with_a_remark(test_env):
    define(test_env, mode="warn")

    verdict = take(test_env, amount="3")

    assert (verdict.verdict, verdict.warnings) == ("waiting", ("property_type:amount",))
    assert Event.objects.get().warnings == ["property_type:amount"]


def test_a_definition_that_observes_says_nothing(test_env):
    define(test_env, mode="observe")

    assert take(test_env).warnings == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "a"),
        ("number", 1),
        ("number", 1.5),
        ("boolean", True),
        ("list", [1]),
        ("object", {}),
        ("", {}),
    ],
)
def test_each_type_takes_its_own(test_env, kind, value):
    define(test_env, expected=[AMOUNT | {"type": kind}])

    assert take(test_env, amount=value).verdict == "waiting"


@pytest.mark.parametrize(("kind", "value"), [("number", True), ("string", 1), ("boolean", 0), ("object", [])])
def test_each_type_takes_no_other(test_env, kind, value):
    define(test_env, expected=[AMOUNT | {"type": kind}])

    assert take(test_env, amount=value).reason == "property_type"


def test_a_property_that_is_not_required_may_be_missing(test_env):
    define(test_env, expected=[AMOUNT | {"required": False}])

    assert take(test_env).verdict == "waiting"
    assert take(test_env, amount=None).verdict == "waiting"


def test_an_event_refused_by_its_definition_can_be_sent_again_mended(test_env):
    define(test_env)
    sent = event("u_1", "purchase", event_id="e-1")

    for properties, verdict in (({}, "rejected"), ({"amount": 1}, "waiting")):
        read = forms.read(sent | {"event_properties": properties}, now=NOW)
        assert ingest.take(config.get(test_env.id), [read], source="server", now=NOW)[0].verdict == verdict


def test_definitions_of_another_environment_count_for_nothing(test_env, live_env):
    define(live_env)

    assert take(test_env).verdict == "waiting"


def test_a_change_gives_the_environment_a_new_version_and_an_audit_entry(test_env):
    def version():
        return Environment.objects.get(pk=test_env.pk).version

    before = version()
    row = define(test_env)
    made = version()
    define(test_env, mode="warn")
    define(test_env, mode="warn")  # says nothing new
    definitions.delete(row, ACTOR)

    assert before < made < version()
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "event_definition.create",
        "event_definition.revise",
        "event_definition.delete",
    ]
    assert AuditEntry.objects.get(action="event_definition.revise").changes == {"mode": ["refuse", "warn"]}
    assert not EventDefinition.objects.exists()
    assert take(test_env).verdict == "waiting"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"mode": "forbid"}, "mode"),
        ({"description": "x" * 201}, "description"),
        ({"expected": "amount"}, "expected"),
        ({"expected": [AMOUNT] * 2}, "expected.1.name"),
        ({"expected": ["amount"]}, "expected.0"),
        ({"expected": [AMOUNT | {"more": 1}]}, "expected.0"),
        ({"expected": [AMOUNT | {"type": "date"}]}, "expected.0.type"),
        ({"expected": [AMOUNT | {"type": []}]}, "expected.0.type"),
        ({"expected": [AMOUNT | {"required": 1}]}, "expected.0.required"),
        ({"expected": [AMOUNT | {"name": ""}]}, "expected.0.name"),
        ({"expected": [AMOUNT | {"name": 3}]}, "expected.0.name"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_with_the_field(test_env, fields, field):
    with pytest.raises(ApiError) as refused:
        define(test_env, **fields)

    assert refused.value.field == field
    assert not EventDefinition.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 129, "a\nb", 7, None])
def test_a_definition_needs_the_name_of_an_event(test_env, name):
    with pytest.raises(ApiError) as refused:
        definitions.save(test_env, name, actor=ACTOR)

    assert refused.value.field == "name"
