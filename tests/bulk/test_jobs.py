"""Imports and exports over HTTP: a file in, a job, its report, a file out."""

import gzip
import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from glu_admin.jobs import work
from glu_admin.jobs.desk import work_once
from glu_admin.jobs.models import Job, JobFile
from glu_admin.jobs.work import Run
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory
from users.bulk import receiving
from users.models import EndUser
from users.privacy import erasure

pytestmark = pytest.mark.django_db
IMPORTS, EXPORTS = "/api/v1/user-imports", "/api/v1/user-exports"
CSV = "userId,email,attributes.tier\nu_1,asha@example.com,gold\nu_2,,silver\n"


@pytest.fixture
def key(test_env):
    return keys.create_api_key(test_env, "Warehouse", ["users:read", "users:write"])[1]


@pytest.fixture
def send(client, key):
    def post(content, *, query="", content_type="text/csv", **headers):
        data = content.encode() if isinstance(content, str) else content
        return client.post(
            IMPORTS + query, data=data, content_type=content_type, headers={"X-API-KEY": key} | headers
        )

    return post


@pytest.fixture
def look(client, key):
    def get(path, **more):
        return client.get(path, headers={"X-API-KEY": key}, **more)

    return get


@pytest.fixture
def ask(client, key):
    def post(path, body=None):
        return client.post(
            path, data=json.dumps(body or {}), content_type="application/json", headers={"X-API-KEY": key}
        )

    return post


def job_of(answer):
    return f"/api/v1/jobs/{answer.json()['data']['id']}"


