"""Imports as tests start them: a text, and what came of it."""

import uuid

from django.utils import timezone

from glu_admin import config
from users.bulk import import_
from users.bulk.import_ import Order


class Onlooker:
    """Keeps what an import says of its progress."""

    def __init__(self):
        self.steps = []

    def progress(self, *, done, failed=0, total=None, keep=None):
        self.steps.append((done, failed, total, keep))


def order(environment, content, *, kind="csv", **more):
    data = content.encode() if isinstance(content, str) else content
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    plain = {"key": uuid.uuid4(), "now": timezone.now()}
    return Order(config=config.get(environment.id), open=lambda: iter(pieces), kind=kind, **plain | more)


def import_people(environment, content, *, watch=None, **more):
    """The report of importing a text or bytes."""
    return import_.run(order(environment, content, **more), watch or Onlooker())
