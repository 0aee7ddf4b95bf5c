"""Who opens a page: by a token in the address, a Bearer header, a cookie, or a direct link.

Credentials leave the address at once. They become an HttpOnly cookie under a name that is
made of the person, so that two people in one browser don't meet, and that says nothing.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from glu_admin.api.auth import open_with_write_key, remember
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.api.throttles import limit
from glu_admin.config import EnvironmentConfig
from users import people, tokens
from users.identity import signed
from users.models import EndUser
from users.people import Person
from users.registration import register
from users.registration_form import parse
from users.tokens import Identity, Subject

CREDENTIALS = ("token", "writekey", "writeKey", "userId", "anonymousId", "userHash")
COOKIE, PROBE = "glu_", "glup_"
NAME = re.compile(r"[A-Za-z0-9_-]{16}")
MOST_COOKIES = 8  # people in one browser; their tokens together must fit a request's header
PROBE_SECONDS = 60


@dataclass(frozen=True)
class Visit:
    """`fresh` holds the token that a cookie must keep from now on; "" if one does already."""

    identity: Identity
    person: Person
    fresh: str = ""

    @property
    def config(self) -> EnvironmentConfig:
        return self.identity.config

    @property
    def name(self) -> str:
        """The cookie's name, and `s` in the clean address."""
        return name_of(self.identity)

    @property
    def user_id(self) -> str | None:
        return self.person.user_id or self.person.anonymous_id


def name_of(identity: Identity) -> str:
    digest = hmac.digest(identity.config.key, f"visit:{identity.glu_id}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:12]).decode()


def open_visit(request: HttpRequest, *, now: datetime) -> Visit:
    """The person behind a request. Raises Unauthorized, or ApiError for a blocked or hasty one."""
    query = request.GET
    if "Authorization" in request.headers:
        identity, fresh = tokens.identify(request), ""
    else:
        if "writekey" in query or "writeKey" in query:
            token = fresh = _direct(request, now)
        else:
            token, fresh = query.get("token") or _kept(request), ""
        identity = tokens.read(token, now=now)
        remember(request, identity.config)
        limit("user", str(identity.glu_id), path=request.path)
        if "token" in query:
            # the app's own token lives longer than a browser should keep it
            fresh = tokens.page_token(identity, now=now)
    return Visit(identity, people.load(identity), fresh)


def keep(request: HttpRequest, answer: HttpResponseBase, visit: Visit) -> None:
    """Put the visit's token into its cookie, and beside it a mark that tells whether cookies work."""
    if not visit.fresh:
        return
    secure = request.is_secure() or settings.HTTPS
    life = int(tokens.PAGE_LIFE.total_seconds())
    _forget_some(request, answer, visit, secure)
    _set(answer, COOKIE + visit.name, visit.fresh, life, secure=secure, hidden=True)
    _set(answer, PROBE + visit.name, "1", PROBE_SECONDS, secure=secure, hidden=False)


def _kept(request: HttpRequest) -> str:
    name = request.GET.get("s", "")
    token = request.COOKIES.get(COOKIE + name) if NAME.fullmatch(name) else None
    if token is None:
        raise Unauthorized("token_missing", "This address holds no token and the browser keeps none for it.")
    return token


def _direct(request: HttpRequest, now: datetime) -> str:
    """A page token for a link with a bare write key and the client's id of a person."""
    query = request.GET
    config = open_with_write_key(request, query.get("writekey") or query.get("writeKey"))
    if not config.environment.allow_direct_links:
        raise ApiError(
            "direct_links_off",
            "Links with a bare writekey are switched off here. Open the address that the API gave.",
            status=403,
        )
    user_id, anonymous_id = query.get("userId", ""), query.get("anonymousId", "")
    signed.doubt(config, user_id or None, query.get("userHash"))
    subject = _subject(config, user_id, anonymous_id, now)
    if subject is None:
        raise ApiError("user_unknown", "There is no such user here. Register the user first.", status=404)
    return tokens.issue(config, subject, kind="page", now=now)


def _subject(config: EnvironmentConfig, user_id: str, anonymous_id: str, now: datetime) -> Subject | None:
    """Whom the client calls so; a visitor only while nobody knows who it is.

    Both ids together link the visitor to the user, as they do in a registration.
    """
    if "\0" in user_id + anonymous_id or not user_id + anonymous_id:
        return None
    known = EndUser.objects.filter(environment_id=config.id, merged_into=None)
    visitors = known.filter(user_id=None, anonymous_id=anonymous_id)
    if user_id and anonymous_id and visitors.exists():
        both = parse({"userId": user_id, "anonymousId": anonymous_id})
        return register(config, both, now=now).subject
    found = known.filter(user_id=user_id) if user_id else visitors
    row = found.values_list("glu_id", "user_id", "anonymous_id", "token_version").first()
    return Subject(*row) if row else None


def _forget_some(request: HttpRequest, answer: HttpResponseBase, visit: Visit, secure: bool) -> None:
    others = [each for each in request.COOKIES if each.startswith(COOKIE) and each != COOKIE + visit.name]
    for name in others[: max(0, len(others) - MOST_COOKIES + 1)]:
        _set(answer, name, "", 0, secure=secure, hidden=True)


def _set(
    answer: HttpResponseBase, name: str, value: str, seconds: int, *, secure: bool, hidden: bool
) -> None:
    answer.set_cookie(
        name, value, max_age=seconds, secure=secure, httponly=hidden, samesite="None" if secure else "Lax"
    )
    if secure:  # http.cookies knows Partitioned from Python 3.14 on
        answer.cookies[name]["samesite"] = "None; Partitioned"
