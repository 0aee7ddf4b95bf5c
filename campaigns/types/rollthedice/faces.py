"""Which rolls stand for which outcome: dealt in turn, or as the marketer says. Pure."""

from campaigns.types.base import Config, ConfigError

FACES = 6


def all_rolls(config: Config) -> list[int]:
    return list(range(config["dice"], FACES * config["dice"] + 1))


def check(config: Config, outcomes: int) -> None:
    """Raise ConfigError unless the faces set by hand give each outcome some, and use each roll once."""
    by_hand = config.get("faces", [])
    if not isinstance(by_hand, list) or not all(isinstance(each, list) for each in by_hand):
        raise ConfigError("faces", "Faces are lists of numbers, one list for each outcome.")
    if not by_hand:
        return
    if len(by_hand) != outcomes or not all(by_hand):
        raise ConfigError(
            "faces", f"Give each outcome a line of faces: {len(by_hand)} lines, outcomes: {outcomes}."
        )
    known, named = all_rolls(config), [roll for line in by_hand for roll in line]
    if strange := [each for each in named if type(each) is not int or each not in known]:
        raise ConfigError("faces", f"{strange[0]} can't be rolled: faces are {known[0]} to {known[-1]}.")
    if twice := [each for each in known if named.count(each) > 1]:
        raise ConfigError("faces", f"{twice[0]} stands for two outcomes.")
    if missing := [each for each in known if each not in named]:
        raise ConfigError("faces", f"{missing[0]} stands for no outcome: it would never come up.")


def rolls_of(config: Config, outcomes: int, place: int) -> list[int]:
    """What may be rolled for the outcome at this place; no two outcomes share a roll."""
    by_hand = config.get("faces", [])
    if len(by_hand) == outcomes:
        return sorted(by_hand[place])
    return all_rolls(config)[place::outcomes]
