"""Processes that drain until they are stopped: `python -m tests.events.drainers COUNT`.

Each says "PID in a batch" while it has written but not committed, now and then with a pause,
so that somebody may kill it at the worst moment. One that died is replaced.
"""

import os
import signal
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.events.history import POISON  # noqa: E402
from users.events import drain, subscribers  # noqa: E402

PAUSE_EACH = 4  # batches


def journal(config, events):
    """Writes down who did what; nothing in the table keeps it from doing so twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO replay_journal (user_pk, client_id, event_id)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])",
            [
                [each.user_pk for each in events],
                [each.client_id for each in events],
                [each.event_id for each in events],
            ],
        )


def picky(config, events):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO replay_picky (event_id) SELECT unnest(%s::text[])",
            [[each.event_id for each in events]],
        )
    if any(POISON in each.properties for each in events):
        raise ValueError("I can't take this")


class Pausing:
    """The last of the subscribers: all the others have written."""

    def __init__(self):
        self.batches = 0

    def __call__(self, config, events):
        self.batches += 1
        if self.batches % PAUSE_EACH == 0:
            os.write(1, f"{os.getpid()} in a batch\n".encode())
            time.sleep(0.05)


def work():
    subscribers.subscribe("journal", journal)
    subscribers.subscribe("picky", picky)
    subscribers.subscribe("pausing", Pausing(), shared=True)
    while True:
        if not drain.drain(now=timezone.now(), most=100):
            time.sleep(0.02)


def start():
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work()
    return pid


def main(count):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    children = {start() for _ in range(count)}
    try:
        while True:
            died, _ = os.wait()
            children.discard(died)
            children.add(start())
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
