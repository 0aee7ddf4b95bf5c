"""Coupon pools in the console: a file is checked, reported and added by who may, and by nobody else."""

import io
import re
import tempfile
from datetime import timedelta

import pytest
from django.core.files import uploadedfile
from django.core.management import CommandError, call_command
from django.urls import reverse

from glu_admin.workspaces import keys
from glu_admin.workspaces.models import AuditEntry, Member, Membership
from rewards import coupons, uploads
from rewards.models import Coupon, CouponPool, CouponUpload
from tests.rewards.conftest import ACTOR, NOW, codes, fill

pytestmark = pytest.mark.django_db
FILE = "code,expires_at,channel\nA-1,2030-01-01,SMS\n=cmd,,\nA-1,,\nA-2,,\n"


def member(workspace, role, email=None):
    person = Member.objects.create_user(email or f"{role}@brewline.example")
    Membership.objects.create(workspace=workspace, member=person, role=role)
    return person


@pytest.fixture
def marketer(workspace, client):
    person = member(workspace, "marketer")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return person


def page(name, pool, kind="test", **more):
    return reverse(name, kwargs={"kind": kind, "pk": pool.id} | more)


def send(client, pool, content=FILE, name="codes.csv", kind="test"):
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    file.name = name
    return client.post(page("coupon-upload-file", pool, kind), {"file": file}, follow=True)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_pool_is_made_and_listed_with_its_codes(client, marketer, test_env):
    answer = client.post(reverse("coupon-pools", kwargs={"kind": "test"}), {"name": "Spring"}, follow=True)
    pool = CouponPool.objects.get()
    fill(pool, codes(40))

    listed = client.get(reverse("coupon-pools", kwargs={"kind": "test"}))

    assert answer.redirect_chain[-1][0] == page("coupon-pool", pool)
    assert AuditEntry.objects.get(action="coupon_pool.create").member == marketer
    assert "Spring" in words(listed)
    assert 'value="40"' in listed.content.decode()


@pytest.mark.usefixtures("marketer")
def test_two_pools_of_one_name_are_refused(client, pool):
    answer = client.post(reverse("coupon-pools", kwargs={"kind": "test"}), {"name": pool.name})

    assert "There is a pool of this name." in words(answer)
    assert CouponPool.objects.count() == 1


@pytest.mark.usefixtures("marketer")
def test_a_file_is_reported_before_anything_is_added(client, pool):
    shown = words(send(client, pool))

    assert "2 of 4 rows can be added" in shown
    assert "A spreadsheet would run this as a formula" in shown
    assert "4 (same as 2)" in shown
    assert not Coupon.objects.exists()


def test_the_good_codes_are_added_when_the_member_says_so(client, marketer, pool, config):
    send(client, pool)
    upload = CouponUpload.objects.get()
    where = page("coupon-upload", pool, upload=upload.id)

    first = client.post(where, {"decision": "add"}, follow=True)
    again = client.post(where, {"decision": "add"}, follow=True)

    assert "2 codes are in the pool." in words(first)
    assert "Upload it again if need be" in words(again)
    assert coupons.reveal(config, pool.id, [1, 2, 3]) == {1: "A-1", 2: "A-2"}
    assert AuditEntry.objects.get(action="coupon_pool.add_codes").member == marketer
    assert not CouponUpload.objects.exists()


@pytest.mark.usefixtures("marketer")
def test_cancel_adds_nothing_and_lets_go_of_the_file(client, pool):
    send(client, pool)
    upload = CouponUpload.objects.get()

    client.post(page("coupon-upload", pool, upload=upload.id), {"decision": "cancel"})

    assert not Coupon.objects.exists()
    assert not CouponUpload.objects.exists()


@pytest.mark.usefixtures("marketer")
def test_the_rejected_rows_come_as_a_harmless_file(client, pool):
    send(client, pool)
    upload = CouponUpload.objects.get()

    answer = client.get(page("coupon-upload-rejected", pool, upload=upload.id))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="rejected-rows.csv"'
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "line,reason,row"
    assert lines[1].startswith("3,") and lines[1].endswith('"\'=cmd,,"')
    assert lines[2].startswith("4,The code stands in this file already. First on line 2.")


@pytest.mark.usefixtures("marketer")
def test_an_upload_is_stored_sealed_and_its_report_without_codes(client, pool):
    send(client, pool, "code\nPLANTED-CANARY\nPLANTED-CANARY\n=PLANTED-CANARY\n")

    upload = CouponUpload.objects.get()

    assert b"PLANTED" not in bytes(upload.sealed_file)
    assert "PLANTED" not in str(upload.report)


@pytest.mark.usefixtures("marketer")
def test_an_upload_is_nobody_elses(client, workspace, pool):
    send(client, pool)
    upload = CouponUpload.objects.get()
    client.force_login(member(workspace, "owner"), "django.contrib.auth.backends.ModelBackend")

    for name in ("coupon-upload", "coupon-upload-rejected"):
        answer = client.get(page(name, pool, upload=upload.id), follow=True)
        assert "Upload it again if need be" in words(answer)
        assert "=cmd" not in answer.content.decode()


