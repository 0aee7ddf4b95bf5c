"""Limits a minute: by key, by address and by user; time is an argument."""

import pytest

from glu_admin.api import throttles
from tests.api import decoders

REGISTER = "/user/v1/user/sdk"
START = 60.0 * 1_000_000


@pytest.fixture
def minute():
    return throttles.SlidingMinute()


@pytest.fixture(autouse=True)
def own_counts(monkeypatch):
    monkeypatch.setattr(throttles, "_minute", throttles.SlidingMinute())


def test_as_many_as_the_limit_pass_and_one_more_waits(minute):
    waits = [minute.hit("a", 3, START + 10) for _ in range(4)]

    assert waits == [0, 0, 0, 50]


def test_names_are_counted_apart(minute):
    assert [minute.hit(name, 1, START) for name in ("a", "b", "a")] == [0, 0, 60]


def test_the_minute_slides(minute):
    for _ in range(10):
        minute.hit("a", 10, START + 59)

    assert minute.hit("a", 10, START + 60) > 0  # all ten were a second ago
    assert minute.hit("a", 10, START + 90) == 0  # half of the minute before counts: five and two
    assert minute.hit("a", 10, START + 179) == 0


def test_a_pause_forgets_everything(minute):
    for _ in range(10):
        minute.hit("a", 10, START)

    assert minute.hit("a", 1, START + 120) == 0


def test_a_clock_that_steps_back_refuses_nobody(minute):
    minute.hit("a", 1, START + 60)

    assert minute.hit("a", 1, START) == 0


def test_a_flood_of_names_does_not_fill_the_memory(minute, monkeypatch):
    monkeypatch.setattr(throttles, "MOST_BUCKETS", 10)

    for n in range(100):
        minute.hit(f"flood-{n}", 1, START)

    assert len(minute._now) == 10


@pytest.mark.parametrize(("kind", "limit"), [("key", 2), ("address", 2), ("user", 2)])
def test_a_contract_path_answers_503_since_apps_repeat_a_429_without_end(register, settings, kind, limit):
    settings.THROTTLES = settings.THROTTLES | {kind: limit}

    answers = [register(userId="u_1") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 503]
    refused = answers[-1].json()
    decoders.refusal(503, refused)
    assert refused["error"]["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61


def test_one_users_flood_does_not_touch_another(register, settings):
    settings.THROTTLES = settings.THROTTLES | {"user": 1}

    assert [register(userId=name).status_code for name in ("u_1", "u_1", "u_2")] == [200, 503, 200]


def test_the_limit_of_a_key_does_not_touch_another_environment(register, post, live_env, settings):
    settings.THROTTLES = settings.THROTTLES | {"key": 1}
    live = {"userId": "u_1", "writeKey": live_env.write_keys.get().key}

    assert [register(userId="a").status_code, register(userId="b").status_code] == [200, 503]
    assert post(REGISTER, live).status_code == 200


@pytest.mark.parametrize("forwarded", ["1.1.1.1", "2.2.2.2", "1.1.1.1, 2.2.2.2", ""])
def test_a_forwarded_header_never_changes_whose_address_is_counted(post, write_key, settings, forwarded):
    settings.THROTTLES = settings.THROTTLES | {"address": 1}
    body = {"userId": "u_1", "writeKey": write_key}
    post(REGISTER, body)

    assert post(REGISTER, body, **{"X-Forwarded-For": forwarded}).status_code == 503


@pytest.mark.parametrize(("path", "status"), [("/api/v1/campaigns/x/play", 429), ("/reward/v1.1/user", 503)])
def test_only_our_own_paths_answer_429(settings, path, status):
    settings.THROTTLES = settings.THROTTLES | {"user": 1}
    throttles.limit("user", "a", path=path)

    with pytest.raises(throttles.ApiError) as refused:
        throttles.limit("user", "a", path=path)

    assert refused.value.status == status
