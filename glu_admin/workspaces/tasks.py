"""Background work of workspaces: what nobody can sign in with any more goes."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from glu_admin.workspaces import sign_in


@shared_task
def forget_sign_ins() -> None:
    """Drop old links and sessions; may run twice, or late."""
    sign_in.forget_old(now=timezone.now())
    SessionStore.clear_expired()
