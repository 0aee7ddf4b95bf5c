"""A person with a wallet, and the addresses that open the pages."""

import re

import pytest

from tests.factories import EndUserFactory, launched_campaign, token_of


@pytest.fixture
def mia(test_env):
    return EndUserFactory(environment=test_env, user_id="u_20841", user_name="Mia")


@pytest.fixture
def token(mia):
    return token_of(mia)


@pytest.fixture
def wheel(test_env):
    """Every play wins a coupon."""
    return launched_campaign(test_env, weights=(1, 0, 0, 0))


class Visit:
    """A browser that was sent to the pages with Mia's token, and goes on without it."""

    def __init__(self, client, token):
        self.client, self.token = client, token

    def arrive(self, path="/wallet/", **query):
        answer = self.client.get(path, {"token": self.token, **query})
        assert answer.status_code == 200
        self.name = re.search(r'data-visit="([\w-]{16})"', answer.text)[1]
        return answer.text

    def get(self, path, **query):
        return self.client.get(path, {"s": self.name, **query})

    def play(self, campaign, key, *, form=False, **headers):
        address = f"/reward/play/?s={self.name}&campaignId={campaign.id}"
        if form:
            return self.client.post(address, {"key": key}, headers=headers)
        return self.client.post(
            address,
            {"action": {}},
            content_type="application/json",
            headers={"Idempotency-Key": key, **headers},
        )


@pytest.fixture
def visit(client, token):
    return Visit(client, token)


def key_on(page):
    """The key that a game page would play with."""
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def heading_of(page):
    return re.sub(r"<[^>]+>", "", re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)[1])
