"""Conditions that campaigns and rewards bring: one meaning in memory and in SQL, too."""

import uuid
from collections import Counter

import pytest
from django.db import connection

from campaigns.models import Participation
from glu_admin import config as configs
from rewards.models import Reward
from tests.factories import EndUserFactory, launched_campaign
from tests.segments.hostile import NOW, dice
from users.segments import book as books
from users.segments import facts, parse, predicate, query
from users.segments.operators import OPERATORS
from users.segments.rule import RuleError

RULES = 3_000
STATUSES = ("pristine", "clicked", "in-progress", "completed")
TYPES = (None, "coupons", "points", "freebie")


@pytest.fixture
def brand(test_env):
    """People who played, won, lost what they won, or never came; and visitors who turned out to be them."""
    chance = dice(3)
    campaigns = [launched_campaign(test_env), launched_campaign(test_env)]
    people = [EndUserFactory(environment=test_env) for _ in range(14)]
    visitors = [
        EndUserFactory(
            environment=test_env, user_id=None, anonymous_id=f"v{n}", merged_into=chance.choice(people)
        )
        for n in range(4)
    ]
    for person in [*people, *visitors]:
        for campaign in campaigns:
            if chance.random() < 0.6:
                Participation.objects.create(
                    environment=test_env,
                    user=person,
                    campaign=campaign,
                    status=chance.choice(STATUSES),
                    plays=chance.randrange(4),
                    wins=chance.randrange(3),
                    folded_at=NOW if person in visitors else None,
                )
            for _ in range(chance.choice((0, 0, 1, 2))):
                _won(test_env, person, campaign, chance)
    return campaigns


def _won(environment, person, campaign, chance):
    prizes = [variant for variant in campaign.table.variants.all() if not variant.is_fallback]
    Reward.objects.create(
        environment=environment,
        user=person,
        campaign_id=campaign.id,
        campaign_type=campaign.type,
        variant=chance.choice(prizes),
        reward_user_id=uuid.uuid4(),
        transaction_id=uuid.uuid4().hex,
        state=chance.choice(("won", "seen", "redeemed", "expired", "revoked")),
    )


def test_predicate_and_sql_agree_on_campaigns_and_rewards(test_env, brand):
    chance, ids = dice(13), [*(str(campaign.id) for campaign in brand), str(uuid.uuid4())]
    config = configs.get(test_env.id)
    book, rules = books.of(config), []
    while len(rules) < RULES:
        try:
            rules.append(parse.parse(chance.choice((_campaign, _reward))(chance, ids)))
        except RuleError:
            continue
    by_sql = _sql(rules, book)
    known = facts.load(config, by_sql, now=NOW, needs={"campaign", "reward"})

    verdicts = Counter()
    for place, rule in enumerate(rules):
        test = predicate.compile(rule, book)
        for pk, person in known.items():
            assert test(person) is by_sql[pk][place], parse.dump(rule)
            verdicts[rule.kind, test(person)] += 1
    assert min(verdicts.values()) > 1_000
    assert len(verdicts) == 4


def _sql(rules, book):
    values, parts = {}, []
    for place, rule in enumerate(rules):
        sql, params = query.where(rule, book, now=NOW, prefix=f"r{place}")
        values |= params
        parts.append(f"({sql})")
    answers = {}
    with connection.cursor() as cursor:
        for start in range(0, len(parts), 500):
            cursor.execute(
                f"SELECT u.id, {', '.join(parts[start : start + 500])} FROM users_enduser u"
                " WHERE environment_id = %(environment)s AND merged_into_id IS NULL",
                values | {"environment": book.environment_id},
            )
            for row in cursor.fetchall():
                answers[row[0]] = answers.get(row[0], ()) + row[1:]
    return answers


def _campaign(chance, ids):
    fact = chance.choice(("status", "plays", "wins"))
    operator = chance.choice(tuple(OPERATORS))
    status, number = chance.choice(STATUSES), chance.choice((0, 1, 2, 1.5, -1, 10**30))
    value = {
        "list": [status, chance.choice(STATUSES)],
        "pair": sorted((number, chance.choice((0, 1, 3)))),
        "one": status if fact == "status" else number,
    }.get(OPERATORS[operator].value, number)
    return {"campaign": chance.choice(ids), "fact": fact, "operator": operator, "value": value}


def _reward(chance, ids):
    which = {"campaign": chance.choice([None, *ids]), "rewardType": chance.choice(TYPES)}
    return {
        "reward": {key: value for key, value in which.items() if value},
        "operator": chance.choice(("at_least", "at_most", "exactly")),
        "value": chance.choice((0, 1, 2, 3)),
    }
