"""Jobs: what comes in, what comes out, and how they end."""

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin.jobs import pieces, work
from glu_admin.jobs.desk import work_once
from glu_admin.jobs.models import Job, JobFile
from glu_admin.jobs.work import Cancelled, JobFailed
from glu_admin.workspaces.models import AuditEntry
from tests.jobs.conftest import ACTOR

pytestmark = pytest.mark.django_db
OUTPUT, INPUT = JobFile.Side.OUTPUT, JobFile.Side.INPUT


def stored(job, side):
    return b"".join(pieces.read(job, side))


def lease_ends(job):
    Job.objects.filter(id=job.id).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_job_reads_what_came_in_and_keeps_what_it_makes(kind, start):
    sent = os.urandom(3 * pieces.PIECE_BYTES + 17)

    def copy(run):
        for piece in run.pieces():
            run.write(piece)
        run.progress(done=4, failed=1, total=4, keep={"found": 7})

    kind(copy)
    job = start(sent[at : at + 1000] for at in range(0, len(sent), 1000))
    worked, again = work_once(), work_once()
    job.refresh_from_db()

    assert (worked, again) == (True, False)
    assert (job.status, job.done, job.failed, job.total) == ("done", 4, 1, 4)
    assert job.report == {"bytes": len(sent), "found": 7}
    assert stored(job, OUTPUT) == sent
    assert pieces.size(job, OUTPUT) == len(sent)
    assert stored(job, INPUT) == b""  # not needed any more
    assert job.started_at and job.ended_at and job.leased_until is None


def test_a_dump_of_the_database_shows_no_file(kind, start):
    kind(lambda run: None)
    start([b"asha@example.com"])

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(content, '') FROM jobs_jobfile")
        dumped = bytes(cursor.fetchone()[0])

    assert b"asha" not in dumped


def test_an_upload_that_breaks_off_leaves_nothing(kind, start):
    kind(lambda run: None)

    def content():
        yield b"a" * pieces.PIECE_BYTES
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        start(content())

    assert not Job.objects.exists()
    assert not JobFile.objects.exists()


def test_a_job_is_not_begun_while_its_file_is_on_its_way(kind, start):
    kind(lambda run: None)
    seen = []

    def content():
        yield b"a"
        seen.append(work_once())

    start(content())

    assert seen == [False]


def test_a_job_that_fails_says_why(kind, start):
    def fail(run):
        run.write(b"half")
        raise JobFailed("Line 3 is not UTF-8.")

    kind(fail)
    job = start([b"a"])
    work_once()
    job.refresh_from_db()

    assert (job.status, job.error) == ("failed", "Line 3 is not UTF-8.")
    assert not JobFile.objects.exists()


def test_a_fault_ends_the_job_and_not_the_worker(kind, start):
    kind(lambda run: {}["missing"])
    job = start()

    assert work_once()

    job.refresh_from_db()
    assert (job.status, job.error) == (
        "failed",
        "The work stopped with a fault (KeyError); see the worker's log.",
    )


def test_a_job_that_waits_is_cancelled_at_once(kind, start):
    kind(lambda run: None)
    job = start([b"a"])

    assert work.cancel(job, ACTOR)
    assert not work.cancel(job, ACTOR)
    assert not work_once()
    assert job.status == "cancelled"
    assert not JobFile.objects.exists()


def test_a_running_job_notices_that_it_was_cancelled(kind, start):
    reached = []

    def go_on(run):
        work.cancel(Job.objects.get(id=run.job.id), ACTOR)
        run.progress(done=1)
        reached.append("the next step")

    kind(go_on)
    job = start([b"a"])
    work_once()
    job.refresh_from_db()

    assert (job.status, reached) == ("cancelled", [])
    assert not JobFile.objects.exists()


def test_a_job_whose_worker_died_is_taken_up_again(kind, start):
    attempts = []

    def run(run):
        attempts.append(run.job.attempts)
        run.write(b"made in attempt %d" % run.job.attempts)
        run.close()
        if len(attempts) == 1:
            raise SystemExit  # as if the process had gone

    kind(run)
    job = start()
    with pytest.raises(SystemExit):
        work_once()
    before = work_once()
    lease_ends(job)
    after = work_once()
    job.refresh_from_db()

    assert (before, after, attempts) == (False, True, [1, 2])
    assert job.status == "done"
    assert stored(job, OUTPUT) == b"made in attempt 2"


def test_a_job_that_broke_off_three_times_is_given_up_in_words(kind, start):
    def die(run):
        raise SystemExit

    kind(die)
    job = start()
    for _ in range(3):
        with pytest.raises(SystemExit):
            work_once()
        lease_ends(job)
    taken = work_once()
    job.refresh_from_db()

    assert not taken
    assert job.status == "failed"
    assert job.error.startswith("The work broke off 3 times and was given up.")


def test_a_worker_that_slept_changes_nothing_of_a_job_that_another_took(kind, start):
    def oversleep(run):
        if run.job.attempts == 1:
            lease_ends(run.job)
            work_once()  # the other worker
            run.progress(done=99)
        else:
            run.write(b"by the other")

    kind(oversleep)
    job = start([b"a"])
    work_once()
    job.refresh_from_db()

    assert (job.status, job.done, job.attempts) == ("done", 0, 2)
    assert stored(job, OUTPUT) == b"by the other"


def test_a_worker_that_stops_puts_its_job_back(kind, start):
    class Stopping:
        def is_set(self):
            return True

    kind(lambda run: run.progress(done=1))
    job = start([b"a"])
    work_once(Stopping())
    job.refresh_from_db()

    assert (job.status, job.attempts, job.leased_until) == ("queued", 0, None)
    assert stored(job, INPUT) == b"a"


def test_an_input_that_was_taken_away_is_not_mistaken_for_a_short_one(kind, start):
    ends = []

    def read(run):
        try:
            list(run.pieces())
        except Cancelled:
            ends.append("taken away")
            raise

    kind(read)
    start([b"a" * (pieces.PIECE_BYTES + 1)])
    JobFile.objects.filter(position=1).delete()
    work_once()

    assert ends == ["taken away"]


def test_an_environment_with_a_running_job_lets_the_others_go_first(kind, start, live_env):
    order = []

    def note(run):
        order.append(run.job.options["name"])
        if run.job.options["name"] == "first":
            work_once()

    kind(note)
    start(name="first")
    start(name="second")
    work.create(live_env, "work_of_tests", options={"name": "of live"}, actor=ACTOR)
    while work_once():
        pass

    assert order == ["first", "of live", "second"]


def test_results_are_forgotten_after_a_week(kind, start):
    kind(lambda run: run.write(b"a"))
    job = start()
    work_once()
    now = timezone.now()

    early = work.forget_old(now=now + timedelta(days=6, hours=23))
    late = work.forget_old(now=now + timedelta(days=7, hours=1))

    assert (early, late) == (0, 1)
    assert not JobFile.objects.filter(job_id=job.id).exists()


def test_who_starts_and_who_cancels_stands_in_the_audit_log(kind, start):
    kind(lambda run: None)
    job = start(dry_run=True)
    work.cancel(job, ACTOR)

    entries = AuditEntry.objects.filter(object_id=str(job.id)).order_by("id")

    assert [(each.actor, each.action, each.changes) for each in entries] == [
        ("a test", "work_of_tests.create", {"options": [None, {"dry_run": True}]}),
        ("a test", "work_of_tests.cancel", {}),
    ]
