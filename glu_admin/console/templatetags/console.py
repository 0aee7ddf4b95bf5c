"""Template tags of the console: roles, the request's id, times and numbers as people read them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from glu_admin.observability.context import request_id as current_request_id
from glu_admin.workspaces import access

register = template.Library()
UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@register.simple_tag(takes_context=True)
def may(context: Any, permission: str) -> bool:
    """Whether the person who looks may: `{% may "campaigns.launch" as can_launch %}`."""
    return access.may(context["membership"].role, permission, context["kind"])


@register.simple_tag
def refusal(permission: str) -> str:
    """Why somebody may not, and who can."""
    return access.refusal(permission)


@register.simple_tag
def request_id() -> str:
    """The id to quote when something went wrong; works where there is no request to render with."""
    return current_request_id()


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """ "4 min ago", with the exact time for those who point at it."""
    if moment is None:
        return "never"
    words = span(timezone.now() - moment)
    text = "now" if words == "0 s" else f"{words} ago"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), text)


@register.filter
def until(moment: datetime | None) -> str:
    """ "6 d" until a moment; "" when there is none."""
    return span(moment - timezone.now()) if moment else ""


@register.filter
def exact(moment: datetime | None) -> str:
    return f"{moment:%d %b %Y, %H:%M:%S} UTC" if moment else ""


def span(length: timedelta) -> str:
    """A length of time in its largest unit: 40 s, 12 min, 5 h, 6 d."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"


@register.filter
def zoned(moment: datetime | None, zone: str) -> str:
    """ "28 Nov 2025, 09:00" on the clocks of a named zone; "" when there is none."""
    return f"{moment.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M}" if moment else ""


@register.filter
def percent(share: float) -> str:
    """A fraction as a number from 0 to 100, for the attributes of an SVG."""
    return f"{100 * share:.2f}"


@register.filter
def spread(band: Any) -> str:
    """The width of a band (`low`, `high`), for the attributes of an SVG."""
    return f"{max(1.0, 100 * (band.high - band.low)):.2f}"


@register.filter
def number(value: float) -> str:
    """A whole number as people read it: 12,486."""
    return f"{value:,}"
