"""Every route of the URL map is tried with a stranger's ids, so a new route is tried too.

Whoever asks is genuine: the owner of another workspace, and a person with a token of it.
"""

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from glu_admin.workspaces.keys import SCOPES, create_api_key
from glu_admin.workspaces.models import Membership
from tests.factories import token_of
from tests.tenancy.strangers import MARK, company

# whose id stands in a parameter, by the part of the route before it
STRANGERS = {
    "campaigns/<uuid:pk>": lambda them: them.campaign.id,
    "campaigns/<str:campaign_id>": lambda them: them.campaign.id,
    "reward/v1.1/user/<str:campaign_id>": lambda them: them.campaign.id,
    "segments/<uuid:pk>": lambda them: them.segment.pk,
    "segment-imports/<uuid:pk>": lambda them: them.segment_import.pk,
    "segment/<str:campaign_id>": lambda them: them.campaign.id,
    "rewards/<str:reward_id>": lambda them: them.reward.id,
    "rewards/<uuid:pk>": lambda them: them.reward.id,
    "pools/<uuid:pk>": lambda them: them.pool.id,
    "list/<str:write_key>": lambda them: them.write_key.key,
    "receiver/<uuid:environment_id>": lambda them: them.environment.id,
    "team/<int:pk>": lambda them: them.membership.pk,
    "write-keys/<int:pk>": lambda them: them.write_key.pk,
    "api-keys/<int:pk>": lambda them: them.api_key.pk,
    "webhooks/<uuid:pk>": lambda them: them.endpoint.id,
    "uploads/<uuid:upload>": lambda them: them.upload.id,
    "link/<str:token>": lambda them: "no-such-link",
    "users/<uuid:glu_id>": lambda them: them.person.glu_id,
    "parked-events/<int:pk>": lambda them: them.parked.pk,
    "events/parked/<int:pk>": lambda them: them.parked.pk,
    "v1/events/<int:pk>": lambda them: them.event.pk,
    "event-definitions/<int:pk>": lambda them: them.definition.pk,
    "attributes/<int:pk>": lambda them: them.attribute.pk,
    "segment-exports/<uuid:job_id>": lambda them: them.job.pk,
    "jobs/<uuid:job_id>": lambda them: them.job.pk,
    "erasures/<uuid:pk>": lambda them: them.erasure.pk,
    # whoever knows its address may see a picture; nobody may do anything else to it
    "pictures/<uuid:workspace_id>/<str:sha256>": lambda them: (
        f"{them.picture.workspace_id}/{them.picture.sha256}"
    ),
}
# by design anyone may send here: it is where an endpoint's webhooks arrive
OPEN_TO_ALL = {"dev/receiver/<uuid:environment_id>/"}
METHODS = ["get", "post", "patch", "delete"]
REFUSED = {401, 403, 404, 405}
BACKEND = "django.contrib.auth.backends.ModelBackend"


def routes(patterns=None, before=""):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if route.startswith("admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def address(route, them):
    """The route's path with the stranger's ids in it; fails for a parameter nobody thought of."""
    path = route.replace("<str:kind>", "test").replace("<slug:action>", "block")
    for known, whose in STRANGERS.items():
        if known in path:
            path = path.replace(known, known.partition("<")[0] + str(whose(them)))
    assert "<" not in path, f"say in STRANGERS whose id belongs into {route}"
    return f"/{path}"


@pytest.fixture
def us(db):
    return company("Ours")


@pytest.fixture
def them(db):
    return company(MARK)


@pytest.fixture
def owner(client, us):
    client.force_login(us.owner, backend=BACKEND)
    return client


def rows_of(them):
    """Everything of theirs that a request could change, asked for in one statement."""
    rows = [them.campaign, them.reward, them.endpoint, them.entry_point, them.write_key, them.api_key]
    rows += [
        them.segment,
        them.segment_import,
        them.person,
        them.event,
        them.parked,
        them.definition,
        them.attribute,
        them.erasure,
        them.job,
        them.picture,
    ]
    texts = [
        f"(SELECT t::text FROM {row._meta.db_table} t WHERE {row._meta.pk.column} = %s)"
        for row in [*rows, them.pool]
    ]
    texts.append("(SELECT string_agg(t::text, ' ' ORDER BY id) FROM %s t WHERE workspace_id = %%s)")
    texts[-1] %= Membership._meta.db_table
    keys = [row.pk for row in [*rows, them.pool]]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(texts)}", [*keys, them.environment.workspace_id])
        found = cursor.fetchone()
    assert all(found)
    return found


