"""Files of people for lists, and the worker that takes them in."""

import io
import zipfile

from django.utils import timezone
from openpyxl import Workbook

from glu_admin.jobs.desk import work_once
from glu_admin.workspaces.audit import Actor
from users.models import Segment, SegmentMember
from users.segments import shelf
from users.segments.lists import imports
from users.segments.lists.cells import Wanted
from users.segments.shelf import SegmentDraft

ACTOR = Actor("a test")


def a_list(environment, name="Guests"):
    return shelf.create(environment, SegmentDraft(name, kind=Segment.Kind.STATIC), ACTOR)


def upload(
    segment, content, *, field="core.userId", column="", has_header=True, kind="csv", mode="add", now=None
):
    """Bytes, or text, or an iterable of bytes; not checked yet."""
    content = content.encode() if isinstance(content, str) else content
    return imports.upload(
        segment,
        [content] if isinstance(content, bytes) else content,
        kind=kind,
        wanted=Wanted(field, column, has_header),
        mode=mode,
        file_name=f"guests.{kind}",
        actor=ACTOR,
        now=now or timezone.now(),
    )


def check(segment, content, **more):
    """The import, after a worker has read it."""
    made = upload(segment, content, **more)
    work()
    made.refresh_from_db()
    return made


def apply(order):
    imports.apply(order, ACTOR)
    work()
    order.refresh_from_db()
    return order


def undo(order):
    imports.undo(order, ACTOR, now=timezone.now())
    work()
    order.refresh_from_db()
    return order


def work():
    while work_once():
        pass


def members(segment):
    """The user ids of who is in."""
    rows = SegmentMember.objects.filter(segment=segment).select_related("user")
    return sorted(row.user.user_id or row.user.anonymous_id for row in rows)


def problems(order):
    return [(each["row"], each["code"]) for each in order.report["problems"]]


def sheet(*rows, write_only=False):
    """A spreadsheet with these rows, as bytes."""
    book = Workbook(write_only=write_only)
    page = book.create_sheet() if write_only else book.active
    for row in rows:
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(packed, name, change):
    """The zip with one part changed; `change` takes and gives its bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if part.filename == name else content)
    return file.getvalue()
