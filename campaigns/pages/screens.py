"""What a game page says: one screen for each state that a person can be in.

Pure: the campaign, where the person stands, the result to show and the time come in.
Before a play nothing of a result exists here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _

from campaigns import look
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import Progress, Standing
from campaigns.pages import links, times
from campaigns.pages.cards import Card, card_of
from campaigns.pages.links import Links
from campaigns.pages.plays import Result
from campaigns.types.base import Moment
from campaigns.types.words import Plural, Words

SAID = {"ended", "paused", "not_started", "not_eligible", "locked"}  # reasons with a screen of their own


@dataclass(frozen=True)
class Action:
    """A button: kind "play" (sends `key`, and a yes where it `accepts`), "link", "deeplink" or "retry"."""

    kind: str
    label: str
    href: str = ""
    key: str = ""
    accepts: bool = False


@dataclass(frozen=True)
class Screen:
    """`actions`: the first one is the main button."""

    state: str
    title: str
    text: str = ""
    card: Card | None = None
    actions: tuple[Action, ...] = ()
    landed: Mapping[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True)
class Scene:
    """All that decides which screen is shown."""

    campaign: CatalogCampaign
    standing: Standing
    progress: Progress
    moment: Moment
    result: Result | None
    sold_out: bool
    schemes: tuple[str, ...]
    links: Links
    key: str  # for the next play
    now: datetime
    zone: ZoneInfo
    brand: str = ""
    forces: bool = False  # a test user in Test may choose what is drawn
    first: CatalogCampaign | None = None  # which has to be finished before this one opens
    asks: bool = False  # whether nothing counts until the person joins

    @property
    def is_over(self) -> bool:
        """Whether this person's time is up, while the campaign goes on for others."""
        return self.campaign.kind.is_over(self.campaign.config, self.progress.state, self.moment)


def screen(scene: Scene) -> Screen:
    """The screen of a game page as it is opened, or after a play, in the campaign's own words."""
    return _worded(scene, _screen(scene))


def _screen(scene: Scene) -> Screen:
    if scene.result is not None:
        return _won(scene, scene.result) if scene.result.won else _lost(scene, scene.result)
    if scene.standing.may_play:
        if scene.is_over:
            return replace(_done(scene), state="ended")
        return _sold_out(scene) if scene.sold_out else _open(scene)
    if scene.standing.reason == "locked" and scene.first is not None:
        return _locked(scene, scene.first)
    return _done(scene) if scene.standing.reason == "done" else _closed(scene)


def _worded(scene: Scene, made: Screen) -> Screen:
    own = scene.campaign.look.says(made.state, get_language() or "")
    if not own:
        return made
    values = {
        "prize": scene.result.outcome if scene.result else "",
        "name": scene.moment.player.name,
        "plays": str(scene.standing.plays_left_today or scene.standing.plays_left or ""),
        "brand": scene.brand,
    }
    said = {part: look.filled(text, values) for part, text in own.items()}
    first, *rest = made.actions or (None,)
    if first is not None and "button" in said:
        first = replace(first, label=said["button"])
    actions = () if first is None else (first, *rest)
    title, text = said.get("title", made.title), said.get("text", made.text)
    return replace(made, title=title, text=text, actions=actions)


def playing() -> Screen:
    return Screen("playing", _("Good luck…"), _("Here it comes"))


def offline() -> Screen:
    again = Action("retry", _("Try again"))
    return Screen(
        "offline", _("You are offline"), _("Your play is safe. Connect to go on."), actions=(again,)
    )


def broken(code: str = "") -> Screen:
    again = Action("retry", _("Try again"))
    return Screen(
        "error",
        _("Something went wrong on our side"),
        _("Nothing is lost. Try again."),
        actions=(again,),
        note=code,
    )


def plays_left(standing: Standing) -> str:
    """ "1 play left today", "3 plays left", or nothing where there is no limit."""
    if standing.plays_left_today is not None:
        count = standing.plays_left_today
        return ngettext("%(count)d play left today", "%(count)d plays left today", count) % {"count": count}
    if standing.plays_left is not None:
        count = standing.plays_left
        return ngettext("%(count)d play left", "%(count)d plays left", count) % {"count": count}
    return ""


def _apart(name: str) -> str:
    """A name that keeps its own direction within words that run from right to left."""
    return f"\u2068{name}\u2069" if get_language_bidi() else name


def _play(scene: Scene, label: str) -> Action:
    return Action("play", label, href=scene.links.play(scene.campaign.id), key=scene.key)


def _again(scene: Scene) -> Action:
    """Another play: at once, or on a fresh page where people choose or scratch first."""
    campaign = scene.campaign
    label = _("Go on") if campaign.is_program else _("Play again")
    if campaign.kind.is_hands_on or campaign.kind.is_redrawn:
        return Action("link", label, href=scene.links.game(campaign.kind.page, campaign.id))
    return _play(scene, label)


def _wallet(scene: Scene, label: str) -> Action:
    return Action("link", label, href=scene.links.wallet)


def said(words: Words, values: Mapping[str, Any]) -> str:
    """What a type says, in the page's language; a marketer's own words are among the values."""
    if isinstance(words, Plural):
        told = ngettext(words.one, words.several, values[words.by])
    else:
        told = words and _(words)  # of no words gettext makes a catalogue's header
    return told % {name: _apart(str(value)) for name, value in values.items()} if values else told


