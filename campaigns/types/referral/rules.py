"""Referral: people invite friends, and both sides are rewarded once a friend has done what counts.

Two people's streams play together. That somebody registered with a referrer comes in the friend's;
what they do then, too; and each time the friend's side tells the referrer's by an internal event.
Registration sees to it that nobody has two referrers, refers themselves or stands in a circle.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from campaigns.types import triggers
from campaigns.types.base import (
    CampaignType,
    Config,
    Happening,
    Headline,
    Moment,
    News,
    NotAllowed,
    Occasion,
    Outcome,
    State,
    Step,
    Way,
)
from campaigns.types.referral import friends
from campaigns.types.referral.settings import check, defaults

REGISTERED, JOINED, QUALIFIED = "glu.registered", "glu.referral_joined", "glu.referral_qualified"
REFERRER, REFERRED = "referrer", "referred"


class Referral(CampaignType):
    slug = "referral"
    label = "Referral"
    page = "program"
    verb = "Invite a friend"
    about = "People invite friends, and both get a reward."
    rank = 130
    is_redrawn = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check(config, outcomes)

    def defaults(self) -> dict[str, Any]:
        return defaults()

    def start(self, config: Config) -> State:
        return {}

    def occasions(self, config: Config) -> tuple[Occasion, ...]:
        words = "The %(count)s. friend of one person"
        tiers = [Occasion(_tier(count), words, {"count": count}) for count in config["tiers"]]
        return (
            Occasion(REFERRER, "Each friend: for the one who invited"),
            Occasion(REFERRED, "Each friend: for the friend"),
            *tiers,
        )

    def listens(self, config: Config) -> frozenset[str]:
        by_event = triggers.names(config["trigger"]) if config["qualifies"] == "event" else ()
        return frozenset({REGISTERED, JOINED, QUALIFIED, *by_event})

    def happened(self, config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
        about = happening.properties
        if happening.name in {JOINED, QUALIFIED}:
            is_ours = about.get("campaign") == moment.campaign and about.get("gluId")
            if not is_ours or about.get("userId") == moment.player.user_id:
                return None
            tell = _joined if happening.name == JOINED else _qualified
            return tell(config, state, happening, moment)
        if happening.name == REGISTERED:
            return _registered(config, state, happening, moment)
        return _did(config, state, happening, moment)

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        raise NotAllowed("There is nothing to play here: share your link, and friends count by themselves.")

    def way(self, config: Config, state: State, moment: Moment) -> Way | None:
        count = friends.counted(state)
        ahead = [each for each in config["tiers"] if each > count] or config["tiers"][-1:]
        return Way(min(count, ahead[0]), ahead[0]) if ahead else None

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        if not friends.of(state):
            return None
        said = {"done": friends.counted(state), "pending": friends.pending(state)}
        text = "Friends who count: %(done)s · Pending: %(pending)s"
        return Headline("%(title)s", text, {"title": config.get("title", ""), **said})

    def button(self, config: Config, state: State, moment: Moment) -> str:
        return ""

    def card(self, config: Config, state: State, moment: Moment) -> str:
        return f"{friends.pending(state)} pending referrals"

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        count, invited, person = friends.counted(state), state.get("invited"), moment.player
        return {
            "link": person.referral_link,
            "referralCode": person.referral_code,
            "share": f"{config.get('message', '')} {person.referral_link or person.referral_code}".strip(),
            "todo": config.get("todo", "") if config["qualifies"] == "event" else "",
            "counted": count,
            "pending": friends.pending(state),
            "friends": friends.shown(state),
            "tiers": [{"friends": each, "reached": each <= count} for each in config["tiers"]],
            "invited": invited and _shown(config, invited, moment.now),
        }

    def merge(self, state: State, other: State) -> State:
        """Friends of both count once, and what was given is not given twice."""
        if not state or not other:
            return state or other
        lists = {"friends": friends.merged(state, other), "tiers": _together("tiers", state, other)}
        sides = [each["invited"] for each in (state, other) if "invited" in each]
        further = max(sides, key=lambda each: ("done" in each, each["n"]), default=None)
        kept = {name: value for name, value in lists.items() if name in {**state, **other}}
        return {**other, **state, **kept} | ({"invited": further} if further else {})

    def forget(self, state: State, ids: Collection[str]) -> State:
        """The friend or referrer still counts, but has no name and can't be told of anything."""
        side = state.get("invited")
        if side and side["by"] in ids:
            state = {**state, "invited": {**side, "by": "", "name": ""}}
        return friends.without_name(state, ids)

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"prize": bool(drawn and drawn.is_prize)}


