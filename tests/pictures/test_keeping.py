"""Pictures of a workspace: sent by its members, kept once, shown to whoever knows the address."""

import hashlib

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from glu_admin.pictures import keeping, names
from glu_admin.pictures.models import Picture
from glu_admin.pictures.reading import Use
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.pictures.drawing import SVG, file, logo

ADD = "/c/test/pictures/"
LOGO = file(logo(), "PNG")
ACTOR = Actor("a test")


def send(client, content, *, use="logo", path=ADD, name="logo.png"):
    return client.post(path, {"use": use, "file": SimpleUploadedFile(name, content, "image/png")})


@pytest.mark.django_db
def test_a_picture_that_was_sent_is_shown_for_ever_and_can_do_nothing(owner, workspace):
    sent = send(owner, LOGO).json()
    shown = owner.get(sent["address"])

    sha256 = hashlib.sha256(shown.content).hexdigest()
    assert sent["address"] == f"/pictures/{workspace.pk}/{sha256}.webp"
    assert (sent["name"], sent["width"], sent["height"]) == (f"{sha256}-300x120-dark", 300, 120)
    assert shown.headers["Content-Type"] == "image/webp"
    assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in shown.headers
    assert "Cookie" not in shown.headers.get("Vary", "")


@pytest.mark.django_db
def test_the_same_picture_sent_twice_is_one(owner, workspace):
    assert send(owner, LOGO).json() == send(owner, LOGO, path="/c/live/pictures/").json()

    assert Picture.objects.filter(workspace=workspace).count() == 1
    assert AuditEntry.objects.filter(action="picture.added").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SVG, "Save it as PNG"),
        (b"", "Choose a picture"),
        (LOGO + b"\0" * 20 * 2**20, "The file has 20.0 MB; a picture may have 8"),
        (LOGO + b"\0" * settings.FILE_UPLOAD_MAX_MEMORY_SIZE, "The file has 21.0 MB; a picture may have 8"),
    ],
    ids=["an SVG called .png", "empty", "20 MB", "more than is kept"],
)
def test_what_is_refused_is_told_and_not_kept(owner, content, said):
    answer = send(owner, content)

    assert answer.status_code == 400
    assert said in answer.json()["message"]
    assert not Picture.objects.exists()


@pytest.mark.django_db
def test_a_picture_for_nothing_is_refused(owner):
    assert send(owner, LOGO, use="poster").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "status"), [("marketer", 200), ("developer", 200), ("viewer", 403)])
def test_who_may_change_campaigns_may_send_pictures(as_role, role, status):
    assert send(as_role(role), LOGO).status_code == status


@pytest.mark.django_db
def test_a_stranger_s_picture_is_none_of_ours(client, test_env):
    theirs = keys.create_workspace("Strangers").environments.get(kind="test")
    name = keeping.keep(theirs, LOGO, Use.LOGO, ACTOR)

    assert keeping.missing(test_env, {name}) == {name}
    assert keeping.missing(theirs, {name}) == set()
    assert client.get(names.shown(test_env.workspace_id, name).address).status_code == 404


@pytest.mark.django_db
def test_an_address_without_a_picture_is_not_found_and_not_kept(client, workspace):
    answer = client.get(f"/pictures/{workspace.pk}/{'0' * 64}.webp")

    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


@pytest.mark.django_db
def test_test_and_live_share_their_pictures(test_env, live_env):
    name = keeping.keep(test_env, LOGO, Use.LOGO, ACTOR)

    assert keeping.missing(live_env, {name}) == set()


@pytest.mark.parametrize("name", ["", "logo.png", "0" * 64, f"{'0' * 64}-0x9", f"{'g' * 64}-9x9", "../" * 30])
def test_what_is_no_name_shows_nothing(name, workspace_id="b5b7b0f6-2c1c-4a53-9e1b-6a1f0a3f4b11"):
    assert names.shown(workspace_id, name) is None
