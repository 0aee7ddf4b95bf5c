"""How people come to a campaign: its link and its QR code. Pure."""

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
    page = get_type(campaign.type).page
    query = urlencode({"writekey": write_key, "userId": user_id, "campaignId": str(campaign.pk)})
    url = f"{base}/{page}/?{query}"
    return Share(url, segno.make(url, error="m", micro=False).svg_data_uri(scale=4, border=2))
