"""`/wallet/`, `/reward/`, `/program/`, and the play that their pages send."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ParseError

from campaigns import catalog, engine, entries
from campaigns.catalog import CatalogCampaign
from campaigns.pages import answers, games, plays, policy, telling
from campaigns.pages.answers import Event
from campaigns.pages.visits import Visit, open_visit
from campaigns.pages.wallet import wallet as wallet_of
from glu_admin.api import errors
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer as json_answer
from glu_admin.api.json import load_object
from glu_admin.api.throttles import limit
from glu_admin.observability.addresses import client_address

View = Callable[[HttpRequest, datetime], HttpResponse]
INVALID = "Invalid campaignId, opening Wallet"
OURS = {"same-origin", "none"}  # what a browser says of a request that our own page sent


def player_page(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A page in the browser's language that refuses in the same look, and may be framed."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        with translation.override(answers.language_of(request)):
            try:
                limit("address", client_address(request), path=request.path)
                return view(request, timezone.now())
            except (ApiError, ParseError, OperationalError, InterfaceError) as error:
                refusal = _as_refusal(error)
                request.glu_refusal = refusal.code  # type: ignore[attr-defined]  # for the log
                return _refused(request, refusal)

    return xframe_options_exempt(wrapped)


@require_safe
@player_page
def wallet(request: HttpRequest, now: datetime) -> HttpResponse:
    return _wallet(request, open_visit(request, now=now), now)


@require_safe
@player_page
def game(request: HttpRequest, now: datetime) -> HttpResponse:
    """A campaign by `campaignId` (id or tag) or by the `rewardUserId` of one of its plays."""
    visit = open_visit(request, now=now)
    wanted = _uuid(request.GET.get("rewardUserId"))
    campaign = _campaign(request, visit, wanted)
    if campaign is None:
        return _wallet(request, visit, now, unknown=_asked_for(request))
    engine.opened(visit.config, visit.person, campaign, now=now)
    links = answers.links_of(request, visit)
    scene, progress = games.scene(visit, campaign, links, now=now, wanted=wanted)
    games.see(visit, scene)
    telling.game_opened(request, visit, scene)
    return answers.page(
        request,
        visit,
        "player/game.html",
        path=f"/{campaign.kind.page}/",
        events=[],
        context=games.context(scene, progress),
        look=campaign.look,
    )


@csrf_exempt  # the key is a secret between this person and our page, which no other site can know
@require_http_methods(["GET", "HEAD", "POST"])
@player_page
def play(request: HttpRequest, now: datetime) -> HttpResponse:
    """A play sent by a page: its script gets the new parts of the page, its plain form the page again."""
    if request.method != "POST":  # where the form of a tab that only its storage knows was refused
        address = "?".join(filter(None, ["/reward/", request.META.get("QUERY_STRING")]))
        return HttpResponseRedirect(address, status=303, headers=policy.HEADERS)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in OURS:
        raise ApiError("foreign_page", "Only our own pages may play here.", status=403)
    visit = open_visit(request, now=now)
    campaign = catalog.of(visit.config).by_id(request.GET.get("campaignId", ""))
    if campaign is None:
        raise ApiError("campaign_not_found", "This campaign does not exist.", status=404)
    key = request.headers.get("Idempotency-Key")
    body: dict[str, Any] = load_object(request) if key else {"action": _form_action(request)}
    key = key or request.POST.get("key", "")
    plays.check_key(visit, campaign, key)
    try:
        data = engine.act(visit.identity, str(campaign.id), key=key, body=body, now=now)
    except ApiError as error:
        elsewhere = None
        if error.code == "idempotency_key_reused":  # another page of this attempt chose otherwise first
            elsewhere = entries.reward_user_id(campaign.id, visit.identity.glu_id, plays.attempt_of(key))
        return _not_played(request, visit, campaign, error, now, made=elsewhere)
    made = UUID(data["rewardUserId"]) if "playId" in data else None  # a move is no attempt yet
    if made:
        telling.played(visit, campaign, data, now=now)
    if not _is_script(request):
        return _see_result(request, visit, campaign, made)
    return _told({"success": True, "data": data} | _news(request, visit, campaign, now, made))


def _wallet(request: HttpRequest, visit: Visit, now: datetime, unknown: str = "") -> HttpResponse:
    links = answers.links_of(request, visit)
    text = request.GET.get("skip", "0")
    skip = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
    found = wallet_of(visit, links, now=now, skip=skip)
    telling.wallet_opened(request, visit, now=now)
    events: list[Event] = [
        ("ANALYTICS", _analytics("wallet_interaction", pageName="wallet", action="load_success"))
    ]
    if unknown:
        events.append(("CG_INVALID_CAMPAIGN_ID", {"campaignId": unknown, "message": INVALID}))
    older = f"{links.wallet}&{urlencode({'skip': skip + len(found.rewards)})}" if found.older else ""
    context = {"wallet": found, "name": visit.person.name, "older_url": older}
    return answers.page(request, visit, "player/wallet.html", path="/wallet/", events=events, context=context)


def _campaign(request: HttpRequest, visit: Visit, wanted: UUID | None) -> CatalogCampaign | None:
    known = catalog.of(visit.config)
    if name := request.GET.get("campaignId"):
        return known.by_id(name)
    if wanted is None:
        return None
    progress = engine.progress_of(visit.config, visit.person.id)
    return entries.campaign_of(visit.config, visit.person, progress, wanted)


def _asked_for(request: HttpRequest) -> str:
    return (request.GET.get("campaignId") or request.GET.get("rewardUserId") or "")[:255]


def _news(
    request: HttpRequest, visit: Visit, campaign: CatalogCampaign, now: datetime, made: UUID | None
) -> dict[str, Any]:
    """The page's parts as they are after a play, or after one that was refused."""
    scene, _ = games.scene(visit, campaign, answers.links_of(request, visit), now=now, wanted=made)
    games.see(visit, scene)
    brand = visit.config.environment.workspace.name
    return games.news(scene, brand)


