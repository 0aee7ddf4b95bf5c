"""What player pages load, as one file that apps may fetch ahead: `GET /reward/v1.1/client/assets`.

The file is made of the very files that pages name, under the very addresses. Its name is the
hash of what is in it, so an app that has it need never ask again.
"""

import hashlib
import io
import zipfile
from functools import cache

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import Storage

FOLDERS = ("player/", "types/")
NEVER_CHANGED = (1980, 1, 1, 0, 0, 0)  # the oldest date that a zip file can hold


@cache
def bundle() -> tuple[str, bytes]:
    """The SHA-256 of the file in hex, and the file: a zip that is the same wherever it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for address, content in sorted(_files()):
            archive.writestr(zipfile.ZipInfo(address, NEVER_CHANGED), content, zipfile.ZIP_DEFLATED)
    content = made.getvalue()
    return hashlib.sha256(content).hexdigest(), content


def _files() -> list[tuple[str, bytes]]:
    """What pages of players load: the address of each file without its first slash, and its bytes."""
    return [
        (staticfiles_storage.url(name).lstrip("/"), _read(storage, name))
        for finder in finders.get_finders()
        for name, storage in finder.list([])
        if name.startswith(FOLDERS)
    ]


def _read(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        content: bytes = file.read()
    return content
