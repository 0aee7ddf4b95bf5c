"""The games beside Brewline's wheel: one of each kind is live, and two have a past.

Pure. They give points and small things, no codes; who plays as the demo's person finds all of them unplayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.demo import brand, calendar, draws, errands, roast_quiz
from campaigns.demo.brand import Prize
from campaigns.demo.calendar import Spin
from campaigns.demo.draws import Draw
from campaigns.demo.wheels import Wheel
from campaigns.types import get_type


@dataclass(frozen=True)
class Game:
    """A game as the brand's marketers made it. `days` ago it began; `plays` people have played it since."""

    type: str
    tag: str
    name: str
    body: str
    config: Mapping[str, Any]
    prizes: tuple[Prize, ...]
    days: int = 0
    plays: int = 0


NOTHING = "No prize"


def _points(weight: int, amount: int) -> Prize:
    return Prize(f"{amount} points", "points", (weight, weight), amount, f"{amount} points for your card.")


def _treat(weight: int, name: str, body: str) -> Prize:
    return Prize(name, "freebie", (weight, weight), 1, body, ("One a visit.",), days=14)


def _none(weight: int, name: str = NOTHING) -> Prize:
    return Prize(name, "noReward", (weight, weight), is_fallback=True)


def _for(occasion: str, prize: Prize) -> Prize:
    return replace(prize, occasion=occasion)


COFFEE = "Any coffee, on us."
GAMES = (
    Game(
        "scratchcard", "scratch-and-sip", "Scratch & sip", "A card a day, and a coffee on some.",
        {"title": "Scratch for a coffee", "cover": "Scratch here"},
        (_treat(8, "Free coffee", COFFEE), _points(22, 50), _points(40, 10), _none(30)),
        days=12, plays=420,
    ),
    Game(
        "giftbox", "lucky-box", "Lucky box", "Three boxes. Open one.",
        {"title": "Open your lucky box", "boxes": 3},
        (_treat(10, "Free cookie", "A cookie to go with your cup."), _points(50, 20), _none(40)),
        days=9, plays=260,
    ),
    Game(
        "slotmachine", "bean-slots", "Bean slots", "Three alike, and it is yours.",
        {"title": "Match three to win"},
        (
            _treat(4, "Free coffee", COFFEE), _treat(10, "Free cookie", "A cookie to go with your cup."),
            _points(16, 100), _points(30, 20), _none(40),
        ),
    ),
    Game(
        "rollthedice", "roll-for-a-refill", "Roll for a refill", "One roll a day.",
        {"title": "Roll for a refill", "dice": 1},
        (_treat(15, "Free refill", "Your next cup is filled again."), _points(45, 20), _none(40)),
    ),
    Game(
        "tossthecoin", "on-us", "Heads, it's on us", "Call the side, toss the coin.",
        {"title": "Heads or tails?", "call": "player"},
        (_treat(20, "Free espresso", "One espresso, on us."), _none(80, "Not this time")),
    ),
    Game(
        "memorygame", "memory-mornings", "Memory mornings", "Six pairs. The fewer moves, the better.",
        {"title": "Find all the pairs", "pairs": 6, "measure": "moves", "levels": [10, 15], "clock": 0,
         "consoles": False},
        (
            _for("moves-10", _treat(1, "Free coffee", COFFEE)), _for("moves-15", _points(1, 50)),
            _for("finished", _points(1, 20)), _none(0),
        ),
    ),
    Game(
        "quiz", "roast-quiz", "Roast quiz", "Five questions about your cup.", roast_quiz.CONFIG,
        (
            _for("band-100", _treat(30, "Free coffee", COFFEE)), _for("band-100", _points(70, 100)),
            _for("band-60", _points(1, 30)), _none(0),
        ),
    ),
    Game(
        "streak", "seven-days", "7-day streak", "A check-in a day. A coffee on the seventh.",
        get_type("streak").defaults() | {"title": "Seven days to a free coffee", "pause_days": 7},
        (_for("day-3", _points(1, 30)), _for("day-7", _treat(1, "Free coffee", COFFEE)), _none(0)),
    ),
    Game(
        "collectthestamps", "coffee-card", "Coffee card", "The tenth cup is on us.",
        get_type("collectthestamps").defaults()
        | {"title": "Ten cups, one on us", "trigger": {"event": "cup_bought", "where": []}, "cards": 0},
        (_for("stamp-5", _points(1, 50)), _for("full", _treat(1, "Free coffee", COFFEE)), _none(0)),
    ),
    Game(
        "multistep", "three-sips", "Three sips", "Three things to do, one coffee.", errands.STEPS,
        (_for("step-1", _points(1, 20)), _for("end", _treat(1, "Free coffee", COFFEE)), _none(0)),
    ),
    Game(
        "activity-scratchcard", "second-cup", "Second cup", "A card with every second order.", errands.CARD,
        (_treat(15, "Free cookie", "A cookie to go with your cup."), _points(45, 20), _none(40)),
    ),
    Game(
        "direct", "thank-you", "A thank-you", "From your baristas.", errands.THANKS,
        (_treat(1, "Free espresso", "One espresso, on us."), _none(0)),
    ),
    Game(
        "referral", "bring-a-friend", "Bring a friend", "Both of you drink.", errands.FRIENDS,
        (
            _for("referrer", _treat(1, "Free coffee", COFFEE)),
            _for("referred", _treat(1, "Free coffee", COFFEE)),
            _for("friends-3", _points(1, 200)), _for("friends-10", _points(1, 1000)), _none(0),
        ),
    ),
)  # fmt: skip


def past(
    joined: Sequence[datetime], glu_ids: Sequence[UUID], now: datetime, zone: ZoneInfo
) -> list[tuple[Wheel, list[Draw]]]:
    """Every game with what was played of it."""
    rng = Random(f"{brand.SEED}:games")  # noqa: S311  # a story, not a secret
    return [
        (_life(game, now, zone), draws.draw_all(game.tag, spins, glu_ids, len(spins), game.prizes))
        for game in GAMES
        for spins in [_spins(game, joined, rng, now, zone)]
    ]


def _life(game: Game, now: datetime, zone: ZoneInfo) -> Wheel:
    ends = calendar.day(now, zone, brand.DAYS - 1) + timedelta(days=brand.ENDS_IN_DAYS)
    return Wheel(
        tag=game.tag,
        name=game.name,
        banner={"title": game.name, "body": game.body},
        versions=(_began(game, now, zone), now) if game.plays else (now,),
        ends_at=calendar.instant(ends, zone),
        has_ended=False,
        plays_a_day=None if get_type(game.type).page == "program" else 1,
        type=game.type,
        config=game.config,
        prizes=game.prizes,
    )


def _began(game: Game, now: datetime, zone: ZoneInfo) -> datetime:
    return calendar.instant(calendar.day(now, zone, brand.DAYS - 1 - game.days), zone)


def _spins(game: Game, joined: Sequence[datetime], rng: Random, now: datetime, zone: ZoneInfo) -> list[Spin]:
    """One play a person, spread over the game's days; person 0 is kept for the visitor."""
    began = _began(game, now, zone)
    there = [number for number, at in enumerate(joined) if number and at < began]
    spins = []
    for person in rng.sample(there, game.plays):
        at = began + (now - began) * rng.random()
        spins.append(Spin(person, at, at.astimezone(zone).date()))
    return sorted(spins, key=lambda each: (each.at, each.person))
