"""How people come to a campaign or their wallet: a link and its QR code. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

import segno

from campaigns.models import Campaign
from campaigns.types import get_type

ANY_USER = "YOUR_USER_ID"


@dataclass(frozen=True)
class Share:
    """`url` opens the page for one person; `picture` is its QR code as a data address."""

    url: str
    picture: str

    @property
    def is_local(self) -> bool:
        """Whether the link leads no further than this computer, so that no phone can open it."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def share(base: str, campaign: Campaign, write_key: str, user_id: str) -> Share:
    """A direct link, which only environments that allow direct links open."""
    named = {"userId": user_id, "campaignId": str(campaign.pk)}
    return _share(base, get_type(campaign.type).page, write_key, named)


def wallet(base: str, write_key: str, ids: Mapping[str, str]) -> Share:
    """The same to the wallet of the person of these ids."""
    return _share(base, "wallet", write_key, ids)


def _share(base: str, page: str, write_key: str, named: Mapping[str, str]) -> Share:
    url = f"{base}/{page}/?{urlencode({'writekey': write_key, **named})}"
    return Share(url, segno.make(url, error="m", micro=False).svg_data_uri(scale=4, border=2))
