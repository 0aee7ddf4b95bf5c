"""Cards of the list: JSON like any other, of the campaigns that run this very moment."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import entries
from campaigns.audience import EVERYBODY
from campaigns.cards import Card, Cards, inner
from campaigns.ways import PLAIN

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "5c3de0a0-7ab3-4f5a-9f52-52d3a4b6c7aa"
ATTEMPT = uuid5(UUID(NAME), "glu:1")


def campaign(tag, *, id=None, starts_at=None, ends_at=None, status="live", **texts):
    return SimpleNamespace(
        id=id or UUID(NAME),
        name_in_urls=NAME,
        type="spinthewheel",
        kind=SimpleNamespace(page="reward"),
        is_program=False,
        audience=EVERYBODY,
        ways=PLAIN,
        may_be_over=False,
        card={"title": "Spin", "tag": tag} | texts,
        tag=tag,
        status=status,
        starts_at=starts_at,
        ends_at=ends_at,
    )


@pytest.mark.parametrize("text", ["", "50 % off, “q”", 'a "b" \\c', "a\nb", "{}", "🎡", "</script>"])
def test_an_entry_is_json_whatever_the_marketer_wrote(text):
    card = Card(campaign("wheel", title=text, body=text))

    address = inner('https://a.example/reward/?token="t"')
    entry = json.loads(card.of_game(address, b"glu:1", "pristine", ""))

    assert entry == {
        "campaignId": NAME,
        "url": f'https://a.example/reward/?token="t"&rewardUserId={ATTEMPT}&campaignId={NAME}',
        "type": "spinthewheel",
        "status": "pristine",
        "banner": {"title": text, "tag": "wheel", "body": text, "userCampaignStatus": "pristine"},
    }


@given(st.uuids(), st.uuids(), st.integers(1, 10**6))
def test_an_entry_names_the_attempt_as_every_page_does(campaign_id, glu_id, attempt):
    card = Card(campaign("wheel", id=campaign_id))

    entry = json.loads(card.of_game("a", f"{glu_id}:{attempt}".encode(), "pristine", ""))

    assert f"rewardUserId={entries.reward_user_id(campaign_id, glu_id, attempt)}&" in entry["url"]


def test_our_own_pictures_are_named_with_the_host_of_the_answer():
    ours, theirs = (
        json.loads(Card(campaign("wheel", imageUrl=url)).of_game("a", b"glu:1", "pristine", "https://b"))
        for url in ("/media/cake.webp", "https://c.example/cake.png")
    )

    assert ours["banner"]["imageUrl"] == "https://b/media/cake.webp"
    assert theirs["banner"]["imageUrl"] == "https://c.example/cake.png"


def test_a_program_brings_texts_of_its_own():
    entry = json.loads(Card(campaign("steps")).of_program("a", "clicked", {"stepsCompleted": "1"}, ""))

    assert (entry["url"], entry["status"]) == (f"a&campaignId={NAME}", "clicked")
    assert entry["banner"] == {"stepsCompleted": "1"}


def test_campaigns_come_and_go_at_their_moments():
    cards = Cards(
        [
            campaign("always"),
            campaign("over", status="ended"),
            campaign("soon", starts_at=NOON + HOUR),
            campaign("brief", ends_at=NOON + 2 * HOUR),
        ]
    )

    def shown(at):
        return [card.campaign.tag for card in cards.running(at)]

    assert shown(NOON) == shown(NOON + HOUR - timedelta(microseconds=1)) == ["always", "brief"]
    assert shown(NOON + HOUR) == ["always", "soon", "brief"]
    assert shown(NOON + 2 * HOUR) == ["always", "soon"]
    assert shown(NOON) == ["always", "brief"]  # a clock that was set back
