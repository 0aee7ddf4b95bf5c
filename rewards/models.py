"""What can be won, and who won it.

A reward table is edited as a draft and frozen at launch; a frozen one never changes.
Coupon rows never change either: claims stand in a table of their own. Rewards and their
ledger are written by ledger.py alone, claims by coupons.py, codes by coupon_imports.py.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.tenancy import TenantForeignKey
from glu_admin.workspaces.models import Environment, Member
from users.models import EndUser


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
    name = models.CharField(max_length=80)
    weight = models.PositiveIntegerField(help_text="Its share is weight / sum of weights.")
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
