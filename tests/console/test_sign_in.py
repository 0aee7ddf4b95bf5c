import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from glu_admin.api import throttles
from glu_admin.console.sign_in import LOCKED, WRONG
from glu_admin.workspaces import sign_in
from glu_admin.workspaces.models import AuditEntry, Member, Membership, SignInLink, Workspace
from tests.console.conftest import PASSWORD


@pytest.fixture(autouse=True)
def fresh_minute(monkeypatch):
    monkeypatch.setattr(throttles, "_minute", throttles.SlidingMinute())


def try_password(client, email, password, **more):
    return client.post("/sign-in/", {"email": email, "password": password, **more})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_a_member_signs_in_by_password_in_any_case_of_the_address(client, member_of):
    member_of("viewer", "vera@brewline.test")

    answer = try_password(client, "Vera@Brewline.test", PASSWORD)

    assert answer.status_code == 302
    assert answer.url == "/"
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, member_of):
    member_of("viewer", "vera@brewline.test")

    wrong = try_password(client, "vera@brewline.test", "not-it")
    unknown = try_password(client, "nobody@brewline.test", "not-it")

    assert wrong.status_code == unknown.status_code == 400
    assert WRONG in wrong.text
    hide = re.compile(r'value="[^"]*"')
    assert hide.sub("", wrong.text) == hide.sub("", unknown.text)


def test_ten_wrong_passwords_lock_the_account_even_for_the_right_one(client, member_of):
    member_of("owner", "olga@brewline.test")

    for _ in range(9):
        assert WRONG in try_password(client, "olga@brewline.test", "guess").text
    tenth = try_password(client, "olga@brewline.test", "guess")
    right = try_password(client, "olga@brewline.test", PASSWORD)

    assert tenth.status_code == right.status_code == 429
    assert LOCKED in right.text
    assert not is_signed_in(client)


def test_what_is_locked_is_the_account_at_that_address(client, member_of):
    member_of("owner", "olga@brewline.test")
    for _ in range(10):
        try_password(client, "olga@brewline.test", "guess")

    elsewhere = client.post(
        "/sign-in/", {"email": "olga@brewline.test", "password": PASSWORD}, REMOTE_ADDR="198.51.100.7"
    )

    assert elsewhere.status_code == 302


def test_signing_in_forgets_earlier_slips(client, member_of):
    member_of("owner", "olga@brewline.test")
    for _ in range(2):
        for _ in range(9):
            try_password(client, "olga@brewline.test", "guess")
        try_password(client, "olga@brewline.test", PASSWORD)

    assert is_signed_in(client)


def test_a_locked_account_does_not_lock_others(client, member_of):
    member_of("owner", "olga@brewline.test")
    member_of("viewer", "vera@brewline.test")
    for _ in range(10):
        try_password(client, "olga@brewline.test", "guess")

    try_password(client, "vera@brewline.test", PASSWORD)

    assert is_signed_in(client)


def test_an_address_that_tries_too_often_in_a_minute_is_slowed(client, db, settings):
    settings.THROTTLES = settings.THROTTLES | {"sign-in": 3}
    for n in range(3):
        assert try_password(client, f"a{n}@example.com", "guess").status_code == 400

    answer = try_password(client, "a4@example.com", "guess")

    assert answer.status_code == 429
    assert "Too many requests" in answer.text


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/c/live/campaigns/", "/c/live/campaigns/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_signing_in_leads_on_to_pages_of_ours_only(client, member_of, wanted, reached):
    member_of("viewer", "vera@brewline.test")

    assert try_password(client, "vera@brewline.test", PASSWORD, next=wanted).url == reached


def test_signing_in_gives_a_new_session(client, member_of):
    member_of("viewer", "vera@brewline.test")
    client.session.save()
    client.cookies["sessionid"] = client.session.session_key
    before = client.session.session_key

    try_password(client, "vera@brewline.test", PASSWORD)

    assert client.session.session_key != before


def test_signing_out_takes_a_post(owner):
    assert owner.get("/sign-out/").status_code == 405
    assert is_signed_in(owner)

    owner.post("/sign-out/")

    assert not is_signed_in(owner)


def test_looking_at_a_link_uses_nothing_up_and_pressing_its_button_works_once(client, member_of):
    path = sign_in.create_link(member_of("owner", "olga@brewline.test"))

    assert "Sign in as olga@brewline.test" in client.get(path).text
    assert not is_signed_in(client)
    assert client.post(path).status_code == 302
    assert is_signed_in(client)
    client.post("/sign-out/")
    second = client.post(path)

    assert second.status_code == 410
    assert "does not work any more" in second.text
    assert not is_signed_in(client)


def test_who_is_signed_in_already_is_led_on_by_a_link_that_was_used(client, member_of):
    path = sign_in.create_link(member_of("owner", "olga@brewline.test"))
    client.post(path)

    again = client.get(path)

    assert again.status_code == 410
    assert "You are signed in already, as olga@brewline.test." in again.text
    assert "Open the console" in again.text


def test_a_link_is_too_old_after_an_hour(client, member_of):
    path = sign_in.create_link(member_of("owner"))
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410


def test_a_link_of_somebody_who_was_switched_off_does_not_work(client, member_of):
    member = member_of("owner")
    path = sign_in.create_link(member)
    Member.objects.filter(pk=member.pk).update(is_active=False)

    assert client.post(path).status_code == 410


def test_a_dump_of_the_links_opens_nothing(member_of):
    token = sign_in.create_link(member_of("owner")).rstrip("/").rpartition("/")[2]

    assert token not in str(SignInLink.objects.values())


def test_who_came_by_link_is_asked_for_a_password_and_can_come_back_with_it(client, db, workspace):
    member = Member.objects.create_user("new@brewline.test")
    Membership.objects.create(workspace=workspace, member=member, role="viewer")

    answer = client.post(sign_in.create_link(member))
    assert answer.url == "/account/"
    saved = client.post(
        "/account/", {"name": "Nia", "new_password1": "long-and-mine-7", "new_password2": "long-and-mine-7"}
    )
    client.post("/sign-out/")
    try_password(client, "new@brewline.test", "long-and-mine-7")

    assert saved.status_code == 302
    assert is_signed_in(client)


def test_a_new_password_needs_the_old_one(owner):
    answer = owner.post(
        "/account/",
        {"old_password": "guess", "new_password1": "long-and-mine-7", "new_password2": "long-and-mine-7"},
    )

    assert answer.status_code == 400
    assert "This is not your current password." in answer.text
    assert Member.objects.get().check_password(PASSWORD)


def test_the_first_owner_is_made_with_a_workspace_and_a_link(client, db, capsys):
    call_command("create_owner", "olga@brewline.test", workspace="Brewline")

    path = capsys.readouterr().out.split()[-1]
    client.post(path)
    membership = Membership.objects.get()
    assert (membership.role, membership.workspace.name) == ("owner", "Brewline")
    assert is_signed_in(client)
    assert AuditEntry.objects.get().action == "member.invited"


def test_making_an_owner_of_a_member_raises_their_role(member_of, capsys):
    member_of("viewer", "vera@brewline.test")

    call_command("create_owner", "vera@brewline.test")

    assert Membership.objects.get().role == "owner"
    assert Workspace.objects.count() == 1


def test_an_owner_needs_a_real_address(db):
    with pytest.raises(CommandError, match="olga is not an e-mail address"):
        call_command("create_owner", "olga")
