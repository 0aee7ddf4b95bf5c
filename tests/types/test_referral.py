"""Referral: two people's streams, what counts as a friend, whom it is told, and what both get."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns.types import get_type
from campaigns.types.base import ConfigError, Happening, News, NotAllowed, Player, Way
from tests.factories import MOMENT
from tests.types.happenings import OUTCOMES, after, did, stored

KIND = get_type("referral")
BUYING = {"qualifies": "event"}


def campaign(**fields):
    config = KIND.defaults() | fields
    KIND.check(config, OUTCOMES)
    return config


class Person:
    """Somebody in a campaign; what their side tells others waits in `told`."""

    def __init__(self, config, name, state=None):
        self.config, self.name, self.state = config, name, state or {}
        self.drawn, self.told, self.details = [], [], []

    def lives(self, name, hours=0.0, /, **properties):
        event = did(name, hours, **properties)
        player = Player(name=f"{self.name} Doe", user_id=f"u_{self.name}")
        moment = replace(after(hours), player=player, campaign="c-1")
        step = KIND.happened(self.config, self.state, event, moment)
        if step:
            self.state = stored(step.state)
            self.drawn += step.draws
            self.told += step.news
            self.details += [step.details] * len(step.draws)
        return step

    def registers(self, by, hours=0.0):
        return self.lives("glu.registered", hours, referredBy=f"u_{by}", referrerName=f"{by} Doe")

    def hears(self, what, friend, hours=0.0, campaign="c-1"):
        about = {
            "userId": f"u_{friend}",
            "gluId": f"g_{friend}",
            "name": f"{friend} Doe",
            "campaign": campaign,
        }
        return self.lives(f"glu.referral_{what}", hours, **about)

    def sees(self, hours=0.0):
        return KIND.view(self.config, self.state, OUTCOMES, after(hours))


def test_where_registering_is_enough_the_friend_is_rewarded_at_once_and_the_referrer_is_told():
    ben = Person(campaign(), "Ben")

    ben.registers("Asha")

    assert ben.drawn == ["referred"]
    assert ben.told == [News("u_Asha", "glu.referral_qualified")]
    assert ben.details == [
        {
            "reward_reason": "got_referred",
            "userAId": "u_Asha", "userAName": "Asha Doe", "userBId": "u_Ben", "userBName": "Ben Doe",
        }
    ]  # fmt: skip
    assert ben.sees()["invited"] == {"by": "Asha", "state": "qualified"}


def test_the_referrer_is_rewarded_for_a_friend_who_qualified_once():
    asha = Person(campaign(), "Asha")

    asha.hears("qualified", "Ben")
    asha.hears("qualified", "Ben", 1)

    assert asha.drawn == ["referrer"]
    assert asha.details == [
        {
            "reward_reason": "referred_a_friend",
            "userAId": "u_Asha", "userAName": "Asha Doe", "userBId": "u_Ben", "userBName": "Ben Doe",
        }
    ]  # fmt: skip
    assert asha.sees()["friends"] == [{"name": "Ben", "state": "qualified"}]


def test_where_a_friend_has_to_do_something_they_are_pending_until_then():
    config = campaign(**BUYING, count=2)
    asha, ben = Person(config, "Asha"), Person(config, "Ben")

    ben.registers("Asha")
    assert (ben.drawn, ben.told) == ([], [News("u_Asha", "glu.referral_joined")])
    asha.hears("joined", "Ben")
    assert (asha.sees()["pending"], asha.sees()["friends"]) == (1, [{"name": "Ben", "state": "joined"}])
    assert KIND.card(config, asha.state, MOMENT) == "1 pending referrals"
    ben.lives("purchase", 1)
    assert ben.drawn == []
    ben.lives("purchase", 2)
    assert (ben.drawn, ben.told[-1]) == (["referred"], News("u_Asha", "glu.referral_qualified"))
    ben.lives("purchase", 3)
    assert ben.drawn == ["referred"], "what follows earns nothing"
    asha.hears("qualified", "Ben", 2)
    assert (asha.drawn, asha.sees()["pending"]) == (["referrer"], 0)


def test_without_a_referrer_a_purchase_means_nothing_here():
    assert Person(campaign(**BUYING), "Ben").lives("purchase") is None


def test_a_friend_has_so_many_days_for_it():
    ben = Person(campaign(**BUYING, days=7), "Ben")
    ben.registers("Asha")

    assert ben.lives("purchase", 7 * 24 + 1) is None
    assert ben.sees(7 * 24 + 1)["invited"]["state"] == "late"
    assert ben.lives("purchase", 7 * 24).draws == ("referred",), "it happened in time, and was told late"


def test_the_first_referrer_stays():
    ben = Person(campaign(**BUYING), "Ben")
    ben.registers("Asha")

    assert ben.registers("Omar", 1) is None


@pytest.mark.parametrize("by", ["", None, 5, "u_Ben"])
def test_nobody_and_oneself_are_no_referrers(by):
    assert Person(campaign(), "Ben").lives("glu.registered", referredBy=by) is None


def test_what_is_told_of_oneself_or_in_another_campaign_counts_nothing():
    asha = Person(campaign(), "Asha")

    assert asha.hears("qualified", "Asha") is None
    assert asha.hears("qualified", "Ben", campaign="c-2") is None
    assert asha.lives("glu.referral_qualified", campaign="c-1") is None


def test_only_so_many_friends_count_a_day_by_the_person_s_own_calendar():
    asha = Person(campaign(a_day=2), "Asha")
    for number in range(4):
        asha.hears("qualified", f"F{number}", number)

    assert asha.drawn == ["referrer", "referrer"]
    assert [each["state"] for each in asha.sees()["friends"]] == ["over", "over", "qualified", "qualified"]
    asha.hears("qualified", "F9", 7)  # it is 12:00 UTC plus 7, and past midnight in Kolkata
    assert asha.drawn == ["referrer"] * 3


def test_after_the_most_friends_it_is_complete():
    asha = Person(campaign(most=2, a_day=0), "Asha")

    steps = [asha.hears("qualified", f"F{number}") for number in range(3)]

    assert [each.completed for each in steps] == [False, True, False]
    assert asha.drawn == ["referrer", "referrer"]


def test_milestones_are_rewarded_on_top_each_once():
    config = campaign(tiers=[2, 3], a_day=0)
    asha = Person(config, "Asha")
    for number in range(4):
        asha.hears("qualified", f"F{number}")

    assert asha.drawn == [
        "referrer", "referrer", "friends-2", "referrer", "friends-3", "referrer",
    ]  # fmt: skip
    assert [each.key for each in KIND.occasions(config)] == ["referrer", "referred", "friends-2", "friends-3"]
    assert asha.sees()["tiers"] == [{"friends": 2, "reached": True}, {"friends": 3, "reached": True}]


def test_the_way_leads_to_the_next_milestone():
    config = campaign(tiers=[2, 5], a_day=0)
    asha, ways = Person(config, "Asha"), []
    for number in range(6):
        ways.append(KIND.way(config, asha.state, MOMENT))
        asha.hears("qualified", f"F{number}")

    assert ways == [Way(0, 2), Way(1, 2), Way(2, 5), Way(3, 5), Way(4, 5), Way(5, 5)]
    assert KIND.way(campaign(), asha.state, MOMENT) is None


def test_where_names_are_not_shown_none_is_kept_of_friends():
    asha, ben = Person(campaign(names=False), "Asha"), Person(campaign(names=False), "Ben")
    asha.hears("joined", "Ben")
    ben.registers("Asha")

    assert asha.state["friends"][0]["name"] == ""
    assert asha.sees()["friends"] == [{"name": "", "state": "joined"}]
    assert ben.sees()["invited"]["by"] == ""


def test_what_is_shared_is_the_message_with_the_link_or_else_the_code():
    player = Player(
        referral_code="GLU-7Q2MXKAB", referral_link="https://brew.example/?referralCode=GLU-7Q2MXKAB"
    )
    config = campaign(message="Join me at Brewline")
    with_link = KIND.view(config, {}, OUTCOMES, replace(MOMENT, player=player))
    with_code = KIND.view(config, {}, OUTCOMES, replace(MOMENT, player=replace(player, referral_link="")))

    assert with_link["share"] == "Join me at Brewline https://brew.example/?referralCode=GLU-7Q2MXKAB"
    assert with_code["share"] == "Join me at Brewline GLU-7Q2MXKAB"


def test_a_full_list_forgets_who_waits_longest_and_never_who_counted():
    asha = Person(campaign(), "Asha")
    asha.state = {
        "friends": [{"id": f"g_{n}", "name": "", "at": MOMENT.now.isoformat()} for n in range(1000)]
    }
    asha.state["friends"][0]["done"] = MOMENT.now.isoformat()

    asha.hears("joined", "Ben")

    kept = [each["id"] for each in asha.state["friends"]]
    assert len(kept) == 1000
    assert (kept[0], kept[1], kept[-1]) == ("g_0", "g_2", "g_Ben")


def test_there_is_nothing_to_play():
    with pytest.raises(NotAllowed):
        KIND.act(campaign(), {}, {}, MOMENT)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"qualifies": "magic"}, "qualifies"), ({"qualifies": "event", "trigger": {}}, "trigger"),
        ({"qualifies": "event", "todo": ""}, "todo"), ({"count": 0}, "count"), ({"days": -1}, "days"),
        ({"most": 0}, "most"), ({"a_day": True}, "a_day"), ({"tiers": [3, 2]}, "tiers"),
        ({"tiers": [1]}, "tiers"),
        ({"tiers": [60]}, "tiers"), ({"tiers": "3"}, "tiers"), ({"names": 1}, "names"),
        ({"message": "x" * 201}, "message"),
    ],
)  # fmt: skip
def test_what_can_t_run_is_refused_at_its_field(fields, field):
    with pytest.raises(ConfigError) as refusal:
        campaign(**fields)

    assert refusal.value.field == field


def test_without_a_prize_there_is_nothing_to_invite_for():
    with pytest.raises(ConfigError, match="Give a reward"):
        KIND.check(KIND.defaults(), OUTCOMES[1:])


NAMES = ["Asha", "Ben", "Chi", "Dee", "Eve"]


class Friends(RuleBasedStateMachine):
    """Five people who invite each other. The model knows who invited whom and what they bought, no more;
    what one side tells the other is handed over late, in any order and sometimes twice."""

    @initialize(
        qualifies=st.sampled_from(["registered", "event"]), count=st.integers(1, 2), most=st.integers(1, 4),
        a_day=st.integers(0, 2), tiers=st.sampled_from([[], [2], [2, 3]]), days=st.sampled_from([0, 2]),
    )  # fmt: skip
    def begin(self, *, qualifies, count, most, a_day, tiers, days):
        tiers = [each for each in tiers if each <= most]
        self.config = campaign(
            qualifies=qualifies, count=count, most=most, a_day=a_day, tiers=tiers, days=days, names=True
        )
        self.people = {name: Person(self.config, name) for name in NAMES}
        self.hours, self.joined, self.bought, self.qualified, self.letters = 0, {}, {}, {}, []
        self.heard = {name: [] for name in NAMES}  # who counted, and on which day

    def note(self, friend):
        told = self.people[friend].told
        self.letters += [(news.to.removeprefix("u_"), friend, news.event) for news in told]
        told.clear()

    @rule(friend=st.sampled_from(NAMES), by=st.sampled_from([*NAMES, "Nobody"]))
    def somebody_registers(self, friend, by):
        self.people[friend].registers(by, self.hours)
        if by != friend and friend not in self.joined:
            self.joined[friend] = (by, self.hours)
            if self.config["qualifies"] == "registered":
                self.qualified[friend] = by
        self.note(friend)

    @rule(friend=st.sampled_from(NAMES))
    def somebody_buys(self, friend):
        self.people[friend].lives("purchase", self.hours)
        by, since = self.joined.get(friend, (None, 0))
        in_time = not self.config["days"] or self.hours <= since + 24 * self.config["days"]
        if by and in_time and friend not in self.qualified and self.config["qualifies"] == "event":
            self.bought[friend] = self.bought.get(friend, 0) + 1
            if self.bought[friend] == self.config["count"]:
                self.qualified[friend] = by
        self.note(friend)

    @rule(place=st.integers(0, 20), again=st.booleans())
    def a_letter_arrives(self, place, again):
        if not self.letters:
            return
        place %= len(self.letters)
        to, friend, event = self.letters[place] if again else self.letters.pop(place)
        if to not in self.people:
            return
        self.people[to].hears(event.removeprefix("glu.referral_"), friend, self.hours)
        if event.endswith("joined"):
            return
        known = self.heard[to]
        day = after(self.hours).now.astimezone(MOMENT.zone).date()
        if friend in [each for each, _ in known]:
            return
        counted = [at for _, at in known if at]
        is_over = len(counted) >= self.config["most"]
        is_over = is_over or (self.config["a_day"] and counted.count(day) >= self.config["a_day"])
        known.append((friend, None if is_over else day))

    @rule(hours=st.sampled_from([1, 7, 25]))
    def time_passes(self, hours):
        self.hours += hours

    @rule(name=st.sampled_from(NAMES))
    def somebody_merges_with_a_copy_of_themselves(self, name):
        person = self.people[name]
        person.state = stored(KIND.merge(person.state, person.state))

    @invariant()
    def each_side_has_got_what_is_due(self):
        if not hasattr(self, "people"):
            return
        for name, person in self.people.items():
            counted = sum(day is not None for _, day in self.heard[name])
            tiers = [f"friends-{each}" for each in self.config["tiers"] if each <= counted]
            due = ["referred"] * (name in self.qualified) + ["referrer"] * counted + tiers
            assert sorted(person.drawn) == sorted(due)
            assert person.sees(self.hours)["counted"] == counted
            assert len({each["id"] for each in person.state.get("friends", [])}) == len(
                person.state.get("friends", [])
            )


TestFriends = Friends.TestCase
TestFriends.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_two_people_who_are_one_keep_all_friends_once():
    config = campaign(tiers=[2], a_day=0)
    user, visitor = Person(config, "Asha"), Person(config, "Asha")
    user.hears("joined", "Ben")
    visitor.hears("qualified", "Ben")
    visitor.hears("qualified", "Chi")

    state = stored(KIND.merge(user.state, visitor.state))

    assert [each["state"] for each in KIND.view(config, state, OUTCOMES, MOMENT)["friends"]] == [
        "qualified"
    ] * 2
    again = KIND.happened(
        config,
        state,
        Happening("e", "glu.referral_qualified", MOMENT.now, {"campaign": "", "gluId": "g_Dee"}),
        MOMENT,
    )
    assert again.draws == ("referrer",), "the milestone was given already"
    assert stored(KIND.merge(state, state)) == state