def _registered(config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
    """The friend's side: somebody invited this person, who is told so."""
    by = happening.properties.get("referredBy")
    if not isinstance(by, str) or not by or by == moment.player.user_id or "invited" in state:
        return None
    name = str(happening.properties.get("referrerName") or "")
    side = {"by": by, "name": name, "at": happening.at.isoformat(), "n": 0}
    if config["qualifies"] == "registered":
        return _earned(state, side, happening, moment)
    return Step({**state, "invited": side}, ends=False, news=(News(by, JOINED),))


def _did(config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
    """The friend's side: something that may count."""
    side = state.get("invited")
    if side is None or _state_of(config, side, happening.at) != "joined":
        return None
    if not triggers.matches(config["trigger"], happening):
        return None
    side = {**side, "n": side["n"] + 1}
    if side["n"] < config["count"]:
        return Step({**state, "invited": side}, ends=False)
    return _earned(state, side, happening, moment)


def _earned(state: State, side: Mapping[str, Any], happening: Happening, moment: Moment) -> Step:
    done, friend = {**side, "done": happening.at.isoformat()}, (moment.player.user_id, moment.player.name)
    return Step(
        {**state, "invited": done},
        draws=(REFERRED,),
        details=_details("got_referred", (side["by"], side["name"]), friend),
        news=(News(side["by"], QUALIFIED),) if side["by"] else (),
    )


def _joined(config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
    """The referrer's side: a friend has registered."""
    friend = _friend(config, happening)
    if friends.find(state, friend["id"]) is not None:
        return None
    return Step(friends.with_friend(state, friend), ends=False)


def _qualified(config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
    """The referrer's side: a friend has done what counts, and counts if the limits allow."""
    known = friends.find(state, happening.properties["gluId"]) or _friend(config, happening)
    if "done" in known:
        return None
    today = friends.counted_on_day(state, happening.at, moment.zone)
    is_over = bool(config["a_day"]) and today >= config["a_day"]
    is_over = is_over or friends.counted(state) >= config["most"]
    friend = {**known, "done": happening.at.isoformat()} | ({"over": True} if is_over else {})
    after = friends.with_friend(state, friend)
    if is_over:
        return Step(after, ends=False)
    count, given = friends.counted(after), state.get("tiers", [])
    tiers = [each for each in config["tiers"] if each <= count and each not in given]
    about = happening.properties
    return Step(
        {**after, "tiers": [*given, *tiers]},
        draws=(REFERRER, *map(_tier, tiers)),
        completed=count >= config["most"],
        details=_details(
            "referred_a_friend",
            (moment.player.user_id, moment.player.name),
            (str(about.get("userId") or ""), str(about.get("name") or "")),
        ),
    )


def _friend(config: Config, happening: Happening) -> friends.Friend:
    name = friends.first_name(happening.properties.get("name")) if config["names"] else ""
    return {"id": happening.properties["gluId"], "name": name, "at": happening.at.isoformat()}


def _state_of(config: Config, side: Mapping[str, Any], at: datetime) -> str:
    """How the friend's side stands: "joined" while it may still count, "qualified", or "late"."""
    if "done" in side:
        return "qualified"
    joined = datetime.fromisoformat(side["at"])
    return "late" if config["days"] and at > joined + timedelta(days=config["days"]) else "joined"


def _shown(config: Config, side: Mapping[str, Any], now: datetime) -> dict[str, str]:
    by = friends.first_name(side["name"]) if config["names"] else ""
    return {"by": by, "state": _state_of(config, side, now)}


def _details(reason: str, a: tuple[str, str], b: tuple[str, str]) -> dict[str, str]:
    """What the reward webhook says of both: A invited B."""
    named = {"userAId": a[0], "userAName": a[1], "userBId": b[0], "userBName": b[1]}
    return {"reward_reason": reason} | {name: value for name, value in named.items() if value}


def _tier(count: int) -> str:
    return f"friends-{count}"


def _together(name: str, state: State, other: State) -> list[Any]:
    return list(dict.fromkeys([*state.get(name, []), *other.get(name, [])]))


TYPE = Referral()
