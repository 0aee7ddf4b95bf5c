"""What others wrote is served as they published it."""

import hashlib
import re
from pathlib import Path

from django.conf import settings

VENDORED = Path(settings.BASE_DIR) / "static/vendor"


def test_every_vendored_script_is_the_published_one():
    told = (VENDORED / "README.md").read_text()
    named = dict(re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", told, re.M))
    there = {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest()
        for each in VENDORED.iterdir()
        if each.suffix in {".js", ".css"}
    }

    assert there
    assert there == named
