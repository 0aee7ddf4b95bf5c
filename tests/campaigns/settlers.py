"""Processes that drain and settle until they are stopped: `python -m tests.campaigns.settlers COUNT`.

Each says "PID at work" when it has written but not committed, now and then with a pause, so that
somebody may kill it at the worst moment. One that died is replaced.
"""

import os
import signal
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from campaigns import earnings, settlement, tracks  # noqa: E402
from users.events import drain  # noqa: E402

PAUSE_EACH = 7
_calls = 0


def pausing(step):
    """The step, and after it now and then a pause in which nothing is committed yet."""

    def paused(*args, **options):
        global _calls  # noqa: PLW0603  # a process counts for itself
        result = step(*args, **options)
        _calls += 1
        if _calls % PAUSE_EACH == 0:
            os.write(1, f"{os.getpid()} at work\n".encode())
            time.sleep(0.03)
        return result

    return paused


def work():
    tracks.write = pausing(tracks.write)
    settlement.settle = pausing(settlement.settle)
    while True:
        done = drain.drain(now=timezone.now(), most=40) + earnings.settle(now=timezone.now(), most=40)
        if not done:
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