def faults(ask, them):
    """What went wrong at which route: a loop, because two companies take long to make."""
    before = rows_of(them)
    for route in sorted(set(routes()) - OPEN_TO_ALL):
        for method in METHODS:
            answer = ask(method, address(route, them))
            where = f"{method} {route} answered {answer.status_code}"
            if answer.status_code >= 500 and route != "readyz":  # which speaks of the worker
                yield where
            if MARK in text(answer):
                yield f"{where} and told of the stranger"
            names_one = any(f":{name}>" in route for name in ("pk", "glu_id", "job_id"))
            if names_one and answer.status_code not in REFUSED:
                yield where
            if rows_of(them) != before:
                yield f"{where} and changed the stranger's rows"
                before = rows_of(them)


def test_a_member_neither_sees_nor_changes_another_company(owner, us, them):
    def ask(method, path):
        owner.force_login(us.owner, backend=BACKEND)  # one of the routes signs out
        return getattr(owner, method)(path)

    assert list(faults(ask, them)) == []


def test_a_person_neither_sees_nor_changes_another_company(client, us, them):
    headers = {"Authorization": f"Bearer {token_of(us.person)}", "X-API-KEY": us.write_key.key}

    def ask(method, path):
        key = {"Idempotency-Key": f"{method} {path}"}
        return getattr(client, method)(path, data={}, content_type="application/json", headers=headers | key)

    assert [fault for fault in faults(ask, them) if "answered 302" not in fault] == []


def test_a_server_neither_sees_nor_changes_another_company(client, us, them):
    headers = {"X-API-KEY": create_api_key(us.environment, "Every scope", list(SCOPES))[1]}

    def ask(method, path):
        return getattr(client, method)(path, data={}, content_type="application/json", headers=headers)

    found = [fault for fault in faults(ask, them) if "answered 302" not in fault]
    assert [fault for fault in found if " api/v1/" in fault or "told of" in fault or "changed" in fault] == []


@pytest.mark.parametrize("path", ["/wallet/", "/reward/", "/program/"])
def test_a_player_page_opens_nothing_of_another_company(client, us, them, path):
    theirs = f"campaignId={them.campaign.id}&rewardUserId={them.reward.reward_user_id}"

    answer = client.get(f"{path}?token={token_of(us.person)}&{theirs}")

    assert answer.status_code < 500
    assert MARK not in text(answer)


def test_a_token_does_not_choose_another_company_by_a_foreign_write_key(client, us, them):
    answer = client.get(
        f"/entrypoints/v2/list/{them.write_key.key}",
        headers={"Authorization": f"Bearer {token_of(us.person)}"},
    )

    assert MARK not in text(answer)


def test_the_admin_shows_one_company_alone(owner, us, them):
    for model in admin.site._registry:
        listed = owner.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")

        assert listed.status_code in {200, 403}
        assert MARK not in text(listed), model


def test_the_admin_opens_no_row_of_another_company(owner, us, them):
    rows = [them.campaign, them.reward, them.endpoint, them.entry_point, them.write_key, them.api_key]
    rows += [them.event, them.parked, them.definition, them.attribute, them.erasure, them.job]
    for row in [*rows, them.pool, them.person]:
        path = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"

        answer = owner.get(path, follow=True)

        assert MARK not in text(answer), path


def text(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace")
