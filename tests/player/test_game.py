"""The game page: its states, its play, and what it keeps to itself until then."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import engine, publishing
from campaigns.models import Play
from glu_admin.workspaces.audit import Actor
from rewards.models import Coupon, Reward, Stock
from rewards.tables import OutcomeDraft
from tests.campaigns.programs import program, step
from tests.factories import EndUserFactory, identity_of, launched_campaign, token_of, wheel_outcomes
from tests.player.conftest import Visit, heading_of, key_on
from tests.types.quizzes import CONFIG
from tests.types.test_quiz_plays import act, answered

pytestmark = pytest.mark.django_db
ACTOR = Actor("a test")


def state_of(page):
    return re.search(r'data-state="([^"]+)"', page)[1]


def text_of(page):
    found = re.search(r'<p class="head__text">(.*?)</p>', page)
    return found[1] if found else ""


def buttons_of(page):
    actions = re.search(r'data-part="actions">(.*?)</div>', page, re.S)[1]
    return re.findall(r'class="button[^>]*>([^<]+)<', actions)


def test_before_the_play_the_page_says_what_can_be_won(visit, test_env):
    wheel = launched_campaign(test_env, weights=(40, 30, 20, 10), plays_a_day=2)

    page = visit.arrive("/reward/", campaignId=wheel.id)

    assert state_of(page) == "pristine"
    assert heading_of(page) == "Spin to win"
    assert text_of(page) == "2 plays left today"
    assert buttons_of(page) == ["Spin the wheel"]
    chances = re.findall(r"<bdi>([^<]+)</bdi></th><td><bdi>([^<]+)</bdi>", page)
    assert chances == [
        ("20% off", "40%"),
        ("50 points", "30%"),
        ("A free coffee", "20%"),
        ("Not this time", "10%"),
    ]


def test_nothing_of_a_code_is_sent_before_the_play(visit, test_env):
    codes = [f"PLANTED-{n}" for n in range(5)]
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=codes)

    pages = [visit.arrive(), visit.get("/reward/", campaignId=wheel.id).text]
    answer = visit.play(wheel, key_on(pages[1]))

    assert not [page for page in pages if "PLANTED" in page]
    assert len(set(re.findall(r"PLANTED-\d", answer.text))) == 1


def test_opening_a_game_is_marked(visit, wheel, mia):
    visit.arrive("/reward/", campaignId=wheel.id)

    assert wheel.participations.get().status == "clicked"


@pytest.mark.parametrize("path", ["/reward/", "/program/"])
def test_a_campaign_is_found_by_id_tag_or_the_name_of_a_play(client, token, test_env, path):
    wheel = launched_campaign(test_env, tag="weekend")
    listed = client.get("/reward/v1.1/user", headers={"Authorization": f"Bearer {token}"}).json()
    address = listed["campaigns"][0]["url"].partition("?")[2]

    pages = [client.get(path, {"token": token, "campaignId": name}).text for name in (wheel.id, "weekend")]
    pages.append(client.get(f"{path}?{address}").text)

    assert [re.search(r'data-campaign="([^"]+)"', page)[1] for page in pages] == [str(wheel.id)] * 3
    assert all('data-path="/reward/"' in page for page in pages)


@pytest.mark.parametrize("name", ["nonsense", "96769d0a-667c-4525-958f-ffe77d3cf9e7"])
def test_an_unknown_campaign_opens_the_wallet_and_says_so(visit, name):
    page = visit.arrive("/reward/", campaignId=name)

    assert 'data-path="/wallet/"' in page
    assert (
        f"[&quot;CG_INVALID_CAMPAIGN_ID&quot;,{{&quot;campaignId&quot;:&quot;{name}&quot;,"
        "&quot;message&quot;:&quot;Invalid campaignId, opening Wallet&quot;}]"
    ) in page


def test_a_campaign_of_another_environment_is_unknown(visit, live_env):
    other = launched_campaign(live_env)

    assert "CG_INVALID_CAMPAIGN_ID" in visit.arrive("/reward/", campaignId=other.id)


def test_a_play_answers_with_the_result_and_the_page_for_it(visit, wheel):
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))

    answer = visit.play(wheel, key)

    body = answer.json()
    code = body["data"]["reward"]["code"]
    assert answer.status_code == 200
    assert list(body) == ["success", "data", "state", "title", "parts"]
    assert (body["success"], body["state"]) == (True, "won")
    assert body["title"] == "You won 20% off · Brewline"
    assert heading_of(body["parts"]["head"]) == "You won 20% off"
    assert f'<bdi class="code__text">{code}</bdi>' in body["parts"]["card"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_same_key_plays_once_however_often_it_is_sent(visit, wheel):
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))

    answers = [visit.play(wheel, key).json()["data"] for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert Play.objects.count() == 1


def test_two_pages_of_one_attempt_play_it_once(visit, wheel):
    keys = {key_on(visit.arrive("/reward/", campaignId=wheel.id)) for _ in range(2)}

    assert len(keys) == 1


def test_a_page_shows_what_its_play_gave_when_the_app_has_played_meanwhile(visit, mia, test_env):
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=1)
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))
    engine.act(identity_of(mia), str(wheel.id), key="the app's", body={}, now=timezone.now())

    answer = visit.play(wheel, key).json()
    again = visit.play(wheel, key, form=True)

    assert (answer["data"]["won"], answer["state"]) == (False, "sold_out")
    assert answer["data"]["rewardUserId"] in again["Location"]


def test_without_script_the_form_plays_and_the_page_shows_the_result(visit, wheel):
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))

    answer = visit.play(wheel, key, form=True)
    page = visit.client.get(answer.headers["Location"]).text

    assert answer.status_code == 303
    assert state_of(page) == "won"
    assert heading_of(page) == "You won 20% off"
    assert Play.objects.count() == 1


def test_a_page_can_be_reloaded_after_its_play(visit, wheel):
    answer = visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id))).json()["data"]

    page = visit.get("/reward/", rewardUserId=answer["rewardUserId"]).text

    assert answer["reward"]["code"] in page
    assert buttons_of(page) == ["Play again", "Open my wallet"]
    assert Reward.objects.get().state == "seen"


def test_the_landed_wheel_shows_the_slice_that_was_won(visit, test_env):
    wheel = launched_campaign(test_env, weights=(0, 0, 1, 0))
    answer = visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id))).json()["data"]

    page = visit.get("/reward/", rewardUserId=answer["rewardUserId"]).text

    assert '<g transform="rotate(-180.0 150 150)">' in page


def test_no_prize_is_said_kindly_with_the_next_time(visit, test_env):
    wheel = launched_campaign(test_env, weights=(0, 0, 0, 1), plays_a_day=1)
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))

    parts = visit.play(wheel, key).json()["parts"]
    page = visit.get("/reward/", campaignId=wheel.id).text

    assert heading_of(parts["head"]) == heading_of(page) == "No prize this time"
    assert text_of(page) == "You can play again tomorrow."
    assert buttons_of(page) == ["Back to wallet"]


def test_when_all_plays_are_used_the_last_result_stays_in_sight(visit, test_env):
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), plays_in_all=1)
    visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id)))

    page = visit.get("/reward/", campaignId=wheel.id).text

    assert heading_of(page) == "You won 20% off"
    assert buttons_of(page) == ["Open my wallet"]


def test_a_play_too_many_gets_the_page_of_its_state(visit, test_env):
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), plays_in_all=2)
    stale = key_on(visit.arrive("/reward/", campaignId=wheel.id))
    publishing.pause(wheel, ACTOR)

    answer = visit.play(wheel, stale)

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "campaign_paused"
    assert answer.json()["state"] == "paused"
    assert heading_of(answer.json()["parts"]["head"]) == "A short break"


@pytest.mark.parametrize(
    ("change", "state", "heading"),
    [
        (lambda wheel: publishing.pause(wheel, ACTOR), "paused", "A short break"),
        (lambda wheel: publishing.end(wheel, ACTOR), "ended", "This campaign has ended"),
    ],
)
def test_a_closed_campaign_says_so_and_offers_the_wallet(visit, wheel, change, state, heading):
    change(wheel)

    page = visit.arrive("/reward/", campaignId=wheel.id)

    assert (state_of(page), heading_of(page)) == (state, heading)
    assert buttons_of(page) == ["Open my wallet"]
    assert 'name="key"' not in page


def test_a_campaign_that_ran_out_names_its_last_day(visit, test_env):
    wheel = launched_campaign(test_env, ends_at=timezone.now() + timedelta(hours=1))
    type(wheel).objects.update(
        starts_at=datetime(2020, 1, 1, tzinfo=UTC), ends_at=datetime(2020, 12, 6, tzinfo=UTC)
    )

    assert (
        heading_of(visit.arrive("/reward/", campaignId=wheel.id)) == "This campaign ended on 5 December 2020"
    )


def test_a_campaign_that_has_not_begun_says_when(visit, test_env):
    wheel = launched_campaign(test_env, starts_at=datetime(2999, 12, 5, 9, tzinfo=UTC))

    page = visit.arrive("/reward/", campaignId=wheel.id)

    assert (state_of(page), text_of(page)) == ("not_started", "It starts on 5 December 2999 at 09:00.")


def test_when_nothing_is_left_to_win_the_page_says_so_before_the_play(visit, test_env):
    outcomes = (
        OutcomeDraft(name="A mug", weight=1, reward_type="freebie", stock_limit=1),
        OutcomeDraft(name="Not this time", weight=1, reward_type="noReward", is_fallback=True),
    )
    wheel = launched_campaign(test_env, outcomes=outcomes)
    assert state_of(visit.arrive("/reward/", campaignId=wheel.id)) == "pristine"
    Stock.objects.update(issued=1)

    page = visit.arrive("/reward/", campaignId=wheel.id)

    assert (state_of(page), heading_of(page)) == ("sold_out", "All prizes are gone")
    assert 'name="key"' not in page


def test_an_emptied_pool_is_sold_out_too(visit, test_env):
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=1)
    visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id)))

    assert Coupon.objects.count() == 1
    assert state_of(visit.get("/reward/", campaignId=wheel.id).text) == "sold_out"


@pytest.mark.parametrize(
    ("link", "offered"),
    [
        ("https://brewline.example/checkout?c=1", True),
        ("brewline://checkout", True),
        ("other://checkout", False),
    ],
)
def test_only_listed_links_lead_out_of_a_prize(visit, test_env, link, offered):
    coupon, *rest = wheel_outcomes(test_env, weights=(1, 0, 0, 0))
    linked = OutcomeDraft(**{**coupon.__dict__, "deep_link": link})
    wheel = launched_campaign(test_env, outcomes=(linked, *rest))
    test_env.deep_link_schemes = ["brewline"]
    test_env.save()

    parts = visit.play(wheel, key_on(visit.arrive("/reward/", campaignId=wheel.id))).json()["parts"]

    assert ("Use it now" in parts["actions"]) is offered


@pytest.mark.parametrize(
    "key", ["", "x", "page.1.x", "page.1", "page.1.2.3", "page.1.é", "page.²." + "A" * 24, "my-own-key"]
)
def test_only_a_key_that_our_page_made_can_play(visit, wheel, key):
    visit.arrive("/reward/", campaignId=wheel.id)

    answer = visit.play(wheel, key, form=True)

    assert answer.status_code == 403
    assert Play.objects.count() == 0


def test_the_key_of_one_person_plays_for_nobody_else(visit, wheel, client, test_env):
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))
    other = Visit(client, token_of(EndUserFactory(environment=test_env)))
    other.arrive()

    assert other.play(wheel, key).status_code == 403
    assert Play.objects.count() == 0


def test_a_play_from_a_foreign_page_is_refused(visit, wheel):
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))

    answer = visit.play(wheel, key, **{"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_page"
    assert Play.objects.count() == 0


def test_a_play_without_a_visit_is_told_to_open_the_app(client, wheel):
    answer = client.post(
        f"/reward/play/?s={'A' * 16}&campaignId={wheel.id}",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": "page.1.x"},
    )

    assert answer.status_code == 401
    assert answer.json()["success"] is False
    assert heading_of(answer.json()["parts"]["head"]) == "Open this again from the app"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"action": 7}', b"\xff"])
def test_a_play_with_a_broken_body_is_refused(visit, wheel, body):
    key = key_on(visit.arrive("/reward/", campaignId=wheel.id))

    answer = visit.client.post(
        f"/reward/play/?s={visit.name}&campaignId={wheel.id}",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )

    assert answer.status_code == 400
    assert Play.objects.count() == 0


def boxes_of(environment, **fields):
    return launched_campaign(
        environment,
        type="giftbox",
        config={"title": "Open a box", "boxes": 3},
        weights=(1, 0, 0, 0),
        **fields,
    )


def test_a_plain_form_says_which_box_is_opened(visit, test_env):
    boxes = boxes_of(test_env)
    page = visit.arrive("/reward/", campaignId=boxes.id)
    assert re.findall(r'aria-label="(Box \d of 3)"', page) == ["Box 1 of 3", "Box 2 of 3", "Box 3 of 3"]
    assert "which one you open changes nothing" in page

    answer = visit.client.post(
        f"/reward/play/?s={visit.name}&campaignId={boxes.id}", {"key": key_on(page), "action.box": "3"}
    )
    page = visit.client.get(answer["Location"]).text

    assert Play.objects.get().answer["reveal"] == {"box": 3, "prize": True}
    assert state_of(page) == "won"
    assert '<div class="box box--open" data-box="3">' in page


def test_a_box_that_is_not_there_is_refused_and_costs_no_play(visit, test_env):
    boxes = boxes_of(test_env)
    key = key_on(visit.arrive("/reward/", campaignId=boxes.id))

    visit.client.post(f"/reward/play/?s={visit.name}&campaignId={boxes.id}", {"key": key, "action.box": "4"})

    assert Play.objects.count() == 0


def test_another_choice_in_a_second_tab_shows_what_the_first_has_won(visit, test_env):
    boxes = boxes_of(test_env)
    key = key_on(visit.arrive("/reward/", campaignId=boxes.id))
    address = f"/reward/play/?s={visit.name}&campaignId={boxes.id}"
    first = visit.client.post(address, {"key": key, "action.box": "1"})

    second = visit.client.post(address, {"key": key, "action.box": "2"})
    by_script = visit.play(boxes, key)

    assert second["Location"] == first["Location"]
    assert (by_script.json()["success"], by_script.json()["state"]) == (False, "won")
    assert Play.objects.count() == 1


def test_another_round_begins_on_a_fresh_page_where_people_choose_first(visit, test_env):
    boxes = boxes_of(test_env, plays_a_day=2)

    parts = visit.play(boxes, key_on(visit.arrive("/reward/", campaignId=boxes.id))).json()["parts"]

    assert 'name="key"' not in parts["actions"]
    again = re.search(r'href="([^"]+)">Play again<', parts["actions"])[1].replace("&amp;", "&")
    assert state_of(visit.client.get(again).text) == "pristine"


def test_a_survey_without_a_prize_ends_with_thanks(visit, test_env, mia):
    nothing = OutcomeDraft(name="Nothing", weight=1, reward_type="noReward", is_fallback=True)
    survey = CONFIG | {"mode": "survey", "questions": CONFIG["questions"][:1]}
    campaign = launched_campaign(test_env, type="quiz", config=survey, outcomes=(nothing,), plays_in_all=1)
    answered(mia, campaign, act(mia, campaign, move=0)["game"], "Mars")

    page = visit.arrive("/reward/", campaignId=campaign.id)

    assert heading_of(page) == "Thank you for your answers"
    assert page.count("Thank you for your answers") == 2  # the heading, and the page's title
    assert "No prize" not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Step 1: Order"), ("es", "Paso 1: Order"), ("ar", "الخطوة \u20681\u2069: \u2068Order\u2069")],
)
def test_what_chances_are_for_is_said_in_the_language_of_the_page(visit, test_env, language, said):
    steps = program(test_env, step("order", title="Order"), step("review"))

    page = visit.arrive("/program/", campaignId=steps.id, lang=language)

    assert f"<bdi>{said}</bdi>" in page
