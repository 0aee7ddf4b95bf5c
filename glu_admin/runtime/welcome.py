"""What a first look needs: keys, a sign-in link and the demo's ids, for run.json.

Parts above this one tell their facts through `register_provider`, because nothing here
may import them.
"""

from collections.abc import Callable
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from glu_admin.workspaces.keys import SCOPES, create_api_key
from glu_admin.workspaces.models import ApiKey, Environment, Member, Membership
from glu_admin.workspaces.sign_in import create_link

API_KEY_NAME = "glu run"

Provider = Callable[[Environment], dict[str, str]]
providers: list[Provider] = []


class Facts(TypedDict):
    """The content of run.json; a name that nobody knows is an empty text."""

    url: str
    pid: int
    environment: str
    writeKey: str
    apiKey: str
    signInUrl: str
    demoUserId: str
    campaignId: str
    receiverUrl: str


def register_provider(provider: Provider) -> Provider:
    """Let a part above this one tell `demoUserId` or `campaignId`; call it from AppConfig.ready."""
    if provider not in providers:
        providers.append(provider)
    return provider


def facts(*, url: str, pid: int) -> Facts:
    """Everything run.json says; makes a new API key and a new sign-in link each time."""
    environment = Environment.objects.filter(kind=Environment.Kind.TEST).order_by("created_at").first()
    told: Facts = {
        "url": url,
        "pid": pid,
        "environment": "",
        "writeKey": "",
        "apiKey": "",
        "signInUrl": "",
        "demoUserId": "",
        "campaignId": "",
        "receiverUrl": f"{url}/dev/receiver/",
    }
    if environment is None:
        return told
    for provider in providers:
        found = provider(environment)
        told["demoUserId"] = found.get("demoUserId", told["demoUserId"])
        told["campaignId"] = found.get("campaignId", told["campaignId"])
    key = environment.write_keys.filter(revoked_at=None).order_by("id").first()
    told["environment"] = str(environment.pk)
    told["writeKey"] = key.key if key else ""
    told["apiKey"] = _rotate_api_key(environment)
    told["signInUrl"] = url + _sign_in_path(environment)
    return told


def _rotate_api_key(environment: Environment) -> str:
    with transaction.atomic():
        # Stored hashed, so yesterday's secret can't be shown again: each run has its own.
        old = ApiKey.objects.filter(environment=environment, name=API_KEY_NAME, revoked_at=None)
        old.update(revoked_at=timezone.now())
        _, secret = create_api_key(environment, API_KEY_NAME, list(SCOPES))
    return secret


def _sign_in_path(environment: Environment) -> str:
    owner = (
        Member.objects.filter(
            is_active=True,
            memberships__workspace=environment.workspace_id,
            memberships__role=Membership.Role.OWNER,
        )
        .order_by("created_at")
        .first()
    )
    # to the overview: who looks around for the first time needs no password yet
    return f"{create_link(owner)}?next=/" if owner else ""
