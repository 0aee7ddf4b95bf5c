"""The admin of rewards, their ledger, tables, pools and coupons. All of it has writers of its own."""

from typing import Any, ClassVar

from django.contrib import admin

from glu_admin.console.admin_base import InEnvironment, Recorded, Rows
from rewards.models import (
    Coupon,
    CouponClaim,
    CouponCursor,
    CouponPool,
    CouponUpload,
    LedgerEntry,
    Reward,
    RewardTable,
    Stock,
    Variant,
)


class VariantRows(Rows):
    model = Variant
    fk_name = "table"


class CursorRows(Rows):
    model = CouponCursor


class EntryRows(Rows):
    model = LedgerEntry


@admin.register(RewardTable)
class RewardTableAdmin(Recorded):
    list_display = ("id", "version", "commitment", "frozen_at", "retired_at")
    list_filter = (("frozen_at", admin.EmptyFieldListFilter), ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("=id", "commitment", "campaigns__name")
    date_hierarchy = "frozen_at"
    inlines: ClassVar[list[Any]] = [VariantRows]


@admin.register(Variant)
class VariantAdmin(Recorded):
    list_display = (
        "name",
        "occasion",
        "weight",
        "reward_type",
        "amount",
        "is_fallback",
        "pool",
        "stock",
        "expiry",
    )
    list_filter = ("reward_type", "is_fallback", "expiry")
    list_select_related = ("pool", "stock")
    search_fields = ("name", "=id", "=table__id")


@admin.register(Stock)
class StockAdmin(Recorded):
    list_display = ("id", "issued", "limit")
    search_fields = ("=id", "variants__name")


@admin.register(CouponPool)
class CouponPoolAdmin(Recorded):
    list_display = ("name", "total", "is_demo", "created_at")
    list_filter = ("is_demo",)
    search_fields = ("name",)
    inlines: ClassVar[list[Any]] = [CursorRows]


@admin.register(Coupon)
class CouponAdmin(Recorded):
    list_display = ("pool", "number", "expires_at")
    list_filter = (("pool", InEnvironment),)
    list_select_related = ("pool",)
    search_fields = ("=number",)


@admin.register(CouponCursor)
class CouponCursorAdmin(Recorded):
    list_display = ("pool", "next_number", "last_number")
    list_filter = (("pool", InEnvironment),)
    list_select_related = ("pool",)


@admin.register(CouponClaim)
class CouponClaimAdmin(Recorded):
    list_display = ("pool", "number", "kind", "at")
    list_filter = ("kind", ("pool", InEnvironment))
    list_select_related = ("pool",)
    search_fields = ("=number",)
    date_hierarchy = "at"


@admin.register(CouponUpload)
class CouponUploadAdmin(Recorded):
    list_display = ("file_name", "pool", "expires_at")
    list_select_related = ("pool",)
    search_fields = ("file_name",)


@admin.register(Reward)
class RewardAdmin(Recorded):
    list_display = ("id", "user", "variant", "state", "won_at", "expires_at")
    list_filter = ("state", "campaign_type")
    list_select_related = ("user", "variant")
    search_fields = ("=id", "=transaction_id", "=user__user_id", "=campaign_id", "=reward_user_id")
    date_hierarchy = "won_at"
    inlines: ClassVar[list[Any]] = [EntryRows]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(Recorded):
    list_display = ("at", "kind", "reward_type", "amount", "user", "reward_id")
    list_filter = ("kind", "reward_type")
    list_select_related = ("user",)
    search_fields = ("=reward__id", "=user__user_id")
    date_hierarchy = "at"
