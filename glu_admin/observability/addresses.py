"""Whose request is this? The client's address, behind a stated number of trusted proxies."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest, *_: object) -> str:
    """The address that the outermost trusted proxy saw; X-Forwarded-For is ignored without one."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return peer
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    chain = [*filter(None, forwarded), peer]
    return chain[max(0, len(chain) - 1 - settings.TRUSTED_PROXIES)]
