"""What every table in the admin has in common: one environment, no secrets, mostly read-only.

Tables with a writer of their own (plays, rewards, coupons, campaigns…) can only be read
here. `Configured` is for plain settings that have none; its changes go to the audit log.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from glu_admin.console.admin_site import environment_of
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment, Member


class _Shown:
    """Every column but secrets: sealed and hashed ones are binary, or named in `hidden`."""

    opts: Any  # the model's, set by both kinds of admin
    hidden: ClassVar[tuple[str, ...]] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [
            field.name
            for field in self.opts.concrete_fields
            if not isinstance(field, models.BinaryField) and field.name not in self.hidden
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the site lets in owners and admins alone

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InEnvironment(admin.RelatedFieldListFilter):
    """A filter by a related object that offers this environment's objects only."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        mine = {"environment": environment_of(request)}
        ordering = self.field_admin_ordering(field, request, model_admin)
        choices: list[tuple[str, Any]] = field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to=mine
        )
        return choices


class Recorded(_Shown, admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable when run
    """A table to read. `scope` leads from its rows to the environment."""

    scope: ClassVar[str] = "environment"
    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        environment = environment_of(request)
        if environment is None:
            return super().get_queryset(request).none()
        value = environment.workspace_id if self.scope.endswith("workspace") else environment.pk
        mine = super().get_queryset(request).filter(**{self.scope: value})
        # a member or a time of a workspace may be reached along several rows; elsewhere, looking
        # for rows that are the same would read a table of a million
        return mine.distinct() if "__" in self.scope else mine


class Unscoped(Recorded):
    """Facts about the installation that belong to no workspace."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return admin.ModelAdmin.get_queryset(self, request)


class Configured(Recorded):
    """Settings that may be changed here: the fields in `editable`, in this environment only."""

    editable: ClassVar[tuple[str, ...]] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [name for name in self.get_fields(request, obj) if name not in self.editable]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def save_model(self, request: HttpRequest, obj: Any, form: "forms.ModelForm[Any]", change: bool) -> None:
        if not change and hasattr(obj, "environment_id"):
            obj.environment = environment_of(request)
        super().save_model(request, obj, form, change)
        before = {name: form.initial.get(name) for name in form.changed_data}
        changes = {name: [_plain(before[name]), _plain(getattr(obj, name))] for name in form.changed_data}
        self._record(request, obj, "changed" if change else "created", changes)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._record(request, obj, "deleted", {})
        super().delete_model(request, obj)

    def _record(self, request: HttpRequest, obj: Any, what: str, changes: dict[str, Any]) -> None:
        environment, member = environment_of(request), request.user
        if environment is None or not isinstance(member, Member):
            raise AssertionError("the site lets in members alone")
        about: models.Model = obj
        scope = about if isinstance(about, Environment) else environment
        audit.record(scope, Actor.of(member), f"{about._meta.model_name}.{what}", about, changes)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None  # the audit log has it

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return None


class Rows(_Shown, InlineModelAdmin):  # type: ignore[type-arg]  # both sides are the subclass's
    """Rows of another table, to read, under the object that they belong to."""

    template = "admin/edit_inline/rows.html"
    extra = 0
    can_delete = False


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)
