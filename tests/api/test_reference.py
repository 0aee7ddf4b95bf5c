"""The API reference: complete, valid, and readable offline under the strict policy."""

import json

import pytest
from drf_spectacular.validation import validate_schema

from tests.api import decoders

PATHS = ("/user/v1/user/sdk", "/user/v1/user/sdk/generateusertoken", "/user/v1/user/sdk/updateuser")


@pytest.fixture
def document(client, db):
    return json.loads(client.get("/api/schema/?format=json").content)


def resolve(document, schema):
    name = schema["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]


def test_the_document_is_valid_openapi(document):
    validate_schema(document)


@pytest.mark.parametrize("path", PATHS)
def test_register_is_described_with_its_body_its_answer_and_its_refusals(document, path):
    operation = document["paths"][path]["post"]

    assert set(operation["responses"]) == {"200", "400", "401", "403", "413", "503"}
    content = operation["requestBody"]["content"]["application/json"]
    assert set(resolve(document, content["schema"])["required"]) == {"writeKey"}
    assert len(content["examples"]) == 4


def test_the_documented_answer_has_the_keys_of_the_real_one(document, register):
    schema = document["paths"][PATHS[0]]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    data = resolve(document, resolve(document, schema)["properties"]["data"])
    documented = resolve(document, data["properties"]["user"])["properties"]

    real = register(userId="u_1").json()["data"]

    assert set(data["properties"]) == set(real)
    assert set(documented) == set(real["user"])


@pytest.mark.parametrize("path", PATHS)
def test_the_examples_are_what_clients_can_decode(document, path):
    responses = document["paths"][path]["post"]["responses"]
    for status, response in responses.items():
        for example in response["content"]["application/json"]["examples"].values():
            if status == "200":
                user = example["value"]["data"]["user"]
                decoders.texts_or_null("user", user, decoders.USER_TEXT)
            else:
                decoders.refusal(int(status), example["value"])


def test_the_examples_of_bodies_register(document, post, write_key):
    body = document["paths"][PATHS[0]]["post"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        answer = post(PATHS[0], example["value"] | {"writeKey": write_key})
        decoders.registration(answer.status_code, answer.json())


def test_the_page_brings_everything_along_and_runs_no_script_of_its_own(client, db):
    page = client.get("/api/docs/")
    script = client.get("/api/docs/?script=")

    html = page.content.decode()
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<style" not in html and "style=" not in html and "<script>" not in html
    assert "http://" not in html and "https://" not in html
    assert script.headers["Content-Type"] == "application/javascript"
    assert "/api/schema/" in script.content.decode()