def test_an_upload_expires_after_an_hour(marketer, pool):
    upload = uploads.keep(pool, marketer, "a.csv", b"A\n", now=NOW)

    assert uploads.find(pool, marketer, upload.id, now=NOW + timedelta(minutes=59)) == upload
    with pytest.raises(uploads.UploadError):
        uploads.find(pool, marketer, upload.id, now=NOW + timedelta(hours=1))
    assert uploads.forget_expired(now=NOW + timedelta(minutes=59)) == 0
    assert uploads.forget_expired(now=NOW + timedelta(hours=1)) == 1
    assert not CouponUpload.objects.exists()


def test_a_next_file_takes_the_place_of_the_one_before(marketer, workspace, pool):
    other = member(workspace, "owner")
    uploads.keep(pool, other, "theirs.csv", b"A\n", now=NOW)
    for name in ("first.csv", "second.csv"):
        uploads.keep(pool, marketer, name, b"A\n", now=NOW)

    assert set(CouponUpload.objects.values_list("file_name", flat=True)) == {"theirs.csv", "second.csv"}


def test_a_file_never_touches_the_disk(client, marketer, pool, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(uploadedfile.tempfile, "NamedTemporaryFile", refuse)

    assert "can be added" in words(send(client, pool, b"A-1\n" + b"x" * 4_000_000))
    assert "at most 20 MB" in words(send(client, pool, b"x" * (uploads.LARGEST + 2**21)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (b"x" * (uploads.LARGEST + 1), "at most 20 MB"),
        (b"\n" * (uploads.MOST_LINES + 1), "at most 200,000 lines"),
        (b"\r" * (uploads.MOST_LINES + 1), "at most 200,000 lines"),
    ],
)
@pytest.mark.usefixtures("marketer")
def test_a_file_that_can_not_be_taken_is_told_in_words(client, pool, content, told):
    assert told in words(send(client, pool, content))
    assert not CouponUpload.objects.exists()


@pytest.mark.usefixtures("marketer")
@pytest.mark.parametrize("content", [b"\xff\xfe\x41", b"\0\0\0", b'"', b"\x81\x8d\n", "=1\n\ud7ff".encode()])
def test_a_broken_file_is_reported_and_never_a_fault(client, pool, content):
    answer = send(client, pool, content, name="../../\u202eevil<script>.csv")

    assert answer.status_code == 200
    assert "can be added" in words(answer)
    assert "<script>." not in answer.content.decode()
    assert "/" not in CouponUpload.objects.get().file_name


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        ("viewer", "test", 403),
        ("developer", "test", 200),
        ("developer", "live", 403),
        ("marketer", "live", 200),
        ("owner", "live", 200),
    ],
)
def test_codes_are_added_by_roles_that_may(client, workspace, role, kind, status):
    pool = coupons.create_pool(workspace.environments.get(kind=kind), "A pool")
    client.force_login(member(workspace, role), "django.contrib.auth.backends.ModelBackend")

    assert client.get(page("coupon-pool", pool, kind)).status_code == 200
    assert send(client, pool, kind=kind).status_code == status
    assert CouponUpload.objects.exists() is (status == 200)


@pytest.mark.usefixtures("marketer")
def test_a_strangers_pool_does_not_exist(client, live_env):
    mine_in_live = coupons.create_pool(live_env, "Winter")
    foreign = coupons.create_pool(keys.create_workspace("Other").environments.get(kind="test"), "Foreign")

    for pool in (mine_in_live, foreign):
        assert client.get(page("coupon-pool", pool)).status_code == 404
        assert send(client, pool).status_code == 404
        assert pool.name not in words(client.get(reverse("coupon-pools", kwargs={"kind": "test"})))


@pytest.mark.usefixtures("marketer")
def test_a_page_of_many_pools_takes_few_statements(client, test_env, django_assert_max_num_queries):
    for n in range(30):
        fill(coupons.create_pool(test_env, f"Pool {n}"), codes(3, f"P{n}"))

    with django_assert_max_num_queries(12):
        client.get(reverse("coupon-pools", kwargs={"kind": "test"}))


def test_the_command_reports_and_adds_only_when_asked(pool, tmp_path, config):
    path = tmp_path / "codes.csv"
    path.write_text(FILE)
    said = io.StringIO()

    call_command("import_coupons", str(pool.id), str(path), stdout=said)
    assert "2 good codes" in said.getvalue()
    assert "Nothing was added" in said.getvalue()
    assert not Coupon.objects.exists()

    call_command("import_coupons", str(pool.id), str(path), "--add", stdout=said)
    assert "2 codes added." in said.getvalue()
    assert "A-1" not in said.getvalue()
    assert coupons.reveal(config, pool.id, [1]) == {1: "A-1"}


def test_the_command_says_what_is_wrong(pool, tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_coupons", str(pool.id), str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="There is no coupon pool"):
        call_command("import_coupons", "6bab1116-ae8e-4644-9cee-7a3d8ee9aff3", str(tmp_path / "none.csv"))


def test_a_sold_out_pool_says_so(client, marketer, pool):
    fill(pool, codes(2))
    coupons.void(pool, [1, 2], ACTOR, now=NOW)

    assert "Sold out" in words(client.get(page("coupon-pool", pool)))
    assert "sold out" in words(client.get(reverse("coupon-pools", kwargs={"kind": "test"})))
