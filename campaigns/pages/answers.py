"""Pages as answers: what every page knows, rendered in the person's language, with its headers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from campaigns import look as looks
from campaigns.look import LANGUAGES as NAMES
from campaigns.look import LINKS, OURS, Look
from campaigns.pages import dress, policy, screens, visits
from campaigns.pages.links import KEPT, Links
from campaigns.pages.screens import Screen
from campaigns.pages.visits import CREDENTIALS, Visit
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.config import EnvironmentConfig
from glu_admin.observability.context import request_id

Event = tuple[str, Mapping[str, Any] | None]
# a page may only claim a language that its words are in
LANGUAGES = {"en"} | {
    catalog.parent.parent.name
    for catalog in Path(__file__).parent.parent.glob("locale/*/LC_MESSAGES/django.mo")
}


def page(
    request: HttpRequest,
    visit: Visit,
    template: str,
    *,
    path: str,
    events: list[Event],
    context: Mapping[str, Any],
    look: Look | None = None,
) -> HttpResponse:
    """A page of this visit. `path` is the clean address that the browser shows from now on."""
    shared = _shared(request, visit.config, events, look) | {
        "page": path.strip("/"),
        "visit_name": visit.name,
        "clean_path": path,
        "user_id": visit.user_id,
        "brand": visit.config.environment.workspace.name,
        "languages": _languages(request, visit),
        "report_code": request_id()[:8],
    }
    answer = render(request, template, {**shared, **context})
    visits.keep(request, answer, visit)
    policy.secure(answer, visit.config, context.get("pictures", ()))
    return answer


def refusal(request: HttpRequest, error: ApiError) -> HttpResponse:
    """The page of a request that can't be served, in the same look; Test says why."""
    config: EnvironmentConfig | None = getattr(request, "glu_config", None)
    is_live = config is not None and not config.is_test
    is_secret = isinstance(error, Unauthorized) and not error.tell
    context = _shared(request, config, [("REFRESH_TOKEN", None)] if error.status == 401 else []) | {
        "page": "message",
        "screen": refused(error),
        "cause": "" if is_live or is_secret or error.status >= 500 else f"{error.code}: {error.message}",
        "brand": config.environment.workspace.name if config else "",
    }
    answer = render(request, "player/message.html", context, status=error.status)
    for name, value in error.headers.items():
        answer.headers[name] = value
    policy.secure(answer, config)
    return answer


def refused(error: ApiError) -> Screen:
    """What a person is told who can't be let in."""
    match error.status:
        case 401:
            return Screen(
                "refused", _("Open this again from the app"), _("This link has run out or is not complete.")
            )
        case 403 if error.code == "user_blocked":
            return Screen(
                "refused", _("You can't play here"), _("Ask the app's support if this is a mistake.")
            )
        case 403 | 404:
            return Screen("refused", _("Open this from the app"), _("This link can't be opened by itself."))
    return screens.broken(error.code)


def _languages(request: HttpRequest, visit: Visit) -> list[tuple[str, str, str]]:
    """Code, own name and address of each language that this page can be read in."""
    asked = {name: value for name, value in request.GET.items() if name not in CREDENTIALS}
    return [
        (code, name, f"?{urlencode({**asked, 's': visit.name, 'lang': code})}")
        for code, name in NAMES.items()
        if code in LANGUAGES
    ]


def links_of(request: HttpRequest, visit: Visit) -> Links:
    return Links(visit.name, {name: request.GET[name] for name in KEPT if name in request.GET})


def language_of(request: HttpRequest) -> str:
    """The language that was chosen on a page, else the browser's first that the pages speak."""
    chosen = request.GET.get("lang", "").lower()
    if chosen in LANGUAGES:
        return chosen
    for part in request.headers.get("Accept-Language", "").split(","):
        name = part.partition(";")[0].strip().lower()
        for known in (name, name.partition("-")[0]):
            if known in LANGUAGES:
                return known
    return str(settings.LANGUAGE_CODE)


def _shared(
    request: HttpRequest, config: EnvironmentConfig | None, events: list[Event], look: Look | None = None
) -> dict[str, Any]:
    dark = request.GET.get("darkMode", "").lower() == "true"
    workspace = config.environment.workspace if config else None
    look = look or (looks.of(workspace.look) if workspace else OURS)
    return {
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
        "dark": dark,
        "embedded": request.GET.get("isEmbedded", "").lower() == "true",
        **dress.of(look, workspace, dark=dark),
        "footer": [(_(label), look.links[name]) for name, label in LINKS.items() if look.links.get(name)],
        "origins": orjson.dumps(policy.origins(config)).decode(),
        "events": orjson.dumps(events).decode(),
    }
