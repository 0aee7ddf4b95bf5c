"""The reference of the events' paths says what they do."""

import json

import pytest

from tests.api import decoders
from users.events.sources import SOURCES

EVENTS = ["/server/v4", "/v3/server", *(f"/{source.path}" for source in SOURCES.values())]
SIGNALS = ["/v4/sdk", "/sdk/v4"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def paths(client):
    return json.loads(client.get("/api/schema/?format=json").content)["paths"]


def test_each_path_has_its_statuses_and_examples_that_are_taken(client, paths, write_key):
    for path in EVENTS + SIGNALS:
        operation = paths[path]["post"]
        statuses = {"200", "400", "401", "413", "415", "503"} | ({"403"} if path in EVENTS else set())
        assert set(operation["responses"]) == statuses, path
        for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
            answer = client.post(
                path, json.dumps(example["value"]), "application/json", headers={"X-API-KEY": write_key}
            )
            decoders.taken(answer.status_code, answer.json())


@pytest.mark.parametrize("path", EVENTS)
def test_the_documented_answers_have_the_keys_of_the_real_ones(client, paths, write_key, path):
    def ask(body):
        return client.post(path, body, "application/json", headers={"X-API-KEY": write_key}).json()

    operation = paths[path]["post"]
    taken = operation["responses"]["200"]["content"]["application/json"]["examples"]["Accepted"]["value"]
    refused = operation["responses"]["400"]["content"]["application/json"]["examples"]["Rejected"]["value"]
    example = next(iter(operation["requestBody"]["content"]["application/json"]["examples"].values()))

    assert ask(json.dumps(example["value"])).keys() == taken.keys()
    assert ask("[{}, 7]").keys() == refused.keys()
