"""What people did, as apps and partners told it, and what the drain still has to do with it.

ingest.py appends events; drain.py empties the queue; definitions.py writes definitions.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment


class Event(models.Model):
    """One event as it came, with its verdict. Cut by month of `received_at`.

    `client_id` is the id of the person as it was sent; `user` is null while nobody has it.
    A refused event keeps what came in `properties`, as far as it could be read.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        WAITING = "waiting", "Waiting for the user"
        DUPLICATE = "duplicate", "Duplicate"
        REJECTED = "rejected", "Rejected"

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey("users.EndUser", models.CASCADE, null=True, db_index=False, related_name="events")
    client_id = models.CharField(max_length=255, null=True)
    event_id = models.CharField(max_length=255, null=True)
    name = models.CharField(max_length=128, null=True)
    happened_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=16)
    verdict = models.CharField(max_length=9, choices=Verdict)
    reason = models.CharField(max_length=40, blank=True, help_text="A stable code, for a refusal.")
    field = models.CharField(max_length=140, blank=True)
    warnings = models.JSONField(default=list)
    properties = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        indexes: ClassVar = [
            # the live feed: without it, the feed of a quiet environment reads all of a busy one
            models.Index(fields=["environment", "id"], name="event_in_order"),
            models.Index(fields=["environment", "user", "-id"], name="event_of_user"),
            models.Index(
                fields=["environment", "client_id"],
                name="event_that_waits",
                condition=models.Q(verdict="waiting"),
            ),
            # a sweep looks at the newest and the oldest of them
            models.Index(
                fields=["received_at"],
                name="event_waits_since",
                condition=models.Q(verdict="waiting"),
            ),
            # refused before anybody looked who it is of: an erasure finds it by the id that was sent
            models.Index(
                fields=["environment", "client_id", "-id"],
                name="event_of_nobody",
                condition=models.Q(user__isnull=True, client_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.client_id}"


class SeenEvent(models.Model):
    """An event id that was taken: the first 16 bytes of its SHA-256. Kept 30 days, cut by hash."""

    pk = models.CompositePrimaryKey("environment_id", "digest")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    digest = models.UUIDField()
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.digest)


class PendingEvent(models.Model):
    """An accepted event that the drain has not handed on yet. A person's are all in one shard."""

    pk = models.CompositePrimaryKey("shard", "event_id")
    shard = models.PositiveSmallIntegerField()
    event_id = models.BigIntegerField()
    received_at = models.DateTimeField()
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    def __str__(self) -> str:
        return f"event {self.event_id}"


class Shard(models.Model):
    """The lock that a drain holds while it empties one shard; one row each, made by the migration."""

    number = models.PositiveSmallIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"shard {self.number}"


class ParkedEvent(models.Model):
    """An event that a subscriber could not take: set aside with the fault, until it is replayed."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    event_id = models.BigIntegerField()
    received_at = models.DateTimeField()
    subscriber = models.CharField(max_length=40)
    error = models.CharField(max_length=500)
    attempts = models.PositiveSmallIntegerField(default=1)
    parked_at = models.DateTimeField(default=timezone.now)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_id", "subscriber"], name="one_parking_a_subscriber")
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} for {self.subscriber}"


class EventDefinition(models.Model):
    """An event name: what is expected of it, and what was seen of it.

    `expected` is a list of {"name", "type", "required"}; `types` counts the types seen by
    property name. `mode` says what happens to an event that doesn't fit.
    """

    class Mode(models.TextChoices):
        OBSERVE = "observe", "Take it"
        WARN = "warn", "Take it with a warning"
        REFUSE = "refuse", "Refuse it"

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    name = models.CharField(max_length=128)
    description = models.CharField(max_length=200, blank=True)
    mode = models.CharField(max_length=7, choices=Mode, default=Mode.OBSERVE)
    expected = models.JSONField(default=list, blank=True)
    declared = models.BooleanField(default=False, help_text="Somebody wrote it down, it was not only seen.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="event_definition_tenant"),
            models.UniqueConstraint(fields=["environment", "name"], name="one_definition_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class EventTally(models.Model):
    """How often an event was seen, and the types of its properties. Kept by the drain."""

    pk = models.CompositePrimaryKey("environment_id", "name")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    name = models.CharField(max_length=128)
    total = models.BigIntegerField(default=0)
    types = models.JSONField(default=dict, help_text='{"property": {"number": 12, "string": 1}}')
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.total}"


class SdkSignal(models.Model):
    """What an SDK or a page says of itself: analytics and diagnostics. Cut by month of `received_at`."""

    class Kind(models.TextChoices):
        ANALYTICS = "analytics", "Analytics"
        DIAGNOSTICS = "diagnostics", "Diagnostics"

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=11, choices=Kind)
    name = models.CharField(max_length=128, blank=True)
    client_id = models.CharField(max_length=255, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    content = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["environment", "client_id"],
                name="signal_of_client",
                condition=~models.Q(client_id=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"
