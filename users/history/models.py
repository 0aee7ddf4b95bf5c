"""What changed in people, and which attributes there are.

changes.py appends changes in the statement that makes them; catalogue.py keeps definitions.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment


class UserChange(models.Model):
    """One change of one person. Cut by month of `at`.

    `changes` maps "attributes.tier" to [old, new]; personal fields (name, phone, e-mail, profile)
    are named with null, so that no copy of them outlives an erasure.
    """

    class Kind(models.TextChoices):
        REGISTERED = "registered", "Registered"
        CHANGED = "changed", "Changed"
        MERGED = "merged", "Merged"
        BLOCKED = "blocked", "Blocked"
        UNBLOCKED = "unblocked", "Unblocked"
        SIGNED_OUT = "signed-out", "Tokens revoked"

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey("users.EndUser", models.CASCADE, db_index=False, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CHANGED)
    source = models.CharField(max_length=16, default="sdk", help_text="sdk, api, import, console.")
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["environment", "user", "-id"], name="change_of_user")]

    def __str__(self) -> str:
        return f"{self.kind}: {', '.join(self.changes)}"


class AttributeDefinition(models.Model):
    """One attribute name of an environment: declared by somebody, or only seen.

    `types` counts people by the JSON type of their value; `top_values` is a list of
    [value, people]. Shares are of `people`, those who were looked at; `sampled` says that
    these were not all.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    name = models.CharField(max_length=128)
    description = models.CharField(max_length=200, blank=True)
    declared_type = models.CharField(max_length=8, blank=True, help_text="string, number, boolean, list.")
    types = models.JSONField(default=dict, editable=False)
    top_values = models.JSONField(default=list, editable=False)
    people = models.BigIntegerField(default=0, editable=False)
    have_it = models.BigIntegerField(default=0, editable=False)
    sampled = models.BooleanField(default=False, editable=False)
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now, editable=False)
    refreshed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="attribute_definition_tenant"),
            models.UniqueConstraint(fields=["environment", "name"], name="one_definition_an_attribute"),
        ]

    def __str__(self) -> str:
        return self.name
