"""The life of a campaign: created, checked, launched, paused, edited, ended, copied.

The only writer of campaigns. Whatever stops plays takes the campaign's row FOR UPDATE, so
that plays in flight either finish first or find it changed. Every change is audited.
"""

from dataclasses import fields as fields_in
from dataclasses import is_dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns import targeting
from campaigns.drafts import CampaignDraft, CampaignError, draft_of, fields_of
from campaigns.models import Campaign
from campaigns.readiness import ODDS, Check, NotReady, checks, refuse_unready
from campaigns.targeting import AudienceDraft, AudienceError
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from rewards import tables

__all__ = ["CampaignDraft", "CampaignError", "Check", "NotReady", "checks", "draft_of"]
Status = Campaign.Status
CLOCK = Actor("schedule")


def create(
    environment: Environment, draft: CampaignDraft, actor: Actor, *, is_demo: bool = False
) -> Campaign:
    """A campaign nobody sees yet. Raises CampaignError or TableError, which name the field."""
    fields = fields_of(draft)
    with transaction.atomic():
        table = tables.new_table(environment, draft.outcomes)
        campaign = Campaign(environment=environment, table=table, is_demo=is_demo, **fields)
        _save(campaign, force_insert=True)
        _aim(campaign, draft.audience)
        audit.record(environment, actor, "campaign.created", campaign)
    return campaign


def revise(campaign: Campaign, draft: CampaignDraft, actor: Actor) -> Campaign:
    """A draft changes in place; a launched campaign gets a new version, and new odds a new frozen table."""
    fields = fields_of(draft)
    with transaction.atomic():
        # edits wait for each other, but plays go on until the last moment
        current = _locked(campaign.pk, no_key=True)
        before = draft_of(current)
        _aim(current, draft.audience)
        if current.status == Status.DRAFT:
            tables.replace_outcomes(current.table, draft.outcomes)
            _set(current, fields)
            _save(current)
        else:
            _publish_version(current, draft, fields)
        audit.record(current.environment, actor, "campaign.revised", current, _changes(before, draft))
    return current


def launch(campaign: Campaign, actor: Actor, *, now: datetime | None = None) -> Campaign:
    """Make a draft live from its start date on; raises NotReady with the checks that failed."""
    now = now or timezone.now()
    with transaction.atomic():
        current = _locked(campaign.pk)
        _expect(current, Status.DRAFT)
        refuse_unready(checks(current, now))
        tables.freeze(current.table, now=now)
        current.launched_at = now
        return _move(current, Status.LIVE, actor, "campaign.launched")


def pause(campaign: Campaign, actor: Actor) -> Campaign:
    """Nobody plays from the moment that this returns."""
    with transaction.atomic():
        current = _locked(campaign.pk)
        _expect(current, Status.LIVE)
        return _move(current, Status.PAUSED, actor, "campaign.paused")


def resume(campaign: Campaign, actor: Actor) -> Campaign:
    with transaction.atomic():
        current = _locked(campaign.pk)
        _expect(current, Status.PAUSED)
        if current.ends_at and current.ends_at <= timezone.now():
            raise CampaignError("ends_at", "The end date has passed. Set a later one first.")
        return _move(current, Status.LIVE, actor, "campaign.resumed")


def end(campaign: Campaign, actor: Actor, *, now: datetime | None = None) -> Campaign:
    """End it for good, and reveal the seed of its draws."""
    with transaction.atomic():
        current = _locked(campaign.pk)
        _expect(current, Status.LIVE, Status.PAUSED)
        tables.retire(current.table, now=now or timezone.now())
        return _move(current, Status.ENDED, actor, "campaign.ended")


def duplicate(campaign: Campaign, actor: Actor) -> Campaign:
    """A draft with the same content: without the tag and the dates, which can't be used twice."""
    original = draft_of(campaign)
    copy = replace(original, name=_copy_name(original.name), tag="", starts_at=None, ends_at=None)
    return create(campaign.environment, copy, actor)


def close_ended(now: datetime) -> int:
    """End what runs past its end date; the number of campaigns ended."""
    due = Campaign.objects.filter(status__in=(Status.LIVE, Status.PAUSED), ends_at__lte=now)
    closed = 0
    for pk in due.values_list("pk", flat=True):
        with transaction.atomic():
            current = _locked(pk)
            # somebody may have moved the date, or ended it, meanwhile
            if current.status in (Status.LIVE, Status.PAUSED) and current.ends_at and current.ends_at <= now:
                end(current, CLOCK, now=now)
                closed += 1
    return closed


def _publish_version(current: Campaign, draft: CampaignDraft, fields: dict[str, object]) -> None:
    if current.status == Status.ENDED:
        raise CampaignError("status", "An ended campaign can't be changed. Duplicate it instead.")
    if draft.type != current.type:
        raise CampaignError("type", "The game of a launched campaign can't be changed.")
    now, old = timezone.now(), current.table
    new_odds = tuple(draft.outcomes) != tables.drafts(old)
    if new_odds:
        current.table = tables.next_version(old)
        tables.replace_outcomes(current.table, draft.outcomes)
    _set(current, fields)
    # odds that stay may have run out of codes meanwhile: their fallback is at work already
    refuse_unready([each for each in checks(current, now) if new_odds or each.name != ODDS])
    if new_odds:
        tables.freeze(current.table, now=now)
    # only now the lock that stops plays: they hold stock rows, which the lines above may need
    _locked(current.pk)
    current.version += 1
    _save(current)
    if new_odds:
        tables.retire(old, now=now)


def _locked(pk: UUID, *, no_key: bool = False) -> Campaign:
    rows = Campaign.objects.select_for_update(of=("self",), no_key=no_key)
    return rows.select_related("environment", "table").get(pk=pk)


def _expect(campaign: Campaign, *statuses: Status) -> None:
    if campaign.status not in statuses:
        wanted = " or ".join(Status(each).label.lower() for each in statuses)
        is_now = Status(campaign.status).label.lower()
        raise CampaignError("status", f"The campaign is {is_now}; this needs it to be {wanted}.")


def _move(campaign: Campaign, status: Status, actor: Actor, action: str) -> Campaign:
    before, campaign.status = campaign.status, status
    _save(campaign)
    audit.record(campaign.environment, actor, action, campaign, {"status": [before, str(status)]})
    return campaign


def _aim(campaign: Campaign, audience: AudienceDraft) -> None:
    try:
        targeting.write(campaign, audience)
    except AudienceError as error:
        raise CampaignError("audience", str(error)) from None


def _set(campaign: Campaign, fields: dict[str, object]) -> None:
    for name, value in fields.items():
        setattr(campaign, name, value)


def _save(campaign: Campaign, *, force_insert: bool = False) -> None:
    campaign.updated_at = timezone.now()
    try:
        with transaction.atomic():
            campaign.save(force_insert=force_insert)
    except IntegrityError as error:
        if "one_campaign_a_tag" not in str(error):
            raise
        raise CampaignError("tag", f"Another campaign has the tag {campaign.tag}.") from None


def _changes(before: CampaignDraft, after: CampaignDraft) -> dict[str, list[Any]]:
    pairs = {each.name: (getattr(before, each.name), getattr(after, each.name)) for each in fields_in(before)}
    return {name: [_plain(a), _plain(b)] for name, (a, b) in pairs.items() if a != b}


def _plain(value: Any) -> Any:
    """What the audit log can hold; nothing in a draft is personal or secret."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields_in(value)}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return (
        value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
    )


def _copy_name(name: str) -> str:
    return f"Copy of {name}"[:80]
