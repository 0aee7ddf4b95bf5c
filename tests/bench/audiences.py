"""Audiences of a bench: a segment of three conditions for each campaign, the same for both programs."""

from typing import Any

TIERS = ("bronze", "silver", "gold", "platinum")


def attributes(n: int) -> dict[str, Any]:
    """What person n says."""
    return {"tier": TIERS[n % 4], "orders": n % 50, "language": "en"}


def rule(n: int) -> dict[str, Any]:
    """Whom campaign n is for: about nine of ten people, and of the first ones everybody."""
    of_other_tier = {"not": {"field": "attributes.tier", "operator": "is", "value": TIERS[n % 4]}}
    buys = {"field": "attributes.orders", "operator": "at_least", "value": n // 4}
    reads = {"field": "attributes.language", "operator": "is_not", "value": "xx"}
    return {"all": [{"any": [of_other_tier, buys]}, reads]}
