"""Who gets in, what the browser keeps of it, and what the page allows itself."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from campaigns.models import Play
from tests.factories import EndUserFactory, launched_campaign, token_of
from tests.player.conftest import heading_of
from users.tokens import read

pytestmark = pytest.mark.django_db
ALL_PAGES = ["/wallet/", "/reward/", "/program/"]


def cookie_of(answer):
    return next(each for name, each in answer.cookies.items() if name.startswith("glu_"))


@pytest.mark.parametrize("path", ALL_PAGES)
@pytest.mark.parametrize("kind", ["user", "page"])
def test_a_token_opens_every_page_and_is_nowhere_in_it(client, mia, path, kind):
    token = token_of(mia, kind=kind)

    answer = client.get(path, {"token": token})

    assert answer.status_code == 200
    assert "Hi <bdi>Mia</bdi>" in answer.text
    assert token not in answer.text
    assert token.split(".")[2] not in answer.text


def test_the_cookie_holds_a_token_of_a_day_that_only_the_server_can_read(client, token, mia):
    answer = client.get("/wallet/", {"token": token})

    cookie = cookie_of(answer)
    assert read(cookie.value).kind == "page"
    assert read(cookie.value).glu_id == mia.glu_id
    assert cookie["httponly"] is True
    assert cookie["max-age"] == 24 * 3600
    assert cookie["path"] == "/"


def test_over_plain_http_the_cookie_is_lax(client, token):
    header = str(cookie_of(client.get("/wallet/", {"token": token})))

    assert "SameSite=Lax" in header
    assert "Secure" not in header


def test_over_https_the_cookie_works_in_a_frame_and_is_kept_apart_for_each_site(client, token):
    header = str(cookie_of(client.get("/wallet/", {"token": token}, secure=True)))

    assert header.endswith("HttpOnly; Max-Age=86400; Path=/; SameSite=None; Partitioned; Secure")


def test_the_clean_address_opens_the_page_again(visit):
    visit.arrive()

    answer = visit.get("/wallet/", darkMode="true")

    assert answer.status_code == 200
    assert '<html lang="en" dir="ltr" data-theme="dark">' in answer.text
    assert not answer.cookies


def test_two_people_in_one_browser_keep_apart(client, test_env, mia):
    omar = EndUserFactory(environment=test_env, user_name="Omar")
    names = [
        re.search(r'data-visit="([^"]+)"', client.get("/wallet/", {"token": token_of(each)}).text)[1]
        for each in (mia, omar)
    ]

    pages = [client.get("/wallet/", {"s": name}).text for name in names]

    assert [heading_of(page) for page in pages] == [
        "Hi Mia, nothing to play right now",
        "Hi Omar, nothing to play right now",
    ]


def test_a_browser_that_many_people_use_forgets_some(client, test_env):
    for _ in range(12):
        client.get("/wallet/", {"token": token_of(EndUserFactory(environment=test_env))})

    kept = [each for name, each in client.cookies.items() if name.startswith("glu_") and each.value]
    assert len(kept) == 8


def test_a_bearer_token_opens_a_page_and_sets_no_cookie(client, token):
    answer = client.get("/wallet/", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    assert not answer.cookies


@pytest.mark.parametrize("path", ALL_PAGES)
@pytest.mark.parametrize(
    "query", [{}, {"token": "abc.def.ghi"}, {"token": "x"}, {"s": "A" * 16}, {"s": "../.."}]
)
def test_without_a_good_token_the_page_asks_to_be_opened_from_the_app(client, db, path, query):
    answer = client.get(path, query)

    assert answer.status_code == 401
    assert heading_of(answer.text) == "Open this again from the app"
    assert "REFRESH_TOKEN" in answer.text
    assert not answer.cookies


def test_a_forged_token_is_refused(client, token):
    head, body, signature = token.split(".")

    assert client.get("/wallet/", {"token": f"{head}.{body}.{signature[::-1]}"}).status_code == 401


def test_an_expired_token_is_refused(client, mia):
    old = token_of(mia, kind="page", now=timezone.now() - timedelta(hours=25))

    answer = client.get("/wallet/", {"token": old})

    assert answer.status_code == 401
    assert "token_expired" in answer.text


def test_in_live_a_refusal_keeps_its_cause_to_itself(client, live_env):
    old = token_of(
        EndUserFactory(environment=live_env), kind="page", now=timezone.now() - timedelta(hours=25)
    )

    answer = client.get("/wallet/", {"token": old})

    assert answer.status_code == 401
    assert "token_expired" not in answer.text


def test_in_live_a_player_reads_nothing_that_is_meant_for_developers(client, live_env):
    blocked = EndUserFactory(environment=live_env, user_id="u_1", blocked_at=timezone.now())
    key = live_env.write_keys.get().key

    for query in ({"token": token_of(blocked)}, {"writekey": key, "userId": "u_1"}):
        answer = client.get("/wallet/", query)
        assert answer.status_code == 403
        assert not re.search("user_blocked|Unblock|direct_links_off|switched off", answer.text)


def test_in_live_a_page_s_script_is_not_told_the_cause_either(client, live_env):
    wheel = launched_campaign(live_env)
    person = EndUserFactory(environment=live_env)
    old = token_of(person)
    person.token_version += 1
    person.save()

    answer = client.post(
        f"/reward/play/?campaignId={wheel.id}",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": "page.1.x", "Authorization": f"Bearer {old}"},
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_a_page_s_script_hears_when_to_try_again(client, token, wheel, settings):
    settings.THROTTLES = settings.THROTTLES | {"user": 0}

    answer = client.post(
        f"/reward/play/?campaignId={wheel.id}",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": "page.1.x", "Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_revoked_tokens_end_a_visit(visit, mia):
    visit.arrive()
    mia.token_version = 2
    mia.save()

    assert visit.get("/wallet/").status_code == 401


def test_a_blocked_person_is_told_so(client, mia):
    mia.blocked_at = timezone.now()
    mia.save()

    answer = client.get("/wallet/", {"token": token_of(mia)})

    assert answer.status_code == 403
    assert heading_of(answer.text) == "You can&#x27;t play here"


@pytest.mark.parametrize("name", ["writekey", "writeKey"])
def test_a_direct_link_opens_the_page_where_they_are_allowed(client, mia, write_key, name):
    answer = client.get("/wallet/", {name: write_key, "userId": "u_20841"})

    assert answer.status_code == 200
    assert read(cookie_of(answer).value).glu_id == mia.glu_id
    assert write_key not in answer.text


def test_a_direct_link_may_name_a_visitor(client, test_env, write_key):
    EndUserFactory(environment=test_env, user_id=None, anonymous_id="a_1")

    answer = client.get("/wallet/", {"writekey": write_key, "anonymousId": "a_1"})

    assert answer.status_code == 200
    assert heading_of(answer.text) == "Nothing to play right now"


def test_a_direct_link_is_refused_where_they_are_off(client, live_env):
    EndUserFactory(environment=live_env, user_id="u_1")
    key = live_env.write_keys.get().key

    answer = client.get("/wallet/", {"writekey": key, "userId": "u_1"})

    assert answer.status_code == 403
    assert heading_of(answer.text) == "Open this from the app"
    assert not answer.cookies


@pytest.mark.parametrize("user", ["u_nobody", "", "u\x00", "'"])
def test_a_direct_link_to_nobody_is_refused(client, mia, write_key, user):
    assert client.get("/wallet/", {"writekey": write_key, "userId": user}).status_code == 404


def test_a_direct_link_to_a_person_of_another_environment_is_refused(client, live_env, write_key):
    EndUserFactory(environment=live_env, user_id="u_live")

    assert client.get("/wallet/", {"writekey": write_key, "userId": "u_live"}).status_code == 404


def test_an_unknown_write_key_is_refused(client, mia):
    assert client.get("/wallet/", {"writekey": "wk_test_x", "userId": "u_20841"}).status_code == 401


POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors {framers}"
)


@pytest.mark.parametrize(
    ("listed", "framers"),
    [
        (["*"], "*"),
        ([], "'self'"),
        (["https://shop.example", "https://www.shop.example:8443"],
         "'self' https://shop.example https://www.shop.example:8443"),
        (["https://shop.example; script-src *", "javascript:alert(1)", 7], "'self'"),
    ],
)  # fmt: skip
def test_the_policy_is_strict_and_only_listed_sites_may_frame_a_page(client, live_env, listed, framers):
    live_env.allowed_origins = listed
    live_env.save()
    person = EndUserFactory(environment=live_env)

    answer = client.get("/wallet/", {"token": token_of(person)})

    nonce = re.search(r'nonce="([^"]+)"', answer.text)[1]
    assert answer.headers["Content-Security-Policy"] == POLICY.format(nonce=nonce, framers=framers)
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("wanted", ["", "en-GB,en;q=0.9", "ja,he;q=0.8", "xx;q=x,,", "../../en"])
def test_a_page_claims_only_a_language_that_its_words_are_in(client, token, wanted):
    page = client.get("/wallet/", {"token": token}, headers={"Accept-Language": wanted}).text

    assert '<html lang="en" dir="ltr">' in page


def test_no_page_holds_a_style_attribute_or_a_handler(visit, wheel):
    pages = [visit.arrive(), visit.get("/reward/", campaignId=wheel.id).text]

    assert not [found for page in pages for found in re.findall(r"\s(?:style|on[a-z]+)=", page)]


def test_what_people_and_marketers_wrote_is_text(client, test_env, workspace):
    workspace.name = "<b>Brew</b>"
    workspace.save()
    person = EndUserFactory(environment=test_env, user_name="<script>alert(1)</script>", user_id='"><img>')

    page = client.get("/wallet/", {"token": token_of(person)}).text

    assert "<script>alert" not in page
    assert "<img>" not in page
    assert "<b>Brew" not in page


def test_a_page_can_be_asked_for_only(client, token):
    assert client.post(f"/wallet/?token={token}").status_code in {403, 405}
    assert client.put(f"/reward/play/?token={token}").status_code == 405


def test_the_address_of_a_play_leads_back_to_its_campaign(client, token, wheel):
    """A form that was sent before the script took over leaves it in the tab, which comes back to it."""
    asked = {"token": token, "campaignId": str(wheel.id), "darkMode": "true"}

    answer = client.get("/reward/play/", asked)

    assert answer.status_code == 303
    assert answer["Location"] == f"/reward/?{urlencode(asked)}"
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store")
    page = client.get(answer["Location"]).text
    assert 'data-path="/reward/"' in page
    assert f'data-campaign="{wheel.id}"' in page
    assert not Play.objects.exists()


def test_the_address_of_a_play_alone_asks_the_app(client, db):
    answer = client.get("/reward/play/", follow=True)

    assert answer.redirect_chain == [("/reward/", 303)]
    assert answer.status_code == 401
