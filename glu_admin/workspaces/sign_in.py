"""Links that sign one member in, once: for the first start, and to invite without a mail server.

Only a hash is stored. Opening a link shows a button; the button uses the link up, so that a
preview of the link in a chat does not.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from glu_admin.workspaces.models import Member, SignInLink

LIFE = timedelta(hours=1)
SHOWN_FOR = timedelta(days=7)  # after its end, so that the admin can tell what became of it


class LinkSpentError(Exception):
    """The link is unknown, was used, or is too old."""


def create_link(member: Member, *, life: timedelta = LIFE) -> str:
    """The path of a new link; an absolute address is the caller's to make."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(member=member, token_hash=_hash(token), expires_at=timezone.now() + life)
    return reverse("sign-in-link", args=[token])


def holder(token: str, *, now: datetime) -> Member:
    """Whom the link would sign in; raises LinkSpentError. Uses nothing up."""
    link = _unused(token, now).select_related("member").filter(member__is_active=True).first()
    if link is None:
        raise LinkSpentError
    return link.member


def use(token: str, *, now: datetime) -> Member:
    """Use the link up and return its member; raises LinkSpentError. Of two at once, one wins."""
    member = holder(token, now=now)
    # asks the link's own columns only: joined to others, an update that waited for somebody
    # else's would still believe what it had read before
    if not _unused(token, now).update(used_at=now):
        raise LinkSpentError
    return member


def forget_old(*, now: datetime) -> int:
    """Drop the links that ended a week ago; how many they were."""
    return SignInLink.objects.filter(expires_at__lt=now - SHOWN_FOR).delete()[0]


def _unused(token: str, now: datetime) -> "QuerySet[SignInLink]":
    return SignInLink.objects.filter(token_hash=_hash(token), used_at=None, expires_at__gt=now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
