"""What a marketer may say of a referral campaign, and what a new one begins with. Pure."""

from collections.abc import Sequence
from typing import Any

from campaigns.types import triggers
from campaigns.types.base import Config, ConfigError, Outcome
from campaigns.types.chance import TITLE_LENGTH, check_one_of, check_text

QUALIFIES = {
    "registered": "They register with the link or the code",
    "event": "They register, and then do something",
}
TASK_LENGTH = 120
MESSAGE_LENGTH = 200
MOST_COUNT = 100
MOST_DAYS = 365
MOST_FRIENDS = 500
MOST_TIERS = 8


def defaults() -> dict[str, Any]:
    return {
        "title": "Invite friends, and both of you win",
        "message": "Join me, and we both get a reward.",
        "qualifies": "registered",
        "trigger": {"event": "purchase", "where": []},
        "count": 1,
        "todo": "Place a first order",
        "days": 30,
        "most": 50,
        "a_day": 10,
        "tiers": [],
        "names": True,
    }


def check(config: Config, outcomes: Sequence[Outcome]) -> None:
    """Raise ConfigError unless a campaign with these settings can run."""
    check_text(config, "title", TITLE_LENGTH, "The title")
    check_text(config, "message", MESSAGE_LENGTH, "The message")
    check_text(config, "todo", TASK_LENGTH, "What a friend has to do")
    check_one_of(config, "qualifies", list(QUALIFIES), "Choose when a friend counts.")
    check_one_of(config, "names", [True, False], "Choose whether first names are shown.")
    if config["qualifies"] == "event":
        triggers.check(config.get("trigger"), "trigger")
        if not config.get("todo"):
            raise ConfigError("todo", "Say in a few words what a friend has to do: it stands on the page.")
    _check_number(config, "count", 1, MOST_COUNT, "How often a friend has to do it")
    _check_number(config, "days", 0, MOST_DAYS, "The days that a friend has for it")
    _check_number(config, "most", 1, MOST_FRIENDS, "The friends that count for one person")
    _check_number(config, "a_day", 0, MOST_FRIENDS, "The friends that count a day")
    _check_tiers(config.get("tiers"), config["most"])
    if not any(each.is_prize for each in outcomes):
        raise ConfigError("outcomes", "Give a reward to the one who invites, to the friend, or to both.")


def _check_number(config: Config, field: str, least: int, most: int, what: str) -> None:
    value = config.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(field, f"{what}: a whole number from {least} to {most}.")


def _check_tiers(tiers: object, most: int) -> None:
    message = f"Milestones are up to {MOST_TIERS} numbers of friends, each greater than the one before."
    if not isinstance(tiers, list) or len(tiers) > MOST_TIERS or any(type(each) is not int for each in tiers):
        raise ConfigError("tiers", message)
    if tiers != sorted(set(tiers)) or (tiers and tiers[0] < 2):
        raise ConfigError("tiers", f"{message} The first is 2 or more.")
    if tiers and tiers[-1] > most:
        raise ConfigError("tiers", f"Only {most} friends count for one person; a milestone lies beyond that.")
