"""Whose job it is: a silent worker keeps its own, and one that lost it leaves no trace."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin.jobs import leases, pieces, work
from glu_admin.jobs.desk import work_once
from glu_admin.jobs.models import Job, JobFile
from glu_admin.workspaces import keys
from tests.jobs.conftest import ACTOR

OUTPUT = JobFile.Side.OUTPUT
SHORT = 0.9  # seconds: a lease for tests that see it run out


@pytest.fixture
def job(transactional_db, kind, monkeypatch):
    """Makes a job whose lease is short, with `run` as its work."""
    monkeypatch.setattr(leases, "LEASE_SECONDS", SHORT)

    def make(run):
        kind(run)
        environment = keys.create_workspace("Brewline").environments.get(kind="test")
        return work.create(environment, "work_of_tests", options={}, actor=ACTOR)

    return make


def lease_ends(job):
    Job.objects.filter(id=job.id).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_job_whose_work_is_silent_for_long_is_taken_up_by_nobody_else(job):
    taken = []

    def be_silent(run):
        until = time.monotonic() + 3 * SHORT
        while time.monotonic() < until:
            taken.append(leases.take(["work_of_tests"]))

    made = job(be_silent)
    work_once()
    made.refresh_from_db()

    assert set(taken) == {None}
    assert (made.status, made.attempts) == ("done", 1)


def test_a_job_is_kept_no_longer_than_its_work_lasts(job):
    made = job(lambda run: None)
    threads = threading.active_count()
    work_once()

    assert threading.active_count() == threads
    made.refresh_from_db()
    assert made.leased_until is None


@pytest.mark.parametrize(
    "loses", [lambda job: work.cancel(job, ACTOR), lambda job: Job.objects.all().delete()]
)
def test_a_statement_under_way_is_stopped_when_the_job_is_lost(job, loses):
    reached = []

    def wait_in_silence(run):
        with connection.cursor() as cursor:
            loses(Job.objects.select_related("environment").get(id=run.job.id))
            cursor.execute("SELECT pg_sleep(60)")
        reached.append("the next step")

    job(wait_in_silence)
    began = time.monotonic()
    worked = work_once()

    assert worked and reached == []
    assert time.monotonic() - began < 30
    assert list(Job.objects.values_list("status", flat=True)) in (["cancelled"], [])


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, pieces.PIECE_BYTES + 1])
def test_what_a_worker_that_slept_writes_is_kept_out_of_the_file(kind, start, many):
    def oversleep(run):
        if run.job.attempts == 1:
            run.write(b"a" * many)
            lease_ends(run.job)
            work_once()  # the other worker
            run.write(b"b" * pieces.PIECE_BYTES)
        else:
            run.write(b"by the other")

    kind(oversleep)
    job = start([b"a"])
    work_once()
    job.refresh_from_db()

    assert (job.status, job.attempts) == ("done", 2)
    assert b"".join(pieces.read(job, OUTPUT)) == b"by the other"


@pytest.mark.django_db
def test_a_worker_that_slept_before_its_first_word_takes_nothing_away(kind, start):
    def oversleep(run):
        if run.job.attempts == 1:
            lease_ends(run.job)
            work_once()  # the other worker
        run.write(b"by attempt %d" % run.job.attempts)

    kind(oversleep)
    job = start([b"a"])
    work_once()

    assert b"".join(pieces.read(job, OUTPUT)) == b"by attempt 2"
