"""A launched campaign of each type as a marketer gets it, and the address of its page for one person.

`python -m tests.bench.pages_world` prints {type: address} as JSON.
"""

import json
import os
from urllib.parse import urlencode

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "glu_admin.settings"


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    print(json.dumps(make()))


def make() -> dict[str, str]:
    from django.utils import timezone

    from campaigns import publishing
    from campaigns.console.beginnings import first_draft
    from campaigns.types import all_types
    from glu_admin import config
    from glu_admin.workspaces import keys
    from glu_admin.workspaces.audit import Actor
    from users import tokens
    from users.registration import register
    from users.registration_form import parse

    environment, actor = keys.create_workspace("Bench").environments.get(kind="test"), Actor("a bench")
    now = timezone.now()
    opened = config.get(environment.id)
    person = register(opened, parse({"userId": "u_1", "userName": "Mia"}), now=now).subject
    found = {}
    for slug, kind in all_types().items():
        draft = first_draft(environment, slug)
        named = publishing.CampaignDraft(**{**draft.__dict__, "name": kind.label})
        campaign = publishing.launch(publishing.create(environment, named, actor), actor, now=now)
        token = tokens.issue(opened, person, kind="page", now=now)
        query = urlencode({"token": token, "campaignId": str(campaign.id)})
        found[slug] = f"/{kind.page}/?{query}"
    return found


if __name__ == "__main__":
    main()
