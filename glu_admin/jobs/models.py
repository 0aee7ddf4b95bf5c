"""Long work that somebody asked for over HTTP: what it is, how far it is, what it made.

Files live in the database in pieces, so that any web process and any worker can reach them.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment


class Job(models.Model):
    """One piece of long work. `total` is null while it is not known."""

    class Status(models.TextChoices):
        RECEIVING = "receiving", "Being sent"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    options = models.JSONField(default=dict)
    actor = models.CharField(max_length=120)
    total = models.BigIntegerField(null=True)
    done = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict, help_text="Figures, and the first faults by line.")
    error = models.CharField(max_length=500, blank=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["environment", "id"], name="job_tenant")]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"],
                name="job_to_do",
                condition=models.Q(status__in=("queued", "running")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.status})"


class JobFile(models.Model):
    """One piece of what a job reads or what it made, in order."""

    class Side(models.TextChoices):
        INPUT = "input", "Input"
        OUTPUT = "output", "Output"

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    job = TenantForeignKey(Job, models.CASCADE, db_index=False, related_name="pieces")
    side = models.CharField(max_length=6, choices=Side)
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "side", "position"], name="one_piece_a_position")
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.position} of {self.job_id}"
