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


class LinkSpentError(Exception):
    """The link is unknown, was used, or is too old."""


def create_link(member: Member, *, life: timedelta = LIFE) -> str:
    """The path of a new link; an absolute address is the caller's to make."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(member=member, token_hash=_hash(token), expires_at=timezone.now() + life)
    return reverse("sign-in-link", args=[token])


def holder(token: str, *, now: datetime) -> Member:
    """Whom the link would sign in; raises LinkSpentError. Uses nothing up."""
    link = _usable(token, now).select_related("member").first()
    if link is None:
        raise LinkSpentError
    return link.member


def use(token: str, *, now: datetime) -> Member:
    """Use the link up and return its member; raises LinkSpentError. Of two at once, one wins."""
    if not _usable(token, now).update(used_at=now):
        raise LinkSpentError
    return SignInLink.objects.select_related("member").get(token_hash=_hash(token)).member


def _usable(token: str, now: datetime) -> "QuerySet[SignInLink]":
    return SignInLink.objects.filter(
        token_hash=_hash(token), used_at=None, expires_at__gt=now, member__is_active=True
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
