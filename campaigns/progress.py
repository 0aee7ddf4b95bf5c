"""Moves people on in campaigns by what they did: a subscriber of the drain.

Inside the drain's transaction: the participations concerned are locked, each event is asked of the
campaign's type in its order, and what became of them is written once, with what it earned. A drain
that is killed repeats all of it. What is earned becomes a play a moment later (earnings.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from campaigns import earnings, internal, listening, moments, standings, tracks, ways
from campaigns.catalog import CatalogCampaign
from campaigns.earnings import Earned
from campaigns.eligibility import Progress
from campaigns.internal import Told
from campaigns.tracks import FoldedMeanwhile, Key, Track
from campaigns.types.base import Happening, Moment, News
from campaigns.ways import PLAIN
from glu_admin.config import EnvironmentConfig
from users import people
from users.events.subscribers import Happened
from users.people import Person
from users.segments import checks

READ_BY_SEGMENTS = "campaign"


@dataclass
class Walk:
    """One person in one campaign: where the events lead, and what they earn on the way."""

    config: EnvironmentConfig
    campaign: CatalogCampaign
    person: Person
    progress: Progress
    earned: list[Earned] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    moment: Moment | None = None  # of this attempt, which no event ends

    def take(self, event: Happened) -> None:
        """One event, if it counts and means anything."""
        if not listening.is_tracked(self.campaign, self.progress, event.received_at):
            return
        campaign, at = self.campaign, event.received_at
        if self.moment is None:
            self.moment = moments.of(campaign, self.person, self.progress.plays + 1, at)
        moment = replace(self.moment, now=at)
        happened_at = min(event.happened_at, at)
        happening = Happening(event.event_id, event.name, happened_at, event.properties)
        if campaign.ways is not PLAIN:
            start = campaign.kind.start(campaign.config)
            self.progress = ways.begun_again(campaign.ways, self.progress, start, at)
            self.progress = ways.earned(campaign.ways, self.progress, happening, moment)
        if event.name in campaign.listens:
            self._ask(event, happening, moment)

    def _ask(self, event: Happened, happening: Happening, moment: Moment) -> None:
        campaign, state = self.campaign, self.progress.state
        step = campaign.kind.happened(campaign.config, state, happening, moment)
        if step is None:
            return
        was_completed = self.progress.status == "completed"
        is_done = step.completed or was_completed
        self.progress = replace(
            self.progress,
            status="completed" if is_done else "in-progress",
            state=step.state,
            extra_plays=self.progress.extra_plays + step.extra_plays,
        )
        cause = earnings.of_event(event.id)
        self.earned += [
            Earned(campaign, self.person.id, occasion, cause, step.details)
            for occasion in step.draws
            if campaign.table.lot(occasion).total
        ]
        self.told += [self._news(each, cause) for each in step.news]
        if step.completed and not was_completed:
            self.progress = ways.completed(campaign.ways, self.progress, event.received_at)
            self.told += internal.completed(self.config, campaign, self.person, cause)

    def _news(self, news: News, cause: str) -> Told:
        about = {
            "campaign": self.campaign.name_in_urls,
            "userId": self.person.user_id or self.person.anonymous_id or "",
            "gluId": str(self.person.glu_id),
            "name": self.person.name or "",
        }
        return Told(news.to, news.event, about, f"{self.campaign.id}:{cause}:{news.event}:{news.to}")


def heard(config: EnvironmentConfig, events: Sequence[Happened]) -> None:
    """The subscriber."""
    listeners = listening.by_name(config)
    if not listeners:
        return
    concerned: dict[Key, list[Happened]] = {}
    for event in events:
        for campaign in listeners.get(event.name, ()):
            if listening.is_open(campaign, event.received_at, event.happened_at):
                concerned.setdefault((event.user_pk, campaign.id), []).append(event)
    if concerned:
        campaigns = {each.id: each for listed in listeners.values() for each in listed}
        _move_on(config, campaigns, concerned, timezone.now())


def _move_on(
    config: EnvironmentConfig,
    campaigns: Mapping[UUID, CatalogCampaign],
    concerned: dict[Key, list[Happened]],
    now: datetime,
) -> None:
    known = _known(config, {user_pk for user_pk, _ in concerned})
    kept = _for_whom_they_are(config, campaigns, [key for key in concerned if key[0] in known], now)
    if not kept:
        return
    found = tracks.lock(config, kept)

    def walk(key: Key, progress: Progress) -> Walk:
        walked = Walk(config, campaigns[key[1]], known[key[0]], progress)
        for event in concerned[key]:
            walked.take(event)
        return walked

    found |= _entered(config, campaigns, [key for key in kept if key not in found], walk, now)
    walks = [(track, walk(key, track.progress)) for key, track in sorted(found.items(), key=_in_order)]
    _keep(config, walks, now)


def _in_order(found: tuple[Key, Track]) -> Key:
    return found[0]


def _known(config: EnvironmentConfig, user_pks: Iterable[int]) -> dict[int, Person]:
    """Whoever is there still; raises FoldedMeanwhile."""
    found = people.by_keys(config.id, sorted(user_pks))
    if any(person.id != user_pk for user_pk, person in found.items()):
        raise FoldedMeanwhile
    return found


def _for_whom_they_are(
    config: EnvironmentConfig, campaigns: Mapping[UUID, CatalogCampaign], keys: Sequence[Key], now: datetime
) -> list[Key]:
    """Without those who are not in the campaign's audience: one statement, if any has an audience."""
    aimed = [key for key in keys if not campaigns[key[1]].audience.is_everybody]
    if not aimed:
        return list(keys)
    needs = frozenset[str]().union(*(campaigns[each].audience.needs for _, each in aimed))
    known = standings.known_each(config, sorted({user_pk for user_pk, _ in aimed}), needs, now=now)
    outside = {key for key in aimed if key[0] not in known or known[key[0]].why_not(campaigns[key[1]])}
    return [key for key in keys if key not in outside]


def _entered(
    config: EnvironmentConfig,
    campaigns: Mapping[UUID, CatalogCampaign],
    absent: Sequence[Key],
    walk: Callable[[Key, Progress], Walk],
    now: datetime,
) -> dict[Key, Track]:
    """The participations of those whom these events bring in. Nobody is entered for an event that
    means nothing to the campaign."""
    begun = {
        key: campaigns[key[1]].kind.start(campaigns[key[1]].config)
        for key in absent
        if listening.is_tracked(campaigns[key[1]], None, now)
    }
    moved = {}
    for key, state in begun.items():
        before = Progress(state=state)
        if walk(key, before).progress != before:
            moved[key] = state
    if not moved:
        return {}
    tracks.enter(config, moved, now)
    found = tracks.lock(config, moved)
    if found.keys() != moved.keys():  # somebody was merged or erased at this moment
        raise FoldedMeanwhile
    return found


def _keep(config: EnvironmentConfig, walks: Sequence[tuple[Track, Walk]], now: datetime) -> None:
    moved = [(track, walk.progress) for track, walk in walks if walk.progress != track.progress]
    if moved:
        tracks.write(config, moved, now)
    earned = [each for _, walk in walks for each in walk.earned]
    if earned:
        earnings.keep(config, earned, now)
        transaction.on_commit(earnings.ring)
    internal.tell(config, [each for _, walk in walks for each in walk.told], now=now)
    people_moved = {walk.person.id for track, walk in walks if walk.progress != track.progress}
    checks.mark(config, sorted(people_moved), READ_BY_SEGMENTS)
