"""Where an app shows campaigns, what each person did there, and what the app said that it has.

Entry points are made in the admin; entry_points.py writes the rest.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment
from users.models import EndUser


class EntryPoint(models.Model):
    """Where the app shows a campaign: a banner, a floating button, a pop-up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    consumer = models.CharField(max_length=10, default="MOBILE")
    visible = models.BooleanField(default=False)
    content = models.JSONField(default=dict, help_text="The `mobile` object that SDKs read.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="entry_point_tenant")
        ]

    def __str__(self) -> str:
        return self.name


class EntryPointState(models.Model):
    """What one person did with one entry point."""

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    entry_point = TenantForeignKey(EntryPoint, models.CASCADE, related_name="states")
    user = TenantForeignKey(EndUser, models.CASCADE, db_index=False, related_name="+")
    campaign_id = models.CharField(max_length=64, blank=True)
    clicked = models.BooleanField(default=False)
    complete_state_viewed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "user", "entry_point", "campaign_id"], name="one_state_an_entry_point"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_point} for {self.user}"


class Slot(models.Model):
    """A screen, banner or embed id that an app reported."""

    class Kind(models.TextChoices):
        SCREEN = "activityIdList", "Screen"
        BANNER = "bannerIds", "Banner"
        EMBED = "embedIds", "Embed"

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=14, choices=Kind)
    platform = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "kind", "platform", "name"], name="one_slot_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
