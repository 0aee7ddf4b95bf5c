"""Makes the twin's tables and people: `python -m tests.bench.twin.world USERS CAMPAIGNS`.

Prints the write key and one token a person as JSON.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.twin.settings"


def main(users: int, campaigns: int) -> None:
    django.setup()
    from django.core.management import call_command

    from tests.bench.twin.models import App, Campaign, Participation, Person, Reward
    from tests.bench.twin.views import issue

    call_command("migrate", run_syncdb=True, verbosity=0)
    app = App.objects.create(write_key="wk_twin", secret="s" * 43)
    people = Person.objects.bulk_create(Person(app=app, user_id=f"u_{n}") for n in range(users))
    rows = Campaign.objects.bulk_create(
        Campaign(
            app=app,
            type="spinthewheel",
            name=f"Campaign {n}",
            tag=f"campaign-{n}",
            banner={"title": f"Campaign {n}", "body": "Spin and win", "tag": f"campaign-{n}"},
        )
        for n in range(campaigns)
    )
    Participation.objects.bulk_create(
        Participation(campaign=row, person=person, status="in-progress", plays=1)
        for person in people
        for row in rows[:3]
    )
    Reward.objects.bulk_create(Reward(person=person, name="50 points") for person in people)
    print(json.dumps({"writeKey": app.write_key, "tokens": [issue(person) for person in people]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
