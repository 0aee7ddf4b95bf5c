"""The symbols on the reels: which prize has which, by order or by the marketer's hand. Pure."""

from collections.abc import Sequence

from campaigns.types.base import Config, ConfigError

SYMBOLS = ("cup", "star", "heart", "clover", "gem", "bell", "crown", "moon")  # as they are drawn
LEAST = 4  # on a reel, so that three different ones can be picked in more than one way


def check(config: Config, prizes: int) -> None:
    """Raise ConfigError unless the symbols set by hand are known, all different, and one for each prize."""
    chosen = config.get("symbols", [])
    if not isinstance(chosen, list) or not all(each in SYMBOLS for each in chosen):
        raise ConfigError("symbols", f"The symbols are {', '.join(SYMBOLS)}.")
    if len(set(chosen)) != len(chosen):
        raise ConfigError("symbols", "Two prizes can't have the same symbol.")
    if chosen and len(chosen) != prizes:
        raise ConfigError(
            "symbols", f"Name one symbol for each prize, or none: {len(chosen)} named, prizes: {prizes}."
        )


def reel(config: Config, prizes: int) -> list[int]:
    """The numbers of the drawn symbols on a reel: the prizes' own in their order, then some that bring none.

    A draft may name too few symbols yet: the free ones follow.
    """
    chosen: Sequence[str] = config.get("symbols", [])
    own = [SYMBOLS.index(each) for each in chosen]
    free = [number for number in range(len(SYMBOLS)) if number not in own]
    return (own + free)[: max(LEAST, prizes)]
