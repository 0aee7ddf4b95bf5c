"""Uploaded files of codes, kept sealed between their report and the decision to add them.

Only the member who uploaded a file may look at it or decide; a next file takes its place, and
after an hour it is gone.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePath
from uuid import UUID

from django.db import transaction

from glu_admin import crypto
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment, Member
from rewards import coupon_imports
from rewards.coupon_files import CouponFile, Rejected
from rewards.coupon_imports import ImportReport
from rewards.models import CouponPool, CouponUpload

# what a page can wait for; larger files go by command
LARGEST = 20 * 2**20  # bytes
MOST_LINES = 200_000
KEPT = timedelta(hours=1)


class UploadError(Exception):
    """The file can't be taken, or there is none any more; the message says what to do."""


def keep(pool: CouponPool, member: Member, name: str, content: bytes, *, now: datetime) -> CouponUpload:
    """Examine a file and keep it, sealed; raises UploadError."""
    _refuse_unfit(content)
    report = coupon_imports.examine(pool, coupon_imports.read(io.BytesIO(content), pool, now=now))
    upload = CouponUpload(
        environment=pool.environment,
        pool=pool,
        member=member,
        file_name=_plain(name),
        report=_as_json(report),
        expires_at=now + KEPT,
    )
    upload.sealed_file = crypto.seal(_key(pool.environment), content, _place(upload))
    with transaction.atomic():
        CouponUpload.objects.filter(environment=pool.environment, pool=pool, member=member).delete()
        upload.save(force_insert=True)
    return upload


def find(pool: CouponPool, member: Member, upload_id: UUID, *, now: datetime) -> CouponUpload:
    """The member's own upload that waits for a decision; raises UploadError."""
    upload = (
        CouponUpload.objects.defer("sealed_file")
        .filter(environment=pool.environment, pool=pool, member=member, id=upload_id, expires_at__gt=now)
        .first()
    )
    if upload is None:
        raise UploadError("This file was added, cancelled or left for an hour. Upload it again if need be.")
    upload.pool = pool
    return upload


def add(upload: CouponUpload, actor: Actor, *, now: datetime) -> int:
    """Add the good codes, once, and let go of the file; how many they are. Raises UploadError."""
    with transaction.atomic():
        waiting = CouponUpload.objects.select_for_update().filter(id=upload.id).first()
        if waiting is None:
            raise UploadError("These codes were added already.")
        count = coupon_imports.add(upload.pool, _open(upload.pool, waiting, now), actor)
        waiting.delete()
    return count


def discard(upload: CouponUpload) -> None:
    """Let go of the file; nothing was added."""
    upload.delete()


def forget_expired(*, now: datetime) -> int:
    """Let go of every file that nobody decided about in time; how many they were."""
    return CouponUpload.objects.filter(expires_at__lte=now).delete()[0]


def rejected(upload: CouponUpload, *, now: datetime) -> Iterator[Rejected]:
    """The rows that are left out, with their text, for who uploaded them."""
    return coupon_imports.rejected_rows(upload.pool, _open(upload.pool, upload, now))


def _refuse_unfit(content: bytes) -> None:
    if len(content) > LARGEST:
        raise too_large()
    if max(content.count(b"\n"), content.count(b"\r")) > MOST_LINES:
        raise UploadError(f"A file has at most {MOST_LINES:,} lines. Split it, or use the command line.")
    if not content.strip():
        raise UploadError("The file is empty.")


def too_large() -> UploadError:
    return UploadError(f"A file has at most {LARGEST // 2**20} MB. Split it, or use the command line.")


def _open(pool: CouponPool, upload: CouponUpload, now: datetime) -> CouponFile:
    content = crypto.unseal(_key(pool.environment), bytes(upload.sealed_file), _place(upload))
    return coupon_imports.read(io.BytesIO(content), pool, now=now)


def _key(environment: Environment) -> bytes:
    return crypto.environment_key(environment.id, bytes(environment.wrapped_key))


def _place(upload: CouponUpload) -> str:
    return f"coupon-upload:{upload.id}"


def _plain(name: str) -> str:
    printable = "".join(each for each in PurePath(name).name if each.isprintable())
    return printable[:120] or "codes"


def _as_json(report: ImportReport) -> dict[str, object]:
    """Counts and lines only. Headers are names of columns, never codes."""
    return {
        "encoding": report.encoding,
        "columns": list(report.columns),
        "rows": report.rows,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "problems": [
            {"reason": reason, "count": found.count, "first": found.first}
            for reason, found in sorted(report.problems.items(), key=lambda item: -item[1].count)
        ],
    }
