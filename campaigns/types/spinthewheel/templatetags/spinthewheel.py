"""Draws the wheel from what the type shows of a campaign."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from campaigns.types.spinthewheel import geometry
from campaigns.types.spinthewheel.geometry import Wheel

register = template.Library()


@register.simple_tag
def wheel(names: Sequence[str], widths: Sequence[float]) -> Wheel:
    return geometry.wheel(names, widths)


@register.simple_tag
def landed_angle(widths: Sequence[float], landed: Mapping[str, Any] | None) -> float:
    """How far the drawn wheel is turned: by the slice that was won, or not at all."""
    position = landed.get("slice") if landed else None
    return -geometry.angle(position, widths) if position else 0
