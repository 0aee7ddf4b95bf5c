"""Addresses within the player pages, and which links may lead out of them. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import UUID

KEPT = ("darkMode", "isEmbedded", "lang")  # what an app said in the first address holds for the next ones
NEVER = {"javascript", "data", "vbscript", "file", "blob", "about", "http", ""}


@dataclass(frozen=True)
class Links:
    """The clean addresses of one visit: they hold its name, never its token."""

    visit: str
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def wallet(self) -> str:
        return self._to("/wallet/")

    def game(self, page: str, campaign_id: UUID | str, reward_user_id: UUID | None = None) -> str:
        named = {"campaignId": str(campaign_id)}
        if reward_user_id is not None:
            named["rewardUserId"] = str(reward_user_id)
        return self._to(f"/{page}/", named)

    def play(self, campaign_id: UUID) -> str:
        return self._to("/reward/play/", {"campaignId": str(campaign_id)})

    def _to(self, path: str, named: Mapping[str, str] | None = None) -> str:
        return f"{path}?{urlencode({'s': self.visit, **(named or {}), **self.kept})}"


def leads_out(link: str, schemes: Collection[str]) -> bool:
    """Whether a prize's link may be offered: https, or a scheme that the environment lists."""
    if not link.isprintable() or any(each in " \\" for each in link):
        return False
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host) and "@" not in parts.netloc
    listed = {str(each).lower().partition(":")[0] for each in schemes} - NEVER
    return parts.scheme in listed
