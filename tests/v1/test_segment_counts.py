"""Counting a rule that is kept nowhere, and asking why somebody fits one."""

import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin import config as configs
from glu_admin.workspaces import keys
from tests.factories import EndUserFactory
from users.models import Segment
from users.segments import counting, held, parse, preview
from users.segments.preview import Reach
from users.segments.rule import All

GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}
MANY = {"field": "attributes.orders", "operator": "at_least", "value": 5}


@pytest.fixture
def crowd(test_env):
    held.forget()
    for n in range(20):
        plan = "gold" if n < 8 else "silver"
        EndUserFactory(environment=test_env, user_id=f"u_{n}", attributes={"plan": plan, "orders": n})


def test_a_rule_is_counted_with_what_each_condition_costs(ask, crowd):
    data = ask("post", "segments/preview", {"rule": {"all": [GOLD, MANY]}}).data

    assert (data["count"], data["total"], data["isEstimate"]) == (3, 20, False)
    assert (data["low"], data["high"]) == (3, 3)
    assert data["conditions"] == [
        {"path": "all[0]", "words": "plan is gold", "count": 8, "withoutIt": 15},
        {"path": "all[1]", "words": data["conditions"][1]["words"], "count": 15, "withoutIt": 8},
    ]
    assert data["emptiedBy"] is None
    assert {each["userId"] for each in data["samples"]} == {"u_5", "u_6", "u_7"}
    assert data["samples"][0]["matched"][0] == {
        "path": "all[0]", "words": "plan is gold", "found": "plan is gold",
    }  # fmt: skip
    assert data["milliseconds"] < 5000


def test_a_rule_that_holds_for_nobody_says_which_condition_empties_it(ask, crowd):
    nobody = MANY | {"value": 9}
    data = ask("post", "segments/preview", {"rule": {"all": [GOLD, nobody, MANY]}}).data

    assert (data["count"], data["emptiedBy"], data["samples"]) == (0, "all[1]", [])
    assert data["conditions"][1]["withoutIt"] == 3


def test_a_key_that_may_not_see_people_gets_no_samples(ask, crowd, test_env):
    counts_only = keys.create_api_key(test_env, "Counts", ["segments:read"])[1]

    data = ask("post", "segments/preview", {"rule": GOLD}, key=counts_only).data

    assert (data["count"], data["samples"]) == (8, [])


def test_reach_and_overlap_are_counted_with_it(ask, crowd, test_env, monkeypatch):
    other = Segment.objects.create(environment=test_env, name="Regulars", kind="rules", rule=MANY)
    wheel = Reach(other.id, "Wheel", All((parse.parse(MANY), parse.parse(GOLD | {"value": "silver"}))))
    monkeypatch.setattr(preview, "_reaches", [lambda config: [wheel]])
    configs.forget()

    data = ask("post", "segments/preview", {"rule": GOLD}).data

    assert data["overlap"] == [{"id": str(other.id), "name": "Regulars", "count": 3}]
    assert data["reach"] == [{"id": str(other.id), "name": "Wheel", "count": 0}]


def test_a_rule_with_a_fault_is_refused_with_its_place(ask):
    answer = ask("post", "segments/preview", {"rule": {"all": [GOLD, GOLD, {"not": {}}]}})

    assert (answer.status, answer.error["code"]) == (400, "rule_invalid")
    assert answer.error["field"] == "rule.all[2].not"


def test_why_somebody_fits_or_not_is_told_line_by_line(ask, crowd, test_env):
    kept = Segment.objects.create(environment=test_env, name="Gold", kind="rules", rule={"all": [GOLD, MANY]})
    configs.forget()

    by_rule = ask("post", "segments/explain", {"userId": "u_9", "rule": {"all": [GOLD, MANY]}}).data
    by_segment = ask("post", "segments/explain", {"userId": "u_7", "segmentId": str(kept.id)}).data

    assert by_rule["isIn"] is False
    assert [(each["verdict"], each["found"]) for each in by_rule["lines"]["children"]] == [
        (False, "plan is silver, not gold"),
        (True, "orders is 9"),
    ]
    assert by_segment["isIn"] is True
    assert ask("post", "segments/explain", {"userId": "nobody", "rule": GOLD}).status == 404
    assert ask("post", "segments/explain", {"userId": "u_9"}).status == 400


def test_beyond_its_time_a_count_is_an_estimate_with_its_range(crowd, test_env, monkeypatch):
    monkeypatch.setattr(counting, "SMALL", 5)
    monkeypatch.setattr(counting, "SAMPLE", 10)
    monkeypatch.setattr(held, "ready", lambda *args, **more: False)

    found = preview.preview(configs.get(test_env.id), parse.parse(GOLD), now=timezone.now())

    assert found.is_estimate
    assert found.total == 20
    assert 0 <= found.low <= found.count <= found.high <= 20
    assert found.low < found.high


@pytest.fixture
def slow_statement(monkeypatch):
    """Each condition of this rule takes ten seconds."""
    slow = "(SELECT true FROM pg_sleep(10) WHERE u.id > 0)"
    monkeypatch.setattr("users.segments.query.condition", lambda *args: slow)


@pytest.mark.django_db(transaction=True)
def test_a_count_that_takes_too_long_ends_in_words(ask, crowd, slow_statement):
    began = time.monotonic()

    answer = ask("post", "segments/preview", {"rule": GOLD})

    assert (answer.status, answer.error["code"]) == (503, "count_too_slow")
    assert time.monotonic() - began < 8


@pytest.mark.django_db(transaction=True)
def test_a_newer_preview_of_the_session_ends_the_older(crowd, test_env, slow_statement):
    config, ended = configs.get(test_env.id), []

    def older():
        try:
            preview.preview(config, parse.parse(GOLD), now=timezone.now(), session="tab 1", seconds=9.0)
        except (counting.Superseded, counting.TooSlow) as why:
            ended.append(type(why))
        connection.close()

    typing = threading.Thread(target=older)
    typing.start()
    time.sleep(1)
    began = time.monotonic()
    with pytest.raises(counting.TooSlow):
        preview.preview(config, parse.parse(GOLD), now=timezone.now(), session="tab 1", seconds=0.2)
    typing.join()

    assert ended == [counting.Superseded]
    assert time.monotonic() - began < 7
