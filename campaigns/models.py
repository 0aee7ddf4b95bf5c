"""Campaigns, who takes part, and every play.

Campaigns are written by publishing.py, participations and plays by engine.py alone, but for what
events change (progress.py) and earn (earnings.py), under the same locks.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from campaigns.entry_point_models import EntryPoint, EntryPointState, Slot
from campaigns.types import type_choices
from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment
from rewards.models import RewardTable, Variant
from users.models import EndUser, Segment

__all__ = [
    "Campaign", "CampaignSegment", "Earning", "EntryPoint", "EntryPointState", "ListedUser", "Participation",
    "Play", "Slot",
]  # fmt: skip


class Campaign(models.Model):
    """A game with a schedule, limits and a reward table.

    `config` belongs to the type, which checks it. Whether a live campaign is scheduled,
    running or ended follows from its dates.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        PAUSED = "paused", "Paused"
        ENDED = "ended", "Ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    type = models.CharField(max_length=32, choices=type_choices)
    name = models.CharField(max_length=80)
    tag = models.CharField(max_length=40, blank=True, help_text="A short name that apps may use as the id.")
    status = models.CharField(max_length=6, choices=Status, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1, editable=False)
    config = models.JSONField(default=dict)
    banner = models.JSONField(default=dict, blank=True, help_text="title, body, imageUrl of the card.")
    look = models.JSONField(default=dict, blank=True, help_text="Colours, links and words of its pages.")
    table = TenantForeignKey(RewardTable, models.RESTRICT, related_name="campaigns")
    plays_in_all = models.PositiveIntegerField(
        null=True, blank=True, help_text="Per person; empty: no limit."
    )
    plays_a_day = models.PositiveIntegerField(null=True, blank=True, help_text="Per person; empty: no limit.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    audience_rule = models.JSONField(
        null=True, blank=True, help_text="Who else than the segments say, as a rule; empty: everybody."
    )
    only_listed = models.BooleanField(
        default=False, help_text="Nobody sees it but those whom the API added to its list."
    )
    has_list = models.BooleanField(default=False, editable=False)
    earning = models.JSONField(
        default=dict,
        blank=True,
        db_default=models.Value({}, models.JSONField()),
        help_text="How people come in, and what earns more plays; see ways.py.",
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    launched_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="campaign_tenant"),
            models.UniqueConstraint(
                fields=["environment", "tag"], condition=~models.Q(tag=""), name="one_campaign_a_tag"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(starts_at__lt=models.F("ends_at")),
                name="campaign_starts_before_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignSegment(models.Model):
    """A segment whose people may see a campaign or, if `excluded`, may not."""

    pk = models.CompositePrimaryKey("campaign_id", "segment_id")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    campaign = TenantForeignKey(Campaign, models.CASCADE, db_index=False, related_name="segments")
    segment = TenantForeignKey(Segment, models.RESTRICT, db_index=False, related_name="campaigns")
    excluded = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["environment", "segment"], name="campaign_by_segment")]

    def __str__(self) -> str:
        return f"segment {self.segment_id} {'out of' if self.excluded else 'in'} campaign {self.campaign_id}"


class ListedUser(models.Model):
    """A person whom the API added to a campaign's list or, if not `included`, took out of it."""

    pk = models.CompositePrimaryKey("environment_id", "user_id", "campaign_id")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    campaign = TenantForeignKey(Campaign, models.CASCADE, db_index=False, related_name="listed")
    user = TenantForeignKey(EndUser, models.CASCADE, db_index=False, related_name="+")
    included = models.BooleanField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["environment", "campaign"], name="listed_of_campaign")]

    def __str__(self) -> str:
        return f"user {self.user_id} {'in' if self.included else 'out of'} campaign {self.campaign_id}"


class Participation(models.Model):
    """One person in one campaign: the row that a play locks.

    `day` is the local date that `plays_on_day` counts; nothing a play changes is indexed. Extra
    plays were earned by events, and are used when the campaign's own are. That of a visitor who
    was merged is folded into the user's, and stays as it was.
    """

    class Status(models.TextChoices):
        PRISTINE = "pristine", "Not opened"
        CLICKED = "clicked", "Opened"
        IN_PROGRESS = "in-progress", "In progress"
        COMPLETED = "completed", "Completed"

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    campaign = TenantForeignKey(Campaign, models.CASCADE, db_index=False, related_name="participations")
    user = TenantForeignKey(EndUser, models.CASCADE, db_index=False, related_name="participations")
    status = models.CharField(max_length=11, choices=Status, default=Status.PRISTINE)
    state = models.JSONField(default=dict)
    plays = models.PositiveIntegerField(default=0)
    plays_on_day = models.PositiveIntegerField(default=0)
    day = models.DateField(null=True)
    wins = models.PositiveIntegerField(default=0)
    extra_plays = models.PositiveIntegerField(default=0, db_default=0)
    extra_used = models.PositiveIntegerField(default=0, db_default=0)
    ways = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="When it was accepted and completed, and the extra plays of each day.",
    )
    folded_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="participation_tenant"),
            models.UniqueConstraint(
                fields=["environment", "user", "campaign"], name="one_participation_a_campaign"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "campaign"], name="participation_of_campaign")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.campaign}"


class Play(models.Model):
    """One attempt, its draw, and the answer that its idempotency key gives for ever.

    `answer` refers to the reward; the coupon code is decrypted when the answer is shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    participation = TenantForeignKey(Participation, models.CASCADE, db_index=False, related_name="play_set")
    campaign = TenantForeignKey(Campaign, models.CASCADE, db_index=False, related_name="plays")
    user = TenantForeignKey(EndUser, models.CASCADE, related_name="plays")
    attempt = models.PositiveIntegerField()
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(help_text="SHA-256 of the request's body.")
    campaign_version = models.PositiveIntegerField()
    occasion = models.CharField(
        max_length=40, null=True, help_text="What was drawn for; null: nothing, or it was not noted yet."
    )
    variant = TenantForeignKey(Variant, models.RESTRICT, null=True, db_index=False, related_name="plays")
    ticket = models.BigIntegerField(null=True)
    reward_id = models.UUIDField(null=True)
    answer = models.JSONField()
    local_day = models.DateField()
    played_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["participation", "attempt"], name="one_play_an_attempt"),
            models.UniqueConstraint(fields=["participation", "idempotency_key"], name="one_play_a_key"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "campaign", "-played_at"], name="play_of_campaign")
        ]

    def __str__(self) -> str:
        return f"play {self.attempt} of {self.participation_id}"


class Earning(models.Model):
    """A draw that an event, or a call of the API, earned, until earnings.py has made it a play.

    `cause` says of what; the same cause earns each occasion of a campaign once.
    """

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    campaign = TenantForeignKey(Campaign, models.CASCADE, db_index=False, related_name="+")
    user = TenantForeignKey(EndUser, models.CASCADE, db_index=False, related_name="+")
    occasion = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=255)
    details = models.JSONField(default=dict)
    earned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "user", "campaign", "cause", "occasion"], name="one_earning_a_cause"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["campaign", "id"], name="earnings_to_settle")]

    def __str__(self) -> str:
        return f"user {self.user_id} earned {self.occasion or 'a draw'} in campaign {self.campaign_id}"
