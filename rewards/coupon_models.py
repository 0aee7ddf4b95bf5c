"""Coupon codes, and who has which.

Rows of codes never change: claims stand in a table of their own. Codes and cursors are written
by coupon_imports.py, claims by coupons.py (which moves the cursors), uploads by uploads.py.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment, Member


class CouponPool(models.Model):
    """A stack of numbered coupon codes, encrypted with a key of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    wrapped_key = models.BinaryField(editable=False)
    total = models.PositiveIntegerField(default=0, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="pool_tenant"),
            models.UniqueConstraint(fields=["environment", "name"], name="one_pool_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Coupon(models.Model):
    """One code: written once, never changed."""

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    pool = TenantForeignKey(CouponPool, models.CASCADE, db_index=False, related_name="coupons")
    number = models.PositiveIntegerField()
    ciphertext = models.BinaryField(editable=False)
    blind_index = models.BinaryField(editable=False)
    details = models.JSONField(default=dict, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pool", "number"], name="one_coupon_a_number"),
            models.UniqueConstraint(fields=["environment", "blind_index"], name="one_coupon_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.pool} #{self.number}"


class CouponCursor(models.Model):
    """A stretch of a pool's numbers, and the next one to give out.

    Claims spread over the cursors at random and wait for the one they picked. The expiries
    tell without a look at the codes whether a stretch can still be given out.
    """

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    pool = TenantForeignKey(CouponPool, models.CASCADE, db_index=False, related_name="cursors")
    next_number = models.PositiveIntegerField()
    last_number = models.PositiveIntegerField()
    first_expiry = models.DateTimeField(null=True, help_text="Of its codes; empty: none of them expires.")
    last_expiry = models.DateTimeField(null=True, help_text="Of its codes; empty: some never expire.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["pool"], name="cursor_pool")]

    def __str__(self) -> str:
        return f"{self.pool} {self.next_number}…{self.last_number}"


class CouponClaim(models.Model):
    """A number that is taken. One claim a number, whatever happens around it."""

    class Kind(models.TextChoices):
        WON = "won", "Won"
        VOID = "void", "Void"

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    pool = TenantForeignKey(CouponPool, models.CASCADE, db_index=False, related_name="claims")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.WON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pool", "number"], name="one_claim_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.pool} #{self.number} {self.kind}"


class CouponUpload(models.Model):
    """A member's file of codes between its report and the decision: sealed, and short-lived."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    pool = TenantForeignKey(CouponPool, models.CASCADE, related_name="uploads")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=120)
    sealed_file = models.BinaryField(editable=False)
    report = models.JSONField(editable=False, help_text="Counts, and problems by line; never a code.")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.file_name} for {self.pool}"
