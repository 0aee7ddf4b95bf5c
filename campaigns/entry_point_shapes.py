"""Whether SDKs can decode an entry point: one wrong type, and an app drops all of them, or stops."""

from collections.abc import Mapping
from typing import Any

CONTAINERS = {"FLOATING", "POPUP", "PIP", "AD_POPUP", "BANNER", "EMBEDDED"}
# iOS unwraps what these need without asking whether it is there
COUNTED = {"FLOATING", "POPUP", "PIP", "AD_POPUP"}
PLATFORMS = ("android", "ios")
SCREENS = ("allowedActitivityList", "disallowedActitivityList")  # spelt like this on the wire
TEXT, TRUTH, WHOLE, NUMBER = (str,), (bool,), (int,), (int, float)
Shape = Mapping[str, tuple[type, ...]]

CONTAINER: Shape = dict.fromkeys(("type", "bannerId", "height", "width", "position", "borderRadius"), TEXT)
CONDITIONS: Shape = {
    **dict.fromkeys(("delay", "priority", "autoScrollSpeed"), WHOLE),
    **dict.fromkeys(("autoScroll", "draggable"), TRUTH),
    "backgroundOpacity": NUMBER,
    "backendValidations": TEXT,
}
SHOW_COUNT: Shape = {"count": WHOLE, "dailyRefresh": TRUTH}
CONTENT: Shape = {
    **dict.fromkeys(("_id", "campaignId", "openLayout", "url", "type", "darkUrl", "lightUrl"), TEXT),
    **dict.fromkeys(("absoluteHeight", "relativeHeight"), NUMBER),
    "closeOnDeepLink": TRUTH,
}


def can_be_shown(mobile: Any) -> bool:
    """Whether an entry point's `mobile` object may be listed."""
    if not isinstance(mobile, dict):
        return False
    container, shown = mobile.get("container"), mobile.get("content")
    return (
        isinstance(container, dict)
        and _is_container(container)
        and _are_conditions(mobile.get("conditions"), needed=container["type"] in COUNTED)
        and isinstance(shown, list)
        and bool(shown)
        and all(_has(each, CONTENT, "_id", "campaignId", "openLayout", "url") for each in shown)
    )


def _is_container(container: Mapping[str, Any]) -> bool:
    return (
        _has(container, CONTAINER, "type")
        and container["type"] in CONTAINERS
        and all(_names_screens(container.get(platform)) for platform in PLATFORMS)
        and (container["type"] not in COUNTED or container.get("ios") is not None)
    )


def _has(part: Any, shape: Shape, *needed: str) -> bool:
    """Whether the needed keys are there, and all known ones of their type; null counts as missing."""
    if not isinstance(part, dict):
        return False
    known = {key: part[key] for key in shape if part.get(key) is not None}
    # true is a number to Python alone
    return known.keys() >= set(needed) and all(
        isinstance(value, shape[key]) and (shape[key] is TRUTH or not isinstance(value, bool))
        for key, value in known.items()
    )


def _names_screens(platform: Any) -> bool:
    if platform is None:
        return True
    return isinstance(platform, dict) and all(_are_texts(platform.get(key)) for key in SCREENS)


def _are_texts(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(each, str) for each in names)


def _are_conditions(conditions: Any, *, needed: bool) -> bool:
    if conditions is None:
        return not needed
    if not _has(conditions, CONDITIONS, *(("priority", "delay") if needed else ())):
        return False
    count = conditions.get("showCount")
    return not needed if count is None else _has(count, SHOW_COUNT, *(("count",) if needed else ()))
