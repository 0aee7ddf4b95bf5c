"""What is sent to a job: kept while it is needed, no longer, and not without end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from glu_admin.api.errors import ApiError
from glu_admin.jobs import pieces, work
from glu_admin.jobs.desk import work_once
from glu_admin.jobs.models import Job, JobFile
from tests.jobs.conftest import ACTOR

pytestmark = pytest.mark.django_db
PIECE = b"a" * pieces.PIECE_BYTES


def lease_ends(job):
    Job.objects.filter(id=job.id).update(leased_until=timezone.now() - timedelta(seconds=1))


def an_hour_passes():
    """Nothing came, as far as the only upload there is goes."""
    Job.objects.filter(status="receiving").update(leased_until=timezone.now() - timedelta(seconds=1))


def test_an_upload_lives_while_bytes_arrive(kind, start):
    kind(lambda run: None)

    def content():
        for _ in range(3):
            an_hour_passes()
            yield PIECE
            work.forget_old(now=timezone.now())

    job = start(content())

    assert job.status == "queued"
    assert pieces.size(job, JobFile.Side.INPUT) == 3 * len(PIECE)


@pytest.mark.parametrize("after", [PIECE, b""])
def test_an_upload_that_fell_silent_is_refused_in_words(kind, start, after):
    kind(lambda run: None)

    def content():
        yield PIECE
        an_hour_passes()
        work.forget_old(now=timezone.now())
        yield after

    with pytest.raises(ApiError, match="Send the file again") as refusal:
        start(content())

    assert (refusal.value.status, refusal.value.code) == (409, "upload_ended")
    assert not Job.objects.exists()
    assert not JobFile.objects.exists()


def test_an_upload_that_somebody_cancels_ends_in_words_and_keeps_nothing(kind, start):
    kind(lambda run: None)

    def content():
        yield PIECE
        work.cancel(Job.objects.get(), ACTOR)
        yield PIECE

    with pytest.raises(ApiError, match="cancelled"):
        start(content())

    assert Job.objects.get().status == "cancelled"
    assert not JobFile.objects.exists()


def test_an_environment_keeps_so_many_bytes_of_uploads_and_no_more(kind, start, live_env, monkeypatch):
    monkeypatch.setattr(work, "MOST_UPLOADED", 2 * len(PIECE))
    monkeypatch.setattr(work, "MEASURED_EACH", len(PIECE))
    kind(lambda run: None)
    start([PIECE, PIECE])

    with pytest.raises(ApiError, match="as many as it may") as refusal:
        start([PIECE])
    theirs = work.create(live_env, "work_of_tests", options={}, actor=ACTOR, content=[PIECE])

    assert (refusal.value.status, refusal.value.code) == (409, "uploads_full")
    assert Job.objects.exclude(id=theirs.id).count() == 1
    while work_once():  # what ended makes room
        pass
    assert start([PIECE]).status == "queued"


def test_one_upload_that_is_too_long_is_stopped_on_its_way(kind, start, monkeypatch):
    monkeypatch.setattr(work, "MOST_UPLOADED", 2 * len(PIECE))
    monkeypatch.setattr(work, "MEASURED_EACH", len(PIECE))
    kind(lambda run: None)
    sent = []

    def content():
        for number in range(10):
            sent.append(number)
            yield PIECE

    with pytest.raises(ApiError, match="as many as it may"):
        start(content())

    assert len(sent) == 3
    assert not JobFile.objects.exists()


def test_uploads_that_broke_off_long_ago_take_no_room(kind, start, test_env, monkeypatch):
    monkeypatch.setattr(work, "MOST_UPLOADED", len(PIECE))
    kind(lambda run: None)
    dead = start([PIECE])
    Job.objects.filter(id=dead.id).update(status="receiving")
    an_hour_passes()

    assert start([PIECE]).status == "queued"


def test_the_file_of_a_job_that_is_given_up_goes_at_once(kind, start):
    def die(run):
        run.write(PIECE)
        raise SystemExit

    kind(die)
    job = start([PIECE])
    for _ in range(3):
        with pytest.raises(SystemExit):
            work_once()
        lease_ends(job)
    work_once()

    job.refresh_from_db()
    assert job.status == "failed"
    assert not JobFile.objects.exists()


def test_the_files_of_a_job_that_is_cancelled_after_its_worker_died_go_at_once(kind, start):
    def die(run):
        run.write(PIECE)
        raise SystemExit

    kind(die)
    job = start([PIECE])
    with pytest.raises(SystemExit):
        work_once()

    assert work.cancel(job, ACTOR)
    assert not JobFile.objects.exists()


def test_files_that_ended_jobs_left_behind_are_swept_away(kind, start):
    kind(lambda run: run.write(b"a result"))
    job = start([PIECE])
    work_once()
    JobFile.objects.create(
        environment_id=job.environment_id, job=job, side=JobFile.Side.INPUT, position=0, content=PIECE
    )

    work.forget_old(now=timezone.now())

    assert list(JobFile.objects.values_list("side", flat=True)) == ["output"]
