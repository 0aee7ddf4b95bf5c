"""Processes that drain and sweep until they are stopped: `python -m tests.segments.keepers COUNT`.

Each says "PID at work" when it has written but not committed, now and then with a pause, so
that somebody may kill it at the worst moment. One that died is replaced.
"""

import os
import signal
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from users.events import drain, subscribers  # noqa: E402
from users.segments import looking, sweeping  # noqa: E402

PAUSE_EACH = 5
_calls = 0


def pause():
    global _calls  # noqa: PLW0603  # a process counts for itself
    _calls += 1
    if _calls % PAUSE_EACH == 0:
        os.write(1, f"{os.getpid()} at work\n".encode())
        time.sleep(0.03)


def look(*args, **options):
    found = _look(*args, **options)
    pause()
    return found


_look = looking.look


def work():
    subscribers.subscribe("pausing", lambda config, events: pause(), shared=True)
    looking.look = look
    while True:
        done = drain.drain(now=timezone.now(), most=40)
        done += sweeping.sweep(now=timezone.now(), limit=20)
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
