"""What must leave the process: the outbox, its deliveries to endpoints, and every attempt.

An outbox row is written in the caller's transaction and holds references, never codes or
secrets: the body is rendered when it is sent. A delivery is leased by a worker and fenced
by `lease_no`, so that a worker that wakes up late can't overwrite its successor.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment


class Endpoint(models.Model):
    """A client's address that takes webhooks."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        DISABLED = "disabled", "Disabled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="endpoints")
    url = models.CharField(max_length=500, help_text="A path instead means the built-in receiver.")
    kinds = models.JSONField(default=list, help_text="Event kinds, such as reward.won.")
    sealed_token = models.BinaryField(null=True, editable=False)
    sealed_secret = models.BinaryField(editable=False)
    sealed_old_secret = models.BinaryField(null=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    legacy_header = models.BooleanField(default=False, help_text="Send X-GLU-SIGNATURE too.")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="endpoint_tenant")
        ]

    def __str__(self) -> str:
        return self.url


class OutboxMessage(models.Model):
    """One fact that subscribers must hear of, written with the change that made it true."""

    environment = models.ForeignKey(Environment, models.CASCADE, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    fanned_out_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="outbox_tenant"),
            models.UniqueConstraint(fields=["kind", "subject_id"], name="one_message_a_fact"),
        ]
        indexes: ClassVar = [
            # read by the fan-out, which takes the oldest first
            models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(fanned_out_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Delivery(models.Model):
    """One message on its way to one endpoint."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        LEASED = "leased", "Sending"
        DELIVERED = "delivered", "Delivered"
        EXHAUSTED = "exhausted", "Out of tries"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, db_constraint=False, related_name="+")
    message = TenantForeignKey(OutboxMessage, models.CASCADE, related_name="deliveries")
    endpoint = TenantForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    postponed = models.PositiveSmallIntegerField(
        default=0, help_text="How often the receiver asked to come back later."
    )
    next_at = models.DateTimeField(default=timezone.now)
    lease_no = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="delivery_tenant"),
            models.UniqueConstraint(fields=["message", "endpoint"], name="one_delivery_an_endpoint"),
        ]
        indexes: ClassVar = [
            # read by the lease, which takes what is due, endpoint by endpoint
            models.Index(
                fields=["endpoint", "next_at"],
                name="delivery_due_by_endpoint",
                condition=models.Q(state__in=["pending", "leased"]),
            ),
            # counted by the lease; without it a backlog would be counted through
            models.Index(fields=["endpoint"], name="delivery_in_flight", condition=models.Q(state="leased")),
            models.Index(fields=["environment", "-created_at"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.endpoint}"


class Attempt(models.Model):
    """One try to deliver, and what came back."""

    environment = models.ForeignKey(Environment, models.CASCADE, db_constraint=False, related_name="+")
    delivery = TenantForeignKey(Delivery, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty if no answer came.")
    problem = models.CharField(max_length=200, blank=True)
    # a receiver may echo the webhook, so the beginning of its answer can hold a coupon code
    sealed_answer = models.BinaryField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt_a_number")
        ]

    def __str__(self) -> str:
        return f"try {self.number}: {self.status or self.problem}"


class Received(models.Model):
    """What the built-in receiver got; test environments only, the newest are kept.

    Headers and body are sealed together, because the body holds coupon codes.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    sealed_request = models.BinaryField(editable=False)
    cg_signature = models.CharField("X-CG-SIGNATURE", max_length=7)
    webhook_signature = models.CharField("webhook-signature", max_length=7)
    answered = models.CharField(max_length=20)

    class Meta:
        verbose_name_plural = "received"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["environment", "-id"], name="received_newest")]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.answered}"


class ReceiverSettings(models.Model):
    """What the built-in receiver answers next."""

    class Behaviour(models.TextChoices):
        OK = "200", "Answer 200"
        ERROR = "500", "Answer 500"
        HANG = "hang", "Hang for 20 seconds"

    environment = models.OneToOneField(Environment, models.CASCADE, primary_key=True, related_name="+")
    behaviour = models.CharField(max_length=4, choices=Behaviour, default=Behaviour.OK)

    def __str__(self) -> str:
        return self.get_behaviour_display()
