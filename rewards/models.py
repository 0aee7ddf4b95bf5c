"""What can be won, and who won it.

A reward table is edited as a draft and frozen at launch; a frozen one never changes. Rewards
and their ledger are written by ledger.py alone. Coupons have a module of their own.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment
from rewards.coupon_models import Coupon, CouponClaim, CouponCursor, CouponPool, CouponUpload
from users.models import EndUser

__all__ = [
    "Coupon",
    "CouponClaim",
    "CouponCursor",
    "CouponPool",
    "CouponUpload",
    "LedgerEntry",
    "Reward",
    "RewardTable",
    "RewardType",
    "Stock",
    "Variant",
]


class RewardType(models.TextChoices):
    """The reward types of the public API."""

    PDR = "pdr", "Price drop"
    DISCOUNT = "discount", "Discount"
    DELIVERY_DISCOUNT = "deliveryDiscount", "Delivery discount"
    BUY_X_GET_Y = "buyXGetY", "Buy X get Y"
    FREEBIE = "freebie", "Free item"
    NO_REWARD = "noReward", "No prize"
    CUSTOM = "customReward", "Custom reward"
    COUPONS = "coupons", "Coupon"
    COINS = "coins", "Coins"
    POINTS = "points", "Points"
    CASHBACKS = "cashbacks", "Cashback"
    STAMP = "stamp", "Stamp"
    BOOSTER = "booster", "Booster"


class Stock(models.Model):
    """How many of an outcome may be won in all; outlives the versions of its table."""

    environment = models.ForeignKey(Environment, models.CASCADE, db_constraint=False, related_name="+")
    limit = models.PositiveIntegerField()
    issued = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="stock_tenant"),
            models.CheckConstraint(
                condition=models.Q(issued__lte=models.F("limit")), name="stock_never_overshoots"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issued} of {self.limit}"


class RewardTable(models.Model):
    """The outcomes of a campaign and their weights: a draft, or a frozen version.

    Freezing fixes `digest` (a hash of the outcomes) and publishes `commitment`, the SHA-256
    of the secret seed that every draw uses; the seed is revealed when the table retires.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=1)
    sealed_seed = models.BinaryField(editable=False, null=True)
    commitment = models.CharField(max_length=64, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="table_tenant"),
            models.CheckConstraint(
                condition=models.Q(frozen_at__isnull=True)
                | (models.Q(sealed_seed__isnull=False) & ~models.Q(commitment="") & ~models.Q(digest="")),
                name="frozen_table_has_a_commitment",
            ),
        ]

    def __str__(self) -> str:
        return f"reward table {self.id} v{self.version}"


class Variant(models.Model):
    """A possible outcome with its weight, and what it gives."""

    class Expiry(models.TextChoices):
        NEVER = "never", "Never"
        FIXED = "fixed", "On a date"
        RELATIVE = "relative", "Some days after it is won"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(Environment, models.CASCADE, db_constraint=False, related_name="+")
    table = TenantForeignKey(RewardTable, models.CASCADE, related_name="variants")
    position = models.PositiveSmallIntegerField()
    occasion = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="What of its campaign it rewards; a draw is among the outcomes of one occasion.",
    )
    name = models.CharField(max_length=80)
    weight = models.PositiveIntegerField(help_text="Its share is weight / sum of its occasion's weights.")
    is_fallback = models.BooleanField(
        default=False, help_text="Given instead of an outcome that has run out."
    )
    reward_type = models.CharField(max_length=20, choices=RewardType)
    amount = models.BigIntegerField(null=True, blank=True)
    body = models.CharField(max_length=500, blank=True)
    terms = models.JSONField(default=list, blank=True)
    details = models.JSONField(default=dict, blank=True)
    deep_link = models.CharField(max_length=500, blank=True)
    pool = TenantForeignKey(CouponPool, models.RESTRICT, null=True, blank=True, related_name="variants")
    stock = TenantForeignKey(Stock, models.RESTRICT, null=True, blank=True, related_name="variants")
    expiry = models.CharField(max_length=8, choices=Expiry, default=Expiry.NEVER)
    expires_at = models.DateTimeField(null=True, blank=True)
    expires_after_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="variant_tenant"),
            models.UniqueConstraint(fields=["table", "position"], name="one_variant_a_position"),
            models.UniqueConstraint(
                fields=["table"], condition=models.Q(is_fallback=True), name="one_fallback_a_table"
            ),
            models.CheckConstraint(
                condition=models.Q(is_fallback=False) | models.Q(pool__isnull=True, stock__isnull=True),
                name="fallback_never_runs_out",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Reward(models.Model):
    """What one person won."""

    class State(models.TextChoices):
        WON = "won", "Won"
        SEEN = "seen", "Seen"
        REDEEMED = "redeemed", "Redeemed"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user = TenantForeignKey(EndUser, models.CASCADE, db_index=False, related_name="rewards")
    campaign_id = models.UUIDField()
    campaign_type = models.CharField(max_length=32)
    variant = TenantForeignKey(Variant, models.RESTRICT, related_name="rewards")
    reward_user_id = models.UUIDField()
    transaction_id = models.CharField(max_length=64)
    pool = TenantForeignKey(CouponPool, models.RESTRICT, null=True, db_index=False, related_name="rewards")
    coupon_number = models.PositiveIntegerField(null=True)
    details = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WON)
    expires_at = models.DateTimeField(null=True)
    won_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "id"], name="reward_tenant"),
            models.UniqueConstraint(fields=["environment", "transaction_id"], name="one_reward_an_activity"),
            models.UniqueConstraint(fields=["pool", "coupon_number"], name="one_reward_a_coupon"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "user", "-won_at"], name="reward_of_user"),
            models.Index(fields=["environment", "campaign_id", "-won_at"], name="reward_of_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.variant} for {self.user}"


class LedgerEntry(models.Model):
    """One change of value: who, what, how much. Append-only by trigger."""

    class Kind(models.TextChoices):
        AWARD = "award", "Awarded"
        REDEEM = "redeem", "Redeemed"
        EXPIRE = "expire", "Expired"
        REVOKE = "revoke", "Revoked"

    environment = models.ForeignKey(
        Environment, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    reward = TenantForeignKey(Reward, models.RESTRICT, db_index=False, related_name="entries")
    user = TenantForeignKey(EndUser, models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    reward_type = models.CharField(max_length=20, choices=RewardType)
    amount = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reward", "kind"], name="one_entry_a_change")
        ]
        indexes: ClassVar = [models.Index(fields=["environment", "-at"], name="ledger_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reward_type} {self.amount}"
