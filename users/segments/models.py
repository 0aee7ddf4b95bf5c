"""Segments: which people, by a rule, by a list or by what they did; and who is in one.

shelf.py writes segments, members.py who is in them; keeping.py keeps what follows from behaviour.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment


class Segment(models.Model):
    """People that marketers speak of by one name.

    `rule` is the tree that parse.py reads, of a segment by rules. `entry` says how people enter
    and leave one by an event: {"event", "where": [...], "leave": {"event", "where"} | null,
    "afterDays": n | null}. `kept` says that its members are written down as they come and go.
    """

    class Kind(models.TextChoices):
        RULES = "rules", "Rules"
        STATIC = "static", "List"
        EVENT = "event", "Event"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.RULES)
    rule = models.JSONField(null=True, blank=True)
    entry = models.JSONField(null=True, blank=True)
    notify = models.BooleanField(default=False, help_text="Tell webhooks who enters and who leaves.")
    kept = models.BooleanField(default=False, editable=False)
    kept_at = models.DateTimeField(null=True, editable=False, help_text="Since then it is kept so.")
    kept_digest = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Of all its conditions."
    )
    kept_since = models.DateTimeField(null=True, editable=False, help_text="Its members are complete.")
    fault = models.CharField(max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="segment_tenant"),
            models.UniqueConstraint("environment", Lower("name"), name="one_segment_a_name"),
            models.CheckConstraint(
                condition=models.Q(kind="rules", rule__isnull=False, entry__isnull=True)
                | models.Q(kind="static", rule__isnull=True, entry__isnull=True)
                | models.Q(kind="event", rule__isnull=True, entry__isnull=False),
                name="segment_says_who",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """Somebody is in a segment now: of a list, by an event, or of a kept rule. Never an alias."""

    class Source(models.TextChoices):
        HAND = "hand", "Added by hand"
        API = "api", "Added by the API"
        IMPORT = "import", "Imported"
        EVENT = "event", "Entered by an event"
        RULE = "rule", "Matches the rule"
        FREEZE = "freeze", "Frozen from a rule"

    pk = models.CompositePrimaryKey("environment_id", "user_id", "segment_id")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey("users.EndUser", models.CASCADE, db_index=False, related_name="memberships")
    segment = TenantForeignKey(Segment, models.CASCADE, db_index=False, related_name="members")
    source = models.CharField(max_length=6, choices=Source)
    batch = models.UUIDField(null=True, help_text="The import that added this person, to undo it.")
    entered_at = models.DateTimeField(default=timezone.now)
    leaves_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["environment", "segment", "user"], name="member_of_segment"),
            models.Index(
                fields=["leaves_at"], name="member_leaves", condition=models.Q(leaves_at__isnull=False)
            ),
            models.Index(
                fields=["environment", "batch"],
                name="member_of_batch",
                condition=models.Q(batch__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in segment {self.segment_id}"


class SegmentMove(models.Model):
    """Somebody entered or left a kept or event segment: for timelines and webhooks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey("users.EndUser", models.CASCADE, db_index=False, related_name="segment_moves")
    segment = TenantForeignKey(Segment, models.CASCADE, db_index=False, related_name="moves")
    entered = models.BooleanField()
    why = models.CharField(max_length=40, blank=True, help_text="event, attribute, time, import, hand, api.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["environment", "user", "-at"], name="move_of_user"),
            models.Index(fields=["environment", "segment", "-at"], name="move_of_segment"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} {'entered' if self.entered else 'left'} segment {self.segment_id}"


class SegmentSize(models.Model):
    """How many people a segment had on a day: the line in the list."""

    pk = models.CompositePrimaryKey("environment_id", "segment_id", "day")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    segment = TenantForeignKey(Segment, models.CASCADE, db_index=False, related_name="sizes")
    day = models.DateField()
    size = models.BigIntegerField()
    is_estimate = models.BooleanField(default=False)
    counted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.size} on {self.day}"


class KeptBehaviour(models.Model):
    """A behaviour condition that something live asks for: its answers are kept, person by person.

    `digest` is the SHA-256 of the condition as parse.py writes it; `ready_at` is null until the
    events of before it was kept are counted, too.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    condition = models.JSONField()
    ready_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="kept_behaviour_tenant"),
            models.UniqueConstraint(fields=["environment", "digest"], name="one_behaviour_a_condition"),
        ]

    def __str__(self) -> str:
        return self.digest[:12]


class BehaviourState(models.Model):
    """Where a person's answer to a kept condition differs from that of somebody who did nothing.

    A row with `differs` false waits for `check_at`, when time alone may change the answer.
    """

    pk = models.CompositePrimaryKey("environment_id", "user_id", "behaviour_id")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey("users.EndUser", models.CASCADE, db_index=False, related_name="+")
    behaviour = TenantForeignKey(KeptBehaviour, models.CASCADE, db_index=False, related_name="states")
    differs = models.BooleanField()
    check_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["check_at"], name="behaviour_to_check", condition=models.Q(check_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"behaviour {self.behaviour_id} of user {self.user_id}"


class SegmentCheck(models.Model):
    """A person whose kept segments are to be looked at anew, when `due_at` has come."""

    pk = models.CompositePrimaryKey("environment_id", "user_id")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey("users.EndUser", models.CASCADE, db_index=False, related_name="+")
    due_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], name="segment_check_due")]

    def __str__(self) -> str:
        return f"user {self.user_id} at {self.due_at}"


class SegmentImport(models.Model):
    """A file of people for a list: first it is read and reported on, then applied, then perhaps undone.

    `field` is what its cells are held against (core.email, attributes.card), `column` the header
    of these cells; each step is a job. What is null here is not done yet.
    """

    class Mode(models.TextChoices):
        ADD = "add", "Add these people"
        REPLACE = "replace", "Replace the list by these people"

    class Step(models.TextChoices):
        CHECK = "check", "Check"
        APPLY = "apply", "Apply"
        UNDO = "undo", "Undo"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    segment = TenantForeignKey(Segment, models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=120, blank=True)
    format = models.CharField(max_length=4)
    field = models.CharField(max_length=160)
    column = models.CharField(max_length=255, blank=True)
    has_header = models.BooleanField(default=True)
    mode = models.CharField(max_length=7, choices=Mode, default=Mode.ADD)
    step = models.CharField(max_length=5, choices=Step, default=Step.CHECK)
    job_id = models.UUIDField(null=True)
    report = models.JSONField(default=dict)
    actor = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="segment_import_tenant")
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "segment", "-created_at"], name="import_of_segment")
        ]

    def __str__(self) -> str:
        return self.file_name or f"import {self.id}"


class SegmentImportRow(models.Model):
    """Somebody whom an import is about: to be in the list or, if `removed`, taken out of it by it.

    Of the latter, `source` and `batch` say how they had come in, for an undo.
    """

    pk = models.CompositePrimaryKey("environment_id", "segment_import_id", "user_id")
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    segment_import = TenantForeignKey(SegmentImport, models.CASCADE, db_index=False, related_name="rows")
    user = TenantForeignKey("users.EndUser", models.CASCADE, related_name="+")
    removed = models.BooleanField(default=False)
    source = models.CharField(max_length=6, blank=True)
    batch = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"user {self.user_id} in import {self.segment_import_id}"
