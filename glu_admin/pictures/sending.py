"""Pictures in a form: a file that was chosen becomes a name, which from then on the form carries.

So a picture survives whatever else is wrong with a form, and a preview needs no file. A field called
NAME has the file in NAME-file, and a tick in NAME-remove takes the picture away.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, QueryDict

from glu_admin.console.access import ConsoleRequest
from glu_admin.pictures import keeping, names, reading
from glu_admin.pictures.reading import PictureError, Use
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment

GONE = "This picture is not here. Choose it again."


class Received(NamedTuple):
    """The form with its pictures' names in it, and by field in words what can't be shown."""

    data: QueryDict
    refused: dict[str, str]


def received(
    request: ConsoleRequest, env: Environment, uses: Mapping[str, Use], addressed: Mapping[str, Use]
) -> Received:
    """What was sent, with the pictures in it kept; a field of `addressed` holds not the name, but the
    address, and may hold somebody else's as well."""
    data, refused = request.POST.copy(), dict[str, str]()
    for field, use in addressed.items():
        try:
            if content := file_of(request, f"{field}-file"):
                name = keeping.keep(env, content, use, Actor.of(request.user))
                data[field] = names.shown(env.workspace_id, name).address  # type: ignore[union-attr]  # made a line ago
        except PictureError as error:
            refused[field] = str(error)
    for field, use in uses.items():
        try:
            if content := file_of(request, f"{field}-file"):
                data[field] = keeping.keep(env, content, use, Actor.of(request.user))
            elif data.get(f"{field}-remove"):
                data[field] = ""
        except PictureError as error:
            refused[field] = str(error)
    named = {str(data[field]) for field in uses if data.get(field)}
    gone = keeping.missing(env, named) if named else set()
    for field in uses:
        if data.get(field) in gone:
            data[field] = ""
            refused.setdefault(field, GONE)
    return Received(data, refused)


def file_of(request: HttpRequest, name: str) -> bytes:
    """What was chosen, b"" for nothing; raises PictureError for what is too large to be read."""
    length = int(request.headers.get("Content-Length") or 0)
    # of so much no file is kept, as if none had been chosen
    if request.content_type == "multipart/form-data" and length > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        raise reading.too_large(length)
    file = request.FILES.get(name)
    if file is None:
        return b""
    if (file.size or 0) > reading.LARGEST:
        raise reading.too_large(file.size or 0)
    content: bytes = file.read()
    return content
