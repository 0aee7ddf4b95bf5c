"""The OpenAPI document is tried on the server itself: whatever it allows, and much that it doesn't.

No answer is a 5xx, has a status or a content type that the document doesn't name, or another
shape than it says. `--full` tries far more.
"""

import os
from types import SimpleNamespace

import pytest
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from campaigns import engine
from glu_admin import config
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from glu_admin.wsgi import application
from tests.factories import EndUserFactory, identity_of, launched_campaign, token_of
from users.events import definitions, forms, ingest
from users.history.models import AttributeDefinition
from users.models import Event, ParkedEvent

EXAMPLES = 150 if os.environ.get("GLU_TEST_FULL") else 6
QUIET = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "print_blob": False,
    "suppress_health_check": list(HealthCheck),
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def world(transactional_db):
    """One of everything that an address can name."""
    environment = keys.create_workspace("Brewline").environments.get(kind="test")
    person = EndUserFactory(environment=environment, user_id="asha", anonymous_id="visit-1")
    now = timezone.now()
    raw = {
        "event_id": "e-1",
        "event_name": "order_placed",
        "user_id": "asha",
        "timestamp": now.isoformat(),
        "event_properties": {"amount": 420},
    }
    ingest.take(config.get(environment.id), [forms.read(raw, now=now)], source="server", now=now)
    event = Event.objects.get(environment=environment)
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))
    answer = engine.act(identity_of(person), str(campaign.id), key="first", body={}, now=now)
    definition = definitions.save(environment, "order_placed", actor=Actor("a test"))
    attribute = AttributeDefinition.objects.create(environment=environment, name="tier")
    parked = ParkedEvent.objects.create(
        environment=environment,
        event_id=event.pk,
        received_at=event.received_at,
        subscriber="nobody",
        error="x",
    )
    write_key = environment.write_keys.get().key
    return SimpleNamespace(
        environment=environment,
        token=token_of(person),
        write_key=write_key,
        api_key=keys.create_api_key(environment, "Server", list(keys.SCOPES))[1],
        parameters={
            "glu_id": str(EndUserFactory(environment=environment).glu_id),
            "campaign_id": str(campaign.id),
            "reward_id": answer["reward"]["rewardId"],
            "write_key": write_key,
        },
        ids={
            "/api/v1/events/": event.pk,
            "/api/v1/parked-events/": parked.pk,
            "/api/v1/event-definitions/": definition.pk,
            "/api/v1/attributes/": attribute.pk,
        },
    )


@pytest.fixture
def document(world):
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)


def aim(case, world):
    """Let the case name what is there; what it deletes is made for it."""
    if case.method == "DELETE":
        person = EndUserFactory(environment=world.environment)
        definition = definitions.save(world.environment, f"of {person.user_id}", actor=Actor("a test"))
        case.path_parameters |= {"glu_id": str(person.glu_id), "pk": definition.pk}
        return
    for name in case.path_parameters or {}:
        if name in world.parameters:
            case.path_parameters[name] = world.parameters[name]
        for start, number in world.ids.items():
            if name == "pk" and case.path.startswith(start):
                case.path_parameters[name] = number
    if isinstance(case.body, dict) and "writeKey" in case.body:
        case.body["writeKey"] = world.write_key


def headers(case, world):
    key = world.api_key if case.path.startswith("/api/v1/") else world.write_key
    return {"X-API-KEY": key, "Authorization": f"Bearer {world.token}"}


def faults(operation, world):
    """What went wrong with one operation, the smallest case that hypothesis found of it."""
    cases = st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @given(case=cases, aimed=st.booleans(), armed=st.sampled_from([True, True, True, False]))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def holds(case, aimed, armed):
        if aimed:
            aim(case, world)
        answer = case.call(headers=headers(case, world) if armed else None)
        case.validate_response(answer, checks=CHECKS)

    try:
        holds()
    except (AssertionError, BaseExceptionGroup) as fault:
        yield f"{operation.label}: {fault}"


def test_every_answer_is_one_that_the_document_names(document, world):
    operations = [found.ok() for found in document.get_all_operations()]

    found = [fault for operation in operations for fault in faults(operation, world)]

    assert len(operations) > 30
    assert not found, "\n\n".join(found)
