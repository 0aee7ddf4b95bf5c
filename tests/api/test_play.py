"""Playing: the exact answer, its repetition, and every refusal."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import publishing
from campaigns.entries import reward_user_id
from campaigns.models import Campaign, Participation, Play
from glu_admin.workspaces.audit import Actor
from rewards.models import CouponClaim, LedgerEntry, Reward
from tests.api import decoders
from tests.factories import EndUserFactory, launched_campaign, token_of

TESTER = Actor("a test")
COUPON, POINTS, NOTHING = (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1)


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


@pytest.fixture
def play(post, person):
    """Play as the person; the response."""

    def call(campaign, key="key-1", body=None, token=None):
        name = campaign.id if isinstance(campaign, Campaign) else campaign
        headers = {"Authorization": f"Bearer {token or token_of(person)}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return post(f"/api/v1/campaigns/{name}/play", {} if body is None else body, **headers)

    return call


def refused(response, status, code):
    answer = response.json()
    decoders.refusal(response.status_code, answer)
    assert (response.status_code, answer["error"]["code"]) == (status, code)
    return answer["message"]


def test_a_won_coupon_is_answered_with_its_code_and_written_everywhere(play, test_env, person):
    campaign = launched_campaign(
        test_env, weights=COUPON, codes=["BREW-7Q2M-XK"], plays_a_day=1, plays_in_all=7
    )

    response = play(campaign)

    made, reward, table = Play.objects.get(), Reward.objects.get(), campaign.table
    variant = table.variants.get(position=0)
    midnight = datetime.combine(made.local_day + timedelta(days=1), datetime.min.time(), UTC)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.status_code == 200
    assert response.content.decode() == json.dumps(
        {
            "success": True,
            "data": {
                "playId": str(made.id),
                "campaignId": str(campaign.id),
                "rewardUserId": str(reward_user_id(campaign.id, person.glu_id, 1)),
                "status": "in-progress",
                "won": True,
                "outcome": {"id": str(variant.id), "name": "20% off", "type": "coupons", "position": 0},
                "selected_slot_index": 0,
                "reveal": {"slice": 0},
                "playsLeft": 6,
                "playsLeftToday": 0,
                "nextPlayAt": f"{midnight:%Y-%m-%dT%H:%M:%SZ}",
                "fairness": {"tableVersion": 1, "commitment": table.commitment, "ticket": 0},
                "reward": {
                    "rewardId": str(reward.id),
                    "transactionId": reward.transaction_id,
                    "rewardType": "coupons",
                    "rewardName": "20% off",
                    "rewardAmount": 20,
                    "body": "On your next order",
                    "tnc": ["Once a person"],
                    "code": "BREW-7Q2M-XK",
                    "rewardExpiry": int((made.played_at + timedelta(days=30)).timestamp()),
                    "status": "redeemable-unseen",
                    "details": {"campaignName": "Autumn"},
                    "deepLink": "",
                },
            },
        },
        separators=(",", ":"),
    )
    assert (made.reward_id, made.variant_id, made.attempt) == (reward.id, variant.id, 1)
    assert LedgerEntry.objects.get().reward_id == reward.id
    assert CouponClaim.objects.count() == 1
    assert "BREW-7Q2M-XK" not in json.dumps(made.answer)


def test_no_prize_is_an_answer_without_a_reward(play, test_env):
    campaign = launched_campaign(test_env, weights=NOTHING)

    data = play(campaign).json()["data"]

    assert (data["won"], data["reward"]) == (False, None)
    assert data["outcome"]["type"] == "noReward"
    assert data["reveal"] == {"slice": 3}
    assert (data["playsLeft"], data["playsLeftToday"], data["nextPlayAt"]) == (None, None, None)
    assert not Reward.objects.exists()


def test_a_reward_that_never_expires_says_minus_one(play, test_env):
    reward = play(launched_campaign(test_env, weights=POINTS)).json()["data"]["reward"]

    assert (reward["rewardExpiry"], reward["code"], reward["rewardAmount"]) == (-1, None, 50)


def test_the_last_play_completes_the_campaign(play, test_env):
    campaign = launched_campaign(test_env, plays_in_all=2)

    assert play(campaign, "key-1").json()["data"]["status"] == "in-progress"
    assert play(campaign, "key-2").json()["data"]["status"] == "completed"
    assert Participation.objects.get().status == "completed"


def test_a_tag_names_the_campaign_however_it_is_written(play, test_env):
    campaign = launched_campaign(test_env, tag="Autumn")

    for name in ("Autumn", "autumn", "AUTUMN"):
        assert play(name).json()["data"]["campaignId"] == str(campaign.id)


def test_the_same_key_gives_the_same_bytes_whatever_becomes_of_the_campaign(play, test_env):
    campaign = launched_campaign(test_env, weights=COUPON, plays_in_all=1)
    first = play(campaign).content

    again = [play(campaign).content]
    publishing.pause(campaign, TESTER)
    again.append(play(campaign).content)
    publishing.end(campaign, TESTER)
    again.append(play(campaign).content)

    assert again == [first] * 3
    assert (Play.objects.count(), Reward.objects.count()) == (1, 1)


def test_the_answer_of_a_key_stays_after_its_reward_was_seen(play, post, person, test_env):
    campaign = launched_campaign(test_env, weights=COUPON)
    first = play(campaign)

    reward_id = first.json()["data"]["reward"]["rewardId"]
    seen = post(f"/api/v1/rewards/{reward_id}/seen", {}, Authorization=f"Bearer {token_of(person)}")

    assert (seen.status_code, seen.json()) == (200, {"success": True})
    assert Reward.objects.get().state == "seen"
    assert play(campaign).content == first.content


def test_an_empty_body_and_an_empty_object_are_the_same_request(play, test_env):
    campaign = launched_campaign(test_env)

    assert play(campaign, body=b"").content == play(campaign, body={}).content


def test_a_key_with_another_body_is_refused(play, test_env):
    campaign = launched_campaign(test_env)
    play(campaign)

    refused(play(campaign, body={"action": {}}), 422, "idempotency_key_reused")

    assert Play.objects.count() == 1


def test_two_people_may_use_the_same_key(play, test_env):
    campaign = launched_campaign(test_env)
    other = EndUserFactory(environment=test_env)

    first, second = play(campaign), play(campaign, token=token_of(other))

    assert first.json()["data"]["playId"] != second.json()["data"]["playId"]


@pytest.mark.parametrize("key", [None, ""])
def test_a_play_without_a_key_is_refused(play, test_env, key):
    refused(play(launched_campaign(test_env), key=key), 400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["k" * 256, "tab\there", "schlüssel", "\x7f"])
def test_a_key_must_be_up_to_255_printable_characters(play, test_env, key):
    refused(play(launched_campaign(test_env), key=key), 400, "idempotency_key_invalid")


def test_a_key_of_255_printable_characters_is_fine(play, test_env):
    assert play(launched_campaign(test_env), key="k" * 254 + "~").status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", "malformed_json"),
        (b"{", "malformed_json"),
        (b'"play"', "malformed_json"),
        ({"prize": "iphone"}, "invalid_body"),
        ({"action": "spin"}, "invalid_body"),
        ({"action": None}, "invalid_body"),
        (b'{"action": {"a": "\\u0000"}}', "nul_character"),
        (b'{"action": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}", "nested_too_deep"),
    ],
)
def test_a_body_that_is_no_action_is_refused_and_nothing_is_written(play, test_env, body, code):
    refused(play(launched_campaign(test_env), body=body), 400, code)

    assert not Play.objects.exists()


def test_a_body_of_a_megabyte_is_refused(play, test_env):
    campaign = launched_campaign(test_env)

    refused(play(campaign, body=b'{"action": {"a": "' + b"x" * 2**20 + b'"}}'), 413, "body_too_large")


def test_an_action_that_the_game_does_not_know_is_refused(play, test_env):
    campaign = launched_campaign(test_env)

    refused(play(campaign, body={"action": {"slice": 1}}), 409, "not_allowed")


@pytest.mark.parametrize("name", ["00000000-0000-4000-8000-000000000000", "no-such-tag", "%00", "x" * 300])
def test_an_unknown_campaign_is_not_found(play, name, db):
    refused(play(name), 404, "campaign_not_found")


def test_a_draft_and_a_stranger_s_campaign_are_not_found(play, test_env, live_env):
    draft = publishing.duplicate(launched_campaign(test_env), TESTER)
    stranger = launched_campaign(live_env)

    refused(play(draft), 404, "campaign_not_found")
    refused(play(stranger), 404, "campaign_not_found")


def test_an_ended_campaign_refuses(play, test_env):
    campaign = launched_campaign(test_env)
    publishing.end(campaign, TESTER)

    refused(play(campaign), 409, "campaign_ended")


def test_a_campaign_past_its_end_date_refuses_before_the_clock_job_closed_it(play, test_env):
    before = timezone.now() - timedelta(hours=2)
    campaign = launched_campaign(test_env, now=before, ends_at=before + timedelta(hours=1))

    refused(play(campaign), 409, "campaign_ended")


def test_a_paused_campaign_refuses_and_plays_on_when_resumed(play, test_env):
    campaign = launched_campaign(test_env)
    publishing.pause(campaign, TESTER)

    refused(play(campaign), 409, "campaign_paused")
    publishing.resume(campaign, TESTER)

    assert play(campaign).status_code == 200


def test_a_campaign_that_has_not_started_says_when_it_does(play, test_env):
    start = datetime(2090, 1, 2, 3, 4, 5, tzinfo=UTC)
    campaign = launched_campaign(test_env, starts_at=start)

    message = refused(play(campaign), 409, "not_started")

    assert "2090-01-02T03:04:05Z" in message
    assert not Participation.objects.exists()


def test_no_plays_left_is_for_good(play, test_env):
    campaign = launched_campaign(test_env, plays_in_all=1)
    play(campaign, "key-1")

    refused(play(campaign, "key-2"), 409, "no_plays_left")

    assert Play.objects.count() == 1


def test_no_plays_today_says_when_the_next_one_is(play, test_env):
    campaign = launched_campaign(test_env, plays_a_day=1, time_zone="Asia/Kolkata")
    play(campaign, "key-1")

    assert "18:30:00Z" in refused(play(campaign, "key-2"), 409, "no_plays_today")


def test_a_coupon_that_ran_out_gives_the_fallback(play, test_env):
    campaign = launched_campaign(test_env, weights=COUPON, codes=1)

    first, second = play(campaign, "key-1"), play(campaign, "key-2")

    assert first.json()["data"]["outcome"]["name"] == "20% off"
    assert second.json()["data"]["outcome"]["name"] == "Not this time"
    assert second.json()["data"]["reveal"] == {"slice": 3}
    assert (second.json()["data"]["won"], second.json()["data"]["reward"]) == (False, None)


def test_the_token_of_a_page_may_play(play, test_env, person):
    assert play(launched_campaign(test_env), token=token_of(person, kind="page")).status_code == 200


def test_a_blocked_person_is_refused_even_the_stored_answer(play, test_env, person):
    campaign = launched_campaign(test_env)
    play(campaign)
    person.blocked_at = timezone.now()
    person.save()

    refused(play(campaign), 403, "user_blocked")


def test_who_may_not_play_hears_so_before_anything_of_the_campaign(play, test_env, person):
    closed, token = launched_campaign(test_env), token_of(person)
    publishing.pause(closed, TESTER)
    person.token_version += 1
    person.save()

    for campaign in (closed, "no-such-tag"):
        refused(play(campaign, token=token), 401, "token_revoked")

    person.blocked_at = timezone.now()
    person.save()

    for campaign in (closed, "no-such-tag"):
        refused(play(campaign), 403, "user_blocked")


def test_a_revoked_token_is_refused(play, test_env, person):
    campaign, token = launched_campaign(test_env), token_of(person)
    person.token_version += 1
    person.save()

    refused(play(campaign, token=token), 401, "token_revoked")


def test_the_token_of_someone_who_was_erased_is_refused(play, test_env, person):
    campaign, token = launched_campaign(test_env), token_of(person)
    person.delete()

    refused(play(campaign, token=token), 401, "token_unknown_user")


def test_a_play_without_a_token_is_refused(post, test_env):
    path = f"/api/v1/campaigns/{launched_campaign(test_env).id}/play"

    refused(post(path, {}), 401, "token_missing")


def test_playing_takes_a_post(client, test_env):
    answer = client.get(f"/api/v1/campaigns/{launched_campaign(test_env).id}/play")

    refused(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "POST"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_nobody_offers_is_refused_in_the_same_shape(client, db, method):
    answer = client.generic(method, "/reward/v1.1/user")

    refused(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


def test_too_many_plays_a_minute_answer_429(play, test_env, settings):
    settings.THROTTLES = settings.THROTTLES | {"user": 2}
    campaign = launched_campaign(test_env)

    answers = [play(campaign, f"key-{n}") for n in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


@pytest.mark.parametrize("reward_id", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_only_one_s_own_reward_can_be_marked_as_seen(post, person, reward_id):
    response = post(f"/api/v1/rewards/{reward_id}/seen", {}, Authorization=f"Bearer {token_of(person)}")

    refused(response, 404, "reward_not_found")


def test_another_person_s_reward_looks_like_none(play, post, person, test_env):
    won = play(launched_campaign(test_env, weights=POINTS)).json()["data"]["reward"]["rewardId"]
    other = EndUserFactory(environment=test_env)

    response = post(f"/api/v1/rewards/{won}/seen", {}, Authorization=f"Bearer {token_of(other)}")

    refused(response, 404, "reward_not_found")
