"""Makes the twin's tables and people: `python -m tests.bench.twin.world USERS CAMPAIGNS AIMED`.

Prints the write key and one token a person as JSON.
"""

import json
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.twin.settings"


def main(users: int, campaigns: int, aimed: int) -> None:
    django.setup()
    from django.core.management import call_command

    from tests.bench import audiences
    from tests.bench.twin.models import App, Campaign, Participation, Person, Reward, Segment
    from tests.bench.twin.views import issue

    call_command("migrate", run_syncdb=True, verbosity=0)
    app = App.objects.create(write_key="wk_twin", secret="s" * 43)
    people = Person.objects.bulk_create(
        Person(app=app, user_id=f"u_{n}", attributes=audiences.attributes(n)) for n in range(users)
    )
    segments = Segment.objects.bulk_create(
        Segment(app=app, name=f"Segment {n}", rule=audiences.rule(n)) for n in range(campaigns * aimed)
    )
    rows = Campaign.objects.bulk_create(
        Campaign(
            app=app,
            type="spinthewheel",
            name=f"Campaign {n}",
            tag=f"campaign-{n}",
            banner={"title": f"Campaign {n}", "body": "Spin and win", "tag": f"campaign-{n}"},
            segment=segments[n] if aimed else None,
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
    main(*map(int, sys.argv[1:4]))
