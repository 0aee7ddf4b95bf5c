"""Pictures of a company: its logo, and what its pages and cards show.

They belong to the workspace, as its look does: Test shows them as Live does, and a campaign that is
copied from one to the other finds them where they were. They hold nothing of any person. A row is
written once, and its picture never changed: another one has another hash. What nothing shows
goes by itself (sweeping.py).
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from glu_admin.workspaces.models import Workspace


class Picture(models.Model):
    """One picture, made small; `sha256` is that of `content`, which is WebP."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_by = models.CharField(max_length=120)
    added_at = models.DateTimeField(default=timezone.now)
    unused_since = models.DateTimeField(null=True, help_text="When nothing was found to show it.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "sha256"], name="one_picture_a_hash")
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height} ({self.sha256[:8]})"
