"""A worker process for tests to kill: it sweeps as the real one does, for one kind of fact.

`python -m tests.webhooks.worker stuck` never finishes making the body, so it can be killed
between the lease and the sending.
"""

import os
import sys
import time

import django


def render(environment, subject_id):
    sys.stdout.write("rendering\n")
    sys.stdout.flush()
    if sys.argv[1] == "stuck":
        time.sleep(60)
    return {"rewardId": str(subject_id)}


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
    django.setup()
    from glu_admin.webhooks import outbox  # noqa: PLC0415  needs Django first
    from glu_admin.webhooks.pump import Pump  # noqa: PLC0415

    outbox.register_body("coffee.brewed", render)
    pump = Pump()
    while True:
        pump.sweep()
        time.sleep(0.1)


if __name__ == "__main__":
    main()
