"""What people answered in a poll or a survey is counted on the campaign's page."""

import pytest

from campaigns.console import tally
from campaigns.models import Play
from rewards.tables import OutcomeDraft
from tests.factories import EndUserFactory, launched_campaign
from tests.types.quizzes import CONFIG, question
from tests.types.test_quiz_plays import act

pytestmark = pytest.mark.django_db
NOTHING = OutcomeDraft(name="Nothing", weight=1, reward_type="noReward", is_fallback=True)
ASKED = [question(1, "Tea", "Coffee", "Water"), question(2, "Cake", "Fruit", "Nuts", kind="multiple")]
SURVEY = CONFIG | {"mode": "survey", "questions": ASKED}


@pytest.fixture
def survey(test_env):
    return launched_campaign(test_env, type="quiz", config=SURVEY, outcomes=(NOTHING,))


def take(environment, campaign, name, *answers):
    person = EndUserFactory(environment=environment, user_id=name)
    seen = act(person, campaign, key=name, move=0)["game"]
    for texts in answers:
        chosen = [each["id"] for each in seen["question"]["answers"] if each["text"] in texts]
        last = act(person, campaign, key=name, move=seen["move"], answer=chosen)
        seen = last.get("game")
    return last


def counted(campaign):
    return [
        (each.text, each.voices, [(one.text, one.count, round(one.share)) for one in each.choices])
        for each in tally.of(campaign)
    ]


def test_each_answer_has_its_count_and_its_share_of_those_who_answered(test_env, survey):
    take(test_env, survey, "u_1", ["Tea"], ["Cake", "Nuts"])
    take(test_env, survey, "u_2", ["Tea"], ["Cake"])
    take(test_env, survey, "u_3", ["Water"], ["Cake", "Nuts"])
    assert Play.objects.count() == 3

    assert counted(survey) == [
        ("Question 1?", 3, [("Tea", 2, 67), ("Coffee", 0, 0), ("Water", 1, 33)]),
        ("Question 2?", 3, [("Cake", 3, 100), ("Fruit", 0, 0), ("Nuts", 2, 67)]),
    ]


def test_the_page_shows_it_and_says_where_nobody_has_answered(owner, test_env, survey):
    assert "Nobody has answered yet." in owner.get(f"/c/test/campaigns/{survey.pk}/").text

    take(test_env, survey, "u_1", ["Tea"], ["Cake"])

    assert "What people answered" in (page := owner.get(f"/c/test/campaigns/{survey.pk}/").text)
    assert "1 answer<" in page and "100.0%" in page


def test_an_answer_that_was_taken_out_since_is_still_counted(test_env, survey):
    take(test_env, survey, "u_1", ["Tea"], ["Cake"])
    survey.config = SURVEY | {"questions": [question(1, "Coffee", "Water")]}

    assert counted(survey) == [("Question 1?", 1, [("Coffee", 0, 0), ("Water", 0, 0), ("Tea", 1, 100)])]


def test_a_quiz_with_right_answers_has_no_tally(owner, test_env, wheel):
    assert tally.of(wheel) == []
    assert "What people answered" not in owner.get(f"/c/test/campaigns/{wheel.pk}/").text
