"""People who play while the database dies: run as a process of its own, beside the test.

`prepare` makes a campaign; `play` lets threads play, asking again with the same key for as
long as no answer came, and writes each acknowledged answer to a file; `check` compares the
answers with the database and prints what it counted as JSON.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import InterfaceError, OperationalError, connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from psycopg_pool import PoolTimeout  # noqa: E402

from campaigns import engine  # noqa: E402
from campaigns.models import Campaign, Play  # noqa: E402
from glu_admin.api.errors import ApiError  # noqa: E402
from glu_admin.webhooks.models import OutboxMessage  # noqa: E402
from glu_admin.workspaces import keys  # noqa: E402
from rewards.models import CouponClaim, LedgerEntry, Reward  # noqa: E402
from tests.factories import EndUserFactory, identity_of, launched_campaign  # noqa: E402
from users.models import EndUser  # noqa: E402

PEOPLE = 40
PLAYS_EACH = 60 if os.environ.get("GLU_TEST_FULL") else 15
GONE = (OperationalError, InterfaceError, PoolTimeout)


def prepare() -> None:
    environment = keys.create_workspace("Chaos").environments.get(kind="test")
    launched_campaign(environment, plays_a_day=None, plays_in_all=None, codes=5_000)
    for number in range(PEOPLE):
        EndUserFactory(environment=environment, user_id=f"u_{number}")


def play(acknowledged: Path, threads: int) -> None:
    campaign = Campaign.objects.get()
    people = list(EndUser.objects.order_by("id"))
    connection.close()  # the threads need every connection of the pool
    lock = threading.Lock()

    def run(mine: list[EndUser]) -> None:
        with open(acknowledged, "a", encoding="utf-8") as file:
            for turn in range(PLAYS_EACH):
                for person in mine:
                    key = f"{person.user_id}-{turn}"
                    answer = insist(person, str(campaign.id), key)
                    with lock:
                        file.write(json.dumps([person.user_id, key, answer]) + "\n")
                        file.flush()

    running = [threading.Thread(target=run, args=(people[n::threads],)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def insist(person: EndUser, campaign_id: str, key: str) -> dict[str, object]:
    """Ask with one key until an answer comes, as an app does after a time-out."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return engine.act(identity_of(person), campaign_id, key=key, body={}, now=timezone.now())
        except GONE:
            connection.close()
        except ApiError as refusal:
            if refusal.code not in {"busy", "play_in_progress"}:
                raise
        if time.monotonic() > deadline:
            raise TimeoutError(f"no answer to {key} in a minute")
        time.sleep(0.1)


def check(acknowledged: Path) -> None:
    lines = [json.loads(line) for line in acknowledged.read_text().splitlines()]
    campaign = Campaign.objects.get()
    changed = 0
    for user_id, key, answer in lines:
        person = EndUser.objects.get(user_id=user_id)
        again = insist(person, str(campaign.id), key)
        changed += json.loads(json.dumps(again)) != answer
    won = sum(answer["won"] for _, _, answer in lines)
    sys.stdout.write(
        json.dumps(
            {
                "asked": PEOPLE * PLAYS_EACH,
                "acknowledged": len(lines),
                "changed": changed,
                "plays": Play.objects.count(),
                "won": won,
                "rewards": Reward.objects.count(),
                "ledger": LedgerEntry.objects.count(),
                "messages": OutboxMessage.objects.count(),
                "codes": len({answer["reward"]["code"] for _, _, answer in lines if has_code(answer)}),
                "claims": CouponClaim.objects.count(),
            }
        )
    )


def has_code(answer: dict[str, dict[str, object]]) -> bool:
    return bool(answer["reward"] and answer["reward"]["code"])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare"]:
            call_command("migrate", verbosity=0)
            prepare()
        case ["play", file, threads]:
            play(Path(file), int(threads))
        case ["check", file]:
            check(Path(file))