def _form_action(request: HttpRequest) -> dict[str, Any]:
    """What a plain form says of its play: the fields named "action.…"; several of a name are a list."""
    named = [(name.partition("action."), texts) for name, texts in request.POST.lists()]
    return {
        field: texts if len(texts) > 1 else texts[0]
        for (before, mark, field), texts in named
        if mark and not before
    }


def _not_played(
    request: HttpRequest,
    visit: Visit,
    campaign: CatalogCampaign,
    error: ApiError,
    now: datetime,
    *,
    made: UUID | None,
) -> HttpResponse:
    """The page as it stands; `made` is the attempt as it was played before."""
    if made is None and (error.status != 409 or error.code == "play_in_progress"):
        raise error
    if not _is_script(request):
        return _see_result(request, visit, campaign, made)
    news = _news(request, visit, campaign, now, made)
    return _told(errors.told(error) | news, status=error.status)


def _see_result(
    request: HttpRequest, visit: Visit, campaign: CatalogCampaign, made: UUID | None
) -> HttpResponse:
    links = answers.links_of(request, visit)
    address = links.game(campaign.kind.page, campaign.id, made)
    return HttpResponseRedirect(address, status=303, headers=policy.HEADERS)


def _refused(request: HttpRequest, error: ApiError) -> HttpResponse:
    if not _is_script(request):
        return answers.refusal(request, error)
    news = games.parts(answers.refused(error), {})
    return _told(errors.told(error) | news, status=error.status, headers=error.headers)


def _told(body: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    answer = json_answer(body, status=status)
    for name, value in {**policy.HEADERS, **(headers or {})}.items():
        answer.headers[name] = value
    return answer


def _as_refusal(error: Exception) -> ApiError:
    match error:
        case ApiError():
            return error
        case ParseError():
            return ApiError("malformed_json", str(error.detail))
    return ApiError("busy", "The service is busy or restarting. Try again in a moment.", status=503)


def _is_script(request: HttpRequest) -> bool:
    return "Idempotency-Key" in request.headers


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _analytics(name: str, **properties: str) -> dict[str, Any]:
    return {"event_name": name, "event_properties": properties}
