"""Links that sign in: each opens once, even for two who click at the same moment."""

import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from glu_admin.workspaces import sign_in
from glu_admin.workspaces.models import Member, SignInLink
from glu_admin.workspaces.tasks import forget_sign_ins

LONG = 10  # seconds that a test waits before it says that something hangs


def token_of(path):
    return path.rstrip("/").rpartition("/")[2]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_once_one_gets_in():
    token = token_of(sign_in.create_link(Member.objects.create_user("ada@example.com")))
    got_in: list[Member] = []

    def use():
        try:
            got_in.append(sign_in.use(token, now=timezone.now()))
        except sign_in.LinkSpentError:
            pass
        finally:
            connection.close()

    with transaction.atomic():
        sign_in.use(token, now=timezone.now())
        second = threading.Thread(target=use)
        second.start()
        second.join(0.3)  # it waits for the link that the first holds
    second.join(LONG)

    assert not got_in


@pytest.mark.django_db
def test_a_link_of_a_member_who_left_opens_nothing():
    member = Member.objects.create_user("ada@example.com")
    token = token_of(sign_in.create_link(member))
    Member.objects.filter(pk=member.pk).update(is_active=False)

    with pytest.raises(sign_in.LinkSpentError):
        sign_in.use(token, now=timezone.now())


@pytest.mark.django_db
def test_old_links_and_sessions_are_forgotten():
    member, now = Member.objects.create_user("ada@example.com"), timezone.now()
    for life in (timedelta(hours=1), timedelta(days=-6), timedelta(days=-8)):
        sign_in.create_link(member, life=life)
    for number, ends in enumerate((now - timedelta(1), now + timedelta(1))):
        Session.objects.create(session_key=str(number), session_data="", expire_date=ends)

    forget_sign_ins()

    assert SignInLink.objects.count() == 2
    assert Session.objects.get().session_key == "1"