def _open(scene: Scene) -> Screen:
    """What can be played now: a beginning, or something under way."""
    campaign, state = scene.campaign, scene.progress.state
    title = str(campaign.config.get("title") or campaign.card["title"])
    text = plays_left(scene.standing)
    if scene.asks:
        card = str(campaign.card.get("body", ""))
        join = replace(_play(scene, _("Join")), accepts=True)
        return Screen("pristine", title, card or text, actions=(join,))
    headline = campaign.kind.headline(campaign.config, state, scene.moment)
    button = campaign.kind.button(campaign.config, state, scene.moment)
    return Screen(
        "in-progress" if headline else "pristine",
        said(headline.title, headline.values) if headline else title,
        said(headline.text, headline.values) if headline else text,
        actions=(_play(scene, _(button)),) if button else (),
    )


def _done(scene: Scene) -> Screen:
    """A program with nothing left to do."""
    campaign = scene.campaign
    headline = campaign.kind.headline(campaign.config, scene.progress.state, scene.moment)
    return Screen(
        "completed",
        said(headline.title, headline.values) if headline else _("All done"),
        (headline and said(headline.text, headline.values)) or _("What you have won is in your wallet."),
        actions=(_wallet(scene, _("Open my wallet")),),
    )


def _won(scene: Scene, result: Result) -> Screen:
    reward = result.reward
    card = card_of(reward, scene.now, scene.zone) if reward else None
    again = scene.standing.may_play and not (scene.sold_out or scene.is_over)
    actions = []
    if reward and card and card.is_ready and links.leads_out(reward.deep_link, scene.schemes):
        actions.append(Action("deeplink", _("Use it now"), href=reward.deep_link))
    if again:
        actions.append(_again(scene))
    actions.append(_wallet(scene, _("Open my wallet")))
    return Screen(
        "won",
        _("You won %(prize)s") % {"prize": _apart(result.outcome)},
        card.use_by if card else "",
        card=card,
        actions=tuple(actions),
        landed=result.reveal,
        note=plays_left(scene.standing) if again else _next_play(scene),
    )


def _lost(scene: Scene, result: Result) -> Screen:
    if scene.sold_out:
        return _sold_out(scene, result.reveal)
    again, closing = scene.standing.may_play, scene.campaign.kind.closing(scene.campaign.config)
    text = plays_left(scene.standing) or _("You can try again.") if again else _next_play(scene)
    return Screen(
        "lost",
        _(closing) if closing else _("No prize this time"),
        text or ("" if closing else _("Thank you for playing.")),
        actions=((_again(scene),) if again else ()) + (_wallet(scene, _("Back to wallet")),),
        landed=result.reveal,
    )


def _sold_out(scene: Scene, landed: Mapping[str, Any] | None = None) -> Screen:
    text = _("Thank you for your interest. What you have won before is in your wallet.")
    return Screen(
        "sold_out",
        _("All prizes are gone"),
        text,
        actions=(_wallet(scene, _("Open my wallet")),),
        landed=landed,
    )


def _closed(scene: Scene) -> Screen:
    campaign, reason = scene.campaign, scene.standing.reason
    title, text = {
        "ended": _ended(scene),
        "paused": (_("A short break"), _("This game is paused. Come back a little later.")),
        "not_started": (_("Not open yet"), _starts(scene)),
        "not_eligible": (
            _("Not for you this time"),
            _("This game is for other members. Yours are in your wallet."),
        ),
        "no_plays_today": (_("You have played for today"), _next_play(scene)),
        "no_plays_left": (_("No plays left"), _("What you have won is in your wallet.")),
    }[reason]
    state = reason if reason in SAID else "no_plays"
    label = _("Open my wallet") if reason != "not_started" else _("Back to wallet")
    return Screen(state, title, text or str(campaign.card.get("body", "")), actions=(_wallet(scene, label),))


def _locked(scene: Scene, first: CatalogCampaign) -> Screen:
    """What comes first, and the way there."""
    name = {"name": _apart(first.card["title"])}
    there = Action("link", _("Open “%(name)s”") % name, href=scene.links.game(first.kind.page, first.id))
    actions = (there, _wallet(scene, _("Back to wallet")))
    return Screen("locked", _("Not yet"), _("Finish “%(name)s” first.") % name, actions=actions)


def _ended(scene: Scene) -> tuple[str, str]:
    text = _("Your rewards are still in your wallet.")
    ends = scene.campaign.ends_at
    if ends is None or ends > scene.now:
        return _("This campaign has ended"), text
    return _("This campaign ended on %(day)s") % {"day": times.last_day(ends, scene.now, scene.zone)}, text


def _starts(scene: Scene) -> str:
    if scene.standing.next_play_at is None:
        return ""
    return _("It starts %(when)s.") % {"when": times.when(scene.standing.next_play_at, scene.now, scene.zone)}


def _next_play(scene: Scene) -> str:
    if scene.standing.next_play_at is None:
        return ""
    when = times.when(scene.standing.next_play_at, scene.now, scene.zone)
    return _("You can play again %(when)s.") % {"when": when}
