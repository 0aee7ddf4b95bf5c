"""Visitors without an id of the client's: registering them, and the day they sign in."""

from tests.api import decoders
from users.models import EndUser


def user_of(response):
    answer = response.json()
    decoders.registration(response.status_code, answer)
    return answer["data"]["user"]


def test_a_visitor_is_registered_by_the_anonymous_id_alone(register):
    first, second = register(anonymousId="visit-9"), register(anonymousId="visit-9", userName="V")

    visitor = EndUser.objects.get()
    user = user_of(second)
    assert (visitor.user_id, visitor.anonymous_id, visitor.user_name) == (None, "visit-9", "V")
    assert (user["userId"], user["anonymousId"]) == ("visit-9", "visit-9")
    assert user["gluId"] == user_of(first)["gluId"]
    claims = decoders.token(second.json()["data"]["token"])
    assert claims["userId"] == claims["anonymousId"]  # how apps know a visitor


def test_a_visitor_who_sends_back_the_answered_user_id_stays_a_visitor(register):
    first = register(anonymousId="visit-9")

    second = register(userId="visit-9", anonymousId="visit-9")

    assert user_of(first) == user_of(second)
    assert EndUser.objects.get().user_id is None


def test_a_visitor_who_signs_in_becomes_the_user_and_keeps_the_row(register):
    visitor = user_of(register(anonymousId="visit-9", customAttributes={"seen": 1}))

    user = user_of(register(userId="u_1", anonymousId="visit-9", customAttributes={"in": 1}))

    person = EndUser.objects.get()
    assert user["gluId"] == visitor["gluId"]
    assert (person.user_id, person.anonymous_id) == ("u_1", "visit-9")
    assert person.attributes == {"seen": 1, "in": 1}


def test_the_next_visitor_of_the_same_device_is_a_new_one(register):
    register(anonymousId="visit-9")
    known = user_of(register(userId="u_1", anonymousId="visit-9"))

    visitor = user_of(register(anonymousId="visit-9"))

    assert visitor["gluId"] != known["gluId"]


def test_a_known_user_is_not_replaced_by_a_visitors_row(register):
    known = user_of(register(userId="u_1"))
    register(anonymousId="visit-9")

    user = user_of(register(userId="u_1", anonymousId="visit-9"))

    assert user["gluId"] == known["gluId"]
    assert user["anonymousId"] == "visit-9"
    assert EndUser.objects.count() == 2
