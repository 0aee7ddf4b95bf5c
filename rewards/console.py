"""Coupon pools in the console: how they stand, new ones, and codes from a file in two steps."""

import csv
import io
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor, record
from glu_admin.workspaces.models import Environment
from rewards import coupons, uploads
from rewards.coupon_files import EXPLAINED, Reason
from rewards.models import CouponPool, CouponUpload, Variant

ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LOW = 0.1  # of a pool left: the list says so


class PoolForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="What marketers choose it by, such as “20% off, spring”.")


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV or text file",
        max_length=200,
        allow_empty_file=True,
        help_text="One code a line; or with a header line, such as code,expires_at,channel. Columns other "
        "than code and expires_at become details of the reward. Up to 20 MB "
        "and 200,000 lines.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )


@console("pools.view", post="pools.edit")
def pools(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """The list of pools; a POST makes a new one."""
    form = PoolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _create(request, env, form)
        if made is not None:
            return redirect("coupon-pool", kind=env.kind, pk=made.id)
    counts = coupons.counts(env.id, now=timezone.now())
    rows = [
        (pool, count, count.left <= count.total * LOW)
        for pool in CouponPool.objects.filter(environment=env).order_by("-created_at")
        if (count := counts.get(pool.id))
    ]
    return render(request, "rewards/pools.html", {"rows": rows, "form": form})


@console("pools.view")
@require_GET
def pool_page(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    return _pool_page(request, env, _pool(env, pk), UploadForm())


@console("pools.edit")
@require_POST
def upload(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """Examine a file; nothing is added yet."""
    pool, form = _pool(env, pk), UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            name, content = _read(form.cleaned_data["file"])
            kept = uploads.keep(pool, request.user, name, content, now=timezone.now())
            return redirect("coupon-upload", kind=env.kind, pk=pool.id, upload=kept.id)
        except uploads.UploadError as error:
            form.add_error("file", str(error))
    elif int(request.headers.get("Content-Length") or 0) > uploads.LARGEST:
        # nothing so large is kept, on a disk least of all, so the form found no file
        form.errors["file"] = form.error_class([str(uploads.too_large())])
    return _pool_page(request, env, pool, form)


@console("pools.edit")
def report(request: ConsoleRequest, env: Environment, pk: UUID, upload: UUID) -> HttpResponse:
    """What a file holds. A POST adds its good codes, or lets go of it."""
    pool, now = _pool(env, pk), timezone.now()
    try:
        found = uploads.find(pool, request.user, upload, now=now)
        if request.method != "POST":
            return render(request, "rewards/report.html", _report(pool, found))
        if request.POST.get("decision") == "add":
            count = uploads.add(found, Actor.of(request.user), now=now)
            messages.success(request, f"{count:,} {'code is' if count == 1 else 'codes are'} in the pool.")
        else:
            uploads.discard(found)
            messages.success(request, "Nothing was added.")
    except uploads.UploadError as error:
        messages.error(request, str(error))
    return redirect("coupon-pool", kind=env.kind, pk=pool.id)


@console("pools.edit")
@require_GET
def rejected(request: ConsoleRequest, env: Environment, pk: UUID, upload: UUID) -> HttpResponse:
    """The rows that are left out, as a CSV that no spreadsheet runs."""
    pool, now = _pool(env, pk), timezone.now()
    try:
        found = uploads.find(pool, request.user, upload, now=now)
    except uploads.UploadError as error:
        messages.error(request, str(error))
        return redirect("coupon-pool", kind=env.kind, pk=pool.id)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "reason", "row"])
    for row in uploads.rejected(found, now=now):
        writer.writerow([row.line, _why(row.reason, row.first), _harmless(row.text)])
    answer = HttpResponse(
        text.getvalue().encode("utf-8-sig", "replace"), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="rejected-rows.csv"'
    return answer


def _create(request: ConsoleRequest, env: Environment, form: PoolForm) -> CouponPool | None:
    try:
        with transaction.atomic():
            pool = coupons.create_pool(env, form.cleaned_data["name"])
            record(env, Actor.of(request.user), "coupon_pool.create", pool, {"name": [None, pool.name]})
    except IntegrityError:
        form.add_error("name", "There is a pool of this name.")
        return None
    return pool


def _pool(env: Environment, pk: UUID) -> CouponPool:
    pool = get_object_or_404(CouponPool, environment=env, id=pk)
    pool.environment = env
    return pool


def _pool_page(request: ConsoleRequest, env: Environment, pool: CouponPool, form: UploadForm) -> HttpResponse:
    count = coupons.counts(env.id, now=timezone.now())[pool.id]
    used = Variant.objects.filter(environment=env, pool=pool).values_list("name", flat=True)
    facts = {
        "pool": pool,
        "count": count,
        "gone": count.total - count.left - count.won,
        "outcomes": sorted(set(used)),
        "form": form,
    }
    return render(request, "rewards/pool.html", facts)


def _read(file: "UploadedFile[Any]") -> tuple[str, bytes]:
    """The name and the content, cut just beyond the limit so that a larger one is noticed."""
    return file.name or "codes", file.read(uploads.LARGEST + 1)


def _report(pool: CouponPool, upload: CouponUpload) -> dict[str, Any]:
    report: dict[str, Any] = upload.report
    return report | {
        "pool": pool,
        "upload_id": upload.id,
        "file_name": upload.file_name,
        "encoding_words": ENCODINGS[report["encoding"]],
        "problems": [
            each
            | {
                "why": EXPLAINED[Reason(each["reason"])],
                "lines": [
                    f"{line} (same as {first})" if first else str(line) for line, first in each["first"]
                ],
                "more": each["count"] - len(each["first"]),
            }
            for each in report["problems"]
        ],
    }


def _why(reason: Reason, first: int | None) -> str:
    return f"{EXPLAINED[reason]} First on line {first}." if first else EXPLAINED[reason]


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) else text
