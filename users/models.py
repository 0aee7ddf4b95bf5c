"""The people in the client's app, and what is known of them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.workspaces.models import Environment


class EndUser(models.Model):
    """A person in the client's app, known by the client's own id or an anonymous one.

    `device` holds what the newest registration said of the app and device, under the API's
    names; `profile`, `identities` and `attributes` hold only keys that were sent.
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
                condition=models.Q(user_id__isnull=True),
            ),
            models.UniqueConstraint(fields=["environment", "referral_code"], name="one_user_a_code"),
            models.CheckConstraint(
                condition=models.Q(user_id__isnull=False) | models.Q(anonymous_id__isnull=False),
                name="user_has_an_id",
            ),
        ]

    def __str__(self) -> str:
        return self.user_id or f"visitor {self.anonymous_id}"