def error(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_a_file_is_imported_by_a_job(send, look):
    sent = send(CSV)
    while work_once():
        pass
    job = look(job_of(sent)).json()["data"]

    assert sent.status_code == 202
    assert sent.json()["data"]["status"] == "queued"
    assert sent.json()["data"]["options"] == {"format": "csv", "dryRun": False, "skipBad": False}
    assert (job["status"], job["done"], job["failed"], job["total"], job["actor"]) == (
        "done", 2, 0, 2, "API key Warehouse",
    )  # fmt: skip
    assert (job["report"]["created"], job["report"]["bad"]["total"]) == (2, 0)
    assert not {"line", "told"} & job["report"].keys()  # only of use on the way
    assert EndUser.objects.get(user_id="u_1").attributes == {"tier": "gold"}
    assert not JobFile.objects.exists()
    assert list(
        AuditEntry.objects.filter(action__startswith="user_import").values_list("action", "actor")
    ) == [
        ("user_import.end", "API key Warehouse"),
        ("user_import.create", "API key Warehouse"),
    ]


def test_a_file_may_come_packed_or_as_json_lines(send, look):
    lines = json.dumps({"userId": "u_3", "customAttributes": {"n": 1}})

    send(gzip.compress(CSV.encode()), **{"Content-Encoding": "gzip"})
    send(lines, content_type="application/x-ndjson; charset=utf-8")
    while work_once():
        pass

    assert set(EndUser.objects.values_list("user_id", flat=True)) == {"u_1", "u_2", "u_3"}


def test_bad_lines_fail_the_job_in_words_and_nothing_is_imported(send, look):
    sent = send("userId,isTest\nu_1,perhaps\nu_2,\n")
    work_once()
    job = look(job_of(sent)).json()["data"]

    assert job["status"] == "failed"
    assert job["error"] == (
        "1 of 2 lines can't be used, so nothing was imported. Mend them, or import again and skip them."
    )
    assert job["report"]["bad"] == {
        "total": 1,
        "counts": {"wrong_type": 1},
        "first": [
            {"line": 2, "field": "isTest", "code": "wrong_type", "message": "isTest must be true or false."}
        ],
    }
    assert not EndUser.objects.exists()


def test_bad_lines_are_skipped_and_dry_runs_write_nothing(send, look):
    skipping = send("userId,isTest\nu_1,perhaps\nu_2,\n", query="?skipBad=true")
    trying = send("userId\nu_9\n", query="?dryRun=true")
    while work_once():
        pass

    assert look(job_of(skipping)).json()["data"]["report"]["created"] == 1
    assert look(job_of(trying)).json()["data"]["report"]["dryRun"] is True
    assert list(EndUser.objects.values_list("user_id", flat=True)) == ["u_2"]


def test_a_file_in_latin_1_fails_in_words(send, look):
    sent = send("userId,userName\nu_1,Jörg\n".encode("latin-1"))
    work_once()

    assert look(job_of(sent)).json()["data"]["error"].startswith("Line 2 is not UTF-8 text")


def test_what_is_no_file_is_refused_at_once(send, monkeypatch):
    assert error(send("", **{"Content-Type": "text/csv"})) == (400, "file_empty")
    assert error(send(CSV, content_type="application/json")) == (415, "unsupported_format")
    assert error(send(CSV, query="?dryrun=true")) == (400, "invalid")
    monkeypatch.setattr(receiving, "LARGEST", 10)
    assert error(send(CSV)) == (413, "body_too_large")
    assert not Job.objects.exists()


@pytest.mark.parametrize("length", ["many", "-5", "1_0", "１２", "9" * 5000])
def test_a_length_that_is_no_number_is_refused_in_words(client, key, length):
    answer = client.post(
        IMPORTS, data=CSV, content_type="text/csv", headers={"X-API-KEY": key}, CONTENT_LENGTH=length
    )

    assert error(answer) == (400, "length_malformed")
    assert answer.json()["message"] == "Content-Length must be the number of the body's bytes."
    assert not Job.objects.exists()


def test_a_file_for_which_there_is_no_room_is_refused_in_words(send, monkeypatch):
    send(CSV)
    monkeypatch.setattr(work, "MOST_UPLOADED", 10)

    assert error(send(CSV)) == (409, "uploads_full")
    assert Job.objects.count() == 1


def test_an_export_is_fetched_from_its_job(test_env, ask, look):
    EndUserFactory(environment=test_env, user_id="u_1", attributes={"tier": "gold"})

    asked = ask(EXPORTS, {"format": "ndjson"})
    early = look(f"{job_of(asked)}/file")
    work_once()
    job = look(job_of(asked)).json()["data"]
    file = look(f"{job_of(asked)}/file")
    content = b"".join(file.streaming_content)

    assert error(early) == (409, "job_not_done")
    assert (job["status"], job["hasFile"], job["report"]["people"]) == ("done", True, 1)
    assert file.headers["Content-Type"] == "application/x-ndjson"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="user_export-test-')
    assert file.headers["Cache-Control"] == "no-store"
    assert int(file.headers["Content-Length"]) == len(content)
    assert json.loads(content)["customAttributes"] == {"tier": "gold"}


def test_an_erasure_takes_exports_away_and_an_old_file_brings_nobody_back(test_env, send, ask, look):
    person = EndUserFactory(environment=test_env, user_id="u_1")
    asked = ask(EXPORTS)
    work_once()

    erasure.erase(person, Actor("a test"), now=timezone.now())
    sent = send(CSV)
    work_once()
    report = look(job_of(sent)).json()["data"]["report"]

    assert error(look(f"{job_of(asked)}/file")) == (404, "no_file")
    assert report["created"] == 1
    assert report["leftOut"]["counts"] == {"user_erased": 1}
    assert not EndUser.objects.filter(user_id="u_1").exists()


def test_an_export_made_after_an_erasure_outlives_its_sweeps(test_env, ask, look):
    person = EndUserFactory(environment=test_env, user_id="u_1")
    EndUserFactory(environment=test_env, user_id="u_2")
    erasure.erase(person, Actor("a test"), now=timezone.now() - timedelta(hours=1))
    asked = ask(EXPORTS, {"format": "ndjson"})
    work_once()

    erasure.sweep(now=timezone.now())
    file = look(f"{job_of(asked)}/file")

    assert file.status_code == 200
    assert [json.loads(line)["userId"] for line in b"".join(file).splitlines()] == ["u_2"]


def test_an_export_under_way_at_an_erasure_ends_and_says_why(test_env, ask, look, monkeypatch):
    person = EndUserFactory(environment=test_env, user_id="u_1")
    asked = ask(EXPORTS, {"format": "ndjson"})
    write = Run.write

    def write_and_erase(run, chunk):
        write(run, chunk)
        erasure.erase(person, Actor("a test"), now=timezone.now())

    monkeypatch.setattr(Run, "write", write_and_erase)
    work_once()
    job = look(job_of(asked)).json()["data"]

    assert (job["status"], job["hasFile"]) == ("failed", False)
    assert "erased" in job["error"]
    assert not JobFile.objects.filter(side="output").exists()


def test_a_job_is_cancelled_once(ask, send, look):
    path = job_of(send(CSV))

    cancelled = ask(f"{path}/cancel")

    assert cancelled.json()["data"]["status"] == "cancelled"
    assert error(ask(f"{path}/cancel")) == (409, "job_ended")
    assert not work_once()


def test_jobs_are_listed_newest_first_in_pages(send, look):
    made = [send(CSV).json()["data"]["id"] for _ in range(3)]

    first = look("/api/v1/jobs?limit=2").json()
    second = look(f"/api/v1/jobs?limit=2&cursor={first['next']}").json()

    assert [each["id"] for each in first["data"] + second["data"]] == made[::-1]
    assert second["next"] is None
    assert look("/api/v1/jobs?kind=user_export").json()["data"] == []
    assert error(look("/api/v1/jobs?cursor=eyJhIjoxfQ")) == (400, "cursor_broken")


def test_a_list_of_many_jobs_asks_the_database_no_more_than_one_of_few(ask, look):
    def made(many):
        for _ in range(many):
            ask(EXPORTS)
            work_once()
        with CaptureQueriesContext(connection) as asked:
            listed = look("/api/v1/jobs").json()["data"]
        return [each["hasFile"] for each in listed], len(asked)

    few, statements_for_few = made(1)
    many, statements_for_many = made(4)

    assert (few, many) == ([True], [True] * 5)
    assert statements_for_many == statements_for_few


def test_a_key_sees_the_jobs_that_it_may_start(client, test_env, send):
    path = job_of(send(CSV))
    reader = keys.create_api_key(test_env, "Reader", ["users:read"])[1]
    other = keys.create_api_key(test_env, "Other", ["events:read"])[1]

    def get(path, key):
        return client.get(path, headers={"X-API-KEY": key})

    assert get("/api/v1/jobs", reader).json()["data"] == []
    assert error(get(path, reader)) == (404, "job_not_found")
    assert error(get(path, other)) == (403, "scope_missing")
    assert error(client.get(path)) == (401, "key_missing")
    assert error(client.post(IMPORTS, CSV, content_type="text/csv", headers={"X-API-KEY": reader})) == (
        403, "scope_missing",
    )  # fmt: skip


def test_jobs_of_another_environment_are_not_there(client, live_env, send):
    path = job_of(send(CSV))
    theirs = keys.create_api_key(live_env, "Theirs", ["users:read", "users:write"])[1]

    for address in (path, f"{path}/file", f"/api/v1/jobs/{uuid.uuid4()}"):
        assert error(client.get(address, headers={"X-API-KEY": theirs})) == (404, "job_not_found")
    assert error(client.post(f"{path}/cancel", headers={"X-API-KEY": theirs})) == (404, "job_not_found")
