"""The admin in a real Chromium: every table's list, one of its rows and its form, under the strict policy."""

import os

import pytest
from django.contrib import admin
from django.utils import timezone

from campaigns import engine
from campaigns.models import EntryPoint
from glu_admin.webhooks import endpoints
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Member, Membership
from tests.factories import EndUserFactory, identity_of, launched_campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FULL = bool(os.environ.get("GLU_TEST_FULL"))
OURS = ("workspaces", "webhooks", "observability", "users", "rewards", "campaigns")


@pytest.fixture
def owner(test_env):
    """Signed in; with a row in nearly every table."""
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0))
    person = EndUserFactory(environment=test_env, user_id="u_mia", user_name="Mia Kaur")
    engine.act(identity_of(person), str(campaign.id), key="k", body={}, now=timezone.now())
    endpoints.create(test_env, endpoints.receiver_path(test_env.id), ["reward.won"], actor=Actor("a test"))
    keys.create_api_key(test_env, "Shop", ["rewards:read"])
    EntryPoint.objects.create(environment=test_env, name="Home banner")
    member = Member.objects.create_user("olga@brewline.test", name="Olga")
    Membership.objects.create(workspace=test_env.workspace, member=member, role="owner")
    return member


@pytest.fixture
def desk(phone, live_server, owner, client):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    page = phone(bridge="", viewport={"width": 1440, "height": 900})
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.base = live_server.url
    return page


def judge(page, axe, *, whole=True):
    wrong = []
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{width} px: {wide} px too wide"] if wide > 0 else []
    return wrong + axe(page) if whole else wrong


def test_every_table_opens_clean_and_without_a_complaint(desk, axe):
    """Axe looks at one page of each table, at another kind of page with each next; at all with --full."""
    wrong = {}
    for number, (model, options) in enumerate(admin.site._registry.items()):
        if model._meta.app_label not in OURS:
            continue
        paths = [""]
        if row := model._default_manager.first():
            paths.append(f"{row.pk}/change/")
        if options.has_add_permission(None):
            paths.append("add/")
        for turn, path in enumerate(paths):
            url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{path}"
            assert desk.goto(desk.base + url).status == 200, url
            whole = FULL or turn == number % len(paths)
            if found := judge(desk, axe, whole=whole):
                wrong[url] = found

    assert not wrong


def test_the_switch_shows_the_other_environment(desk):
    desk.goto(f"{desk.base}/admin/campaigns/campaign/")
    assert desk.get_by_role("link", name="Autumn wheel").is_visible()

    desk.get_by_role("button", name="Live").click()
    desk.goto(f"{desk.base}/admin/campaigns/campaign/")

    assert not desk.get_by_role("link", name="Autumn wheel").is_visible()
    desk.get_by_role("link", name="Back to the console").click()
    assert desk.url.endswith("/c/live/")
