"""The people in the client's app, and what is known of them."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import MD5
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment
from users.events.models import (
    Event,
    EventDefinition,
    EventTally,
    ParkedEvent,
    PendingEvent,
    SdkSignal,
    SeenEvent,
    Shard,
)
from users.history.models import AttributeDefinition, UserChange
from users.segments.models import (
    BehaviourState,
    KeptBehaviour,
    Segment,
    SegmentCheck,
    SegmentImport,
    SegmentImportRow,
    SegmentMember,
    SegmentMove,
    SegmentSize,
)

__all__ = [
    "AttributeDefinition",
    "BehaviourState",
    "Device",
    "EndUser",
    "Erasure",
    "Event",
    "EventDefinition",
    "EventTally",
    "KeptBehaviour",
    "ParkedEvent",
    "PendingEvent",
    "SdkSignal",
    "SeenEvent",
    "Segment",
    "SegmentCheck",
    "SegmentImport",
    "SegmentImportRow",
    "SegmentMember",
    "SegmentMove",
    "SegmentSize",
    "Shard",
    "UserChange",
]


class EndUser(models.Model):
    """A person in the client's app, known by the client's own id or an anonymous one.

    `device` holds what the newest registration said of the app and device, under the API's
    names; `profile`, `identities` and `attributes` hold only keys that were sent. A visitor who
    turned out to be somebody known is an alias: the row stays, and reads follow `merged_into`.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    glu_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_id = models.CharField(max_length=255, null=True)
    anonymous_id = models.CharField(max_length=255, null=True, blank=True)
    user_name = models.CharField(max_length=255, null=True, blank=True)
    email = models.CharField(max_length=320, null=True, blank=True)
    phone = models.CharField(max_length=64, null=True, blank=True)
    referral_code = models.CharField(max_length=16)
    referred_by = models.CharField(max_length=255, null=True, blank=True)
    device = models.JSONField(default=dict, blank=True)
    profile = models.JSONField(default=dict, blank=True)
    identities = models.JSONField(default=dict, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    token_version = models.PositiveIntegerField(default=1)
    is_test = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False, editable=False)
    blocked_at = models.DateTimeField(null=True, blank=True)
    merged_into = TenantForeignKey(
        "self", models.RESTRICT, null=True, editable=False, db_index=False, related_name="aliases"
    )
    merged_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "user"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="end_user_tenant"),
            models.UniqueConstraint(fields=["environment", "user_id"], name="one_user_an_id"),
            # a visitor is found by the anonymous id only while nobody knows who it is
            models.UniqueConstraint(
                fields=["environment", "anonymous_id"],
                name="one_visitor_an_id",
                condition=models.Q(user_id__isnull=True, merged_into__isnull=True),
            ),
            models.UniqueConstraint(fields=["environment", "referral_code"], name="one_user_a_code"),
            models.CheckConstraint(
                condition=models.Q(user_id__isnull=False)
                | models.Q(anonymous_id__isnull=False)
                | models.Q(erased_at__isnull=False),
                name="user_has_an_id",
            ),
            # only visitors are merged, so that no chain of aliases can be
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(user_id__isnull=True),
                name="only_a_visitor_is_merged",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["environment", "merged_into"],
                name="alias_of_user",
                condition=models.Q(merged_into__isnull=False),
            ),
            models.Index(fields=["environment", "-registered_at"], name="user_newest"),
            # whose anonymous id this was before the person was known: late events name it
            models.Index(
                fields=["environment", "anonymous_id"],
                name="user_by_old_anonymous_id",
                condition=models.Q(anonymous_id__isnull=False)
                & (models.Q(user_id__isnull=False) | models.Q(merged_into__isnull=False)),
            ),
            # whoever names a person must be found when that person is erased
            models.Index(
                fields=["environment", "referred_by"],
                name="user_referred_by",
                condition=models.Q(referred_by__isnull=False),
            ),
            models.Index(
                fields=["erased_at"],
                name="user_erased",
                condition=models.Q(erased_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.user_id or f"visitor {self.anonymous_id}"


class Device(models.Model):
    """One device of one person, by the id that the app gave it ("" if it gave none)."""

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey(EndUser, models.CASCADE, db_index=False, related_name="devices")
    device_id = models.CharField(max_length=255, blank=True)
    device_type = models.CharField(max_length=10, blank=True)
    device_name = models.CharField(max_length=255, blank=True)
    app_version = models.CharField(max_length=255, blank=True)
    cookie_id = models.CharField(max_length=255, blank=True)
    firebase_token = models.CharField(max_length=4096, blank=True)
    apns_device_token = models.CharField(max_length=4096, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "user", "device_id"], name="one_device_an_id")
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "device_id"], name="device_by_id"),
            # by hash: a token may be longer than what an index can hold
            models.Index(
                MD5("firebase_token"),
                name="device_by_firebase_token",
                condition=~models.Q(firebase_token=""),
            ),
            models.Index(
                MD5("apns_device_token"),
                name="device_by_apns_token",
                condition=~models.Q(apns_device_token=""),
            ),
        ]

    def __str__(self) -> str:
        return self.device_name or self.device_id or "a device"


class Erasure(models.Model):
    """The receipt of one erasure: what was taken away and what stays for the sums.

    `subject` is a keyed hash of the client's id, so that a person who asks can be answered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    subject = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    cancelled = models.JSONField(default=list, help_text="Webhook messages that will not be sent.")
    actor = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["environment", "id"], name="erasure_tenant")]
        indexes: ClassVar = [models.Index(fields=["environment", "subject"], name="erasure_of_subject")]

    def __str__(self) -> str:
        return f"erasure {self.id}"
