"""Who owns what: workspaces, their two environments, keys, members and the audit log.

The environment (test or live) is the boundary of every row of the product. Write keys are
public by nature and stored as they are; API keys are secrets and stored hashed.
"""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone


class Workspace(models.Model):
    """One company: its brand, its clock, its members."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    brand_color = models.CharField(max_length=7, default="#0f766e")
    look = models.JSONField(default=dict, blank=True, help_text="Colours and links of players' pages.")
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Environment(models.Model):
    """Test or live: two worlds of data behind one switch."""

    class Kind(models.TextChoices):
        TEST = "test", "Test"
        LIVE = "live", "Live"

    class SignedIdentity(models.TextChoices):
        OFF = "off", "Off"
        REPORT = "report", "Report who comes without it"
        ENFORCE = "enforce", "Refuse who comes without it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="environments")
    kind = models.CharField(max_length=4, choices=Kind)
    version = models.BigIntegerField(default=1, editable=False)
    wrapped_key = models.BinaryField(editable=False)
    allowed_origins = models.JSONField(
        default=list, blank=True, help_text="Sites that may call the API and frame the pages."
    )
    deep_link_schemes = models.JSONField(default=list, blank=True)
    referral_url = models.URLField(blank=True, default="")
    allow_direct_links = models.BooleanField(
        default=True, help_text="Links with a bare writekey and userId. Off is the safe choice in Live."
    )
    token_days = models.PositiveSmallIntegerField(default=30)
    signed_identity = models.CharField(
        max_length=7,
        choices=SignedIdentity,
        default=SignedIdentity.OFF,
        help_text="Whether register asks for userHash, the proof that your server knows the user.",
    )
    sealed_identity_secret = models.BinaryField(null=True, editable=False)
    always_200 = models.BooleanField(
        default=False, help_text="Answer 200 to events that are refused; the verdicts still say so."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind"], name="one_environment_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.workspace.name} · {self.get_kind_display()}"

    @property
    def is_test(self) -> bool:
        return self.kind == self.Kind.TEST


class WriteKey(models.Model):
    """The public key that an app ships with; it chooses the environment."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="write_keys")
    key = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A secret of the client's servers: scoped, shown once, stored as a SHA-256."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class TokenKey(models.Model):
    """A key that signs the users' tokens. The newest signs; older ones verify until they retire."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="token_keys")
    kid = models.CharField(max_length=32, unique=True, editable=False)
    sealed_secret = models.BinaryField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.kid


class MemberManager(BaseUserManager["Member"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Member(AbstractBaseUser, PermissionsMixin):
    """A person who signs in to the console."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MemberManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A member's role in a workspace; access.py says what each role may do."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        MARKETER = "marketer", "Marketer"
        DEVELOPER = "developer", "Developer"
        VIEWER = "viewer", "Viewer"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    member = models.ForeignKey(Member, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "member"], name="one_membership_a_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.get_role_display()}"


class SignInLink(models.Model):
    """A link that signs one member in, once."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.member}"


class AuditEntry(models.Model):
    """Who did what to which object, and when. Append-only by trigger."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="audit_entries")
    environment = models.ForeignKey(Environment, models.CASCADE, null=True, related_name="+")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, db_constraint=False, related_name="+")
    actor = models.CharField(max_length=120, help_text="The member's name then, or the key's name.")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-id"], name="audit_newest"),
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action}"
