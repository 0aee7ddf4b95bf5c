"""What the pages of all types may draw with: moments in words, and links that may lead out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template

from campaigns.pages import links, times

register = template.Library()


@register.simple_tag(takes_context=True)
def when(context: Mapping[str, Any], moment: str) -> str:
    """A moment of a type's view, which is ISO 8601, as the person says it: "tomorrow at 09:00"."""
    return times.when(datetime.fromisoformat(moment), context["now"], context["zone"])


@register.simple_tag(takes_context=True)
def way_out(context: Mapping[str, Any], link: str) -> str:
    """A marketer's link if it may be offered, else ""."""
    return link if links.leads_out(link, context["schemes"]) else ""
