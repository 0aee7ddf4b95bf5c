"""The admin of workspaces, keys, members and the audit log. Keys and the team are changed in the console."""

from typing import Any, ClassVar

from django.contrib import admin

from glu_admin.console.admin_base import Configured, Recorded, Rows
from glu_admin.workspaces.models import (
    ApiKey,
    AuditEntry,
    Environment,
    Member,
    Membership,
    SignInLink,
    TokenKey,
    Workspace,
    WriteKey,
)


class MembershipRows(Rows):
    model = Membership


@admin.register(Workspace)
class WorkspaceAdmin(Configured):
    scope = "environments__workspace"
    list_display = ("name", "time_zone", "currency", "created_at")
    editable = ("name", "brand_color", "time_zone", "currency")
    inlines: ClassVar[list[Any]] = [MembershipRows]


@admin.register(Environment)
class EnvironmentAdmin(Configured):
    scope = "workspace"
    list_display = ("kind", "workspace", "allow_direct_links", "token_days", "version")
    editable = ("allowed_origins", "deep_link_schemes", "referral_url", "allow_direct_links", "token_days")


@admin.register(WriteKey)
class WriteKeyAdmin(Recorded):
    list_display = ("name", "key", "created_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "key")


@admin.register(ApiKey)
class ApiKeyAdmin(Recorded):
    hidden = ("key_hash",)
    list_display = ("name", "prefix", "scopes", "created_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "prefix")


@admin.register(TokenKey)
class TokenKeyAdmin(Recorded):
    list_display = ("kid", "created_at", "retires_at", "revoked_at")
    search_fields = ("kid",)


@admin.register(Member)
class MemberAdmin(Recorded):
    scope = "memberships__workspace"
    hidden = ("password",)
    list_display = ("email", "name", "is_active", "last_login", "created_at")
    list_filter = ("is_active",)
    search_fields = ("email", "name")
    inlines: ClassVar[list[Any]] = [MembershipRows]


@admin.register(Membership)
class MembershipAdmin(Recorded):
    scope = "workspace"
    list_display = ("member", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("member",)
    search_fields = ("member__email", "member__name")


@admin.register(SignInLink)
class SignInLinkAdmin(Recorded):
    scope = "member__memberships__workspace"
    hidden = ("token_hash",)
    list_display = ("member", "expires_at", "used_at")
    list_select_related = ("member",)
    search_fields = ("member__email",)


@admin.register(AuditEntry)
class AuditEntryAdmin(Recorded):
    scope = "workspace"
    list_display = ("at", "actor", "action", "object_type", "object_id", "environment")
    list_filter = ("action", "object_type")
    list_select_related = ("environment__workspace",)
    search_fields = ("actor", "action", "object_id", "request_id")
    date_hierarchy = "at"
    ordering = ("-id",)
