"""A kind of fact of our own, and an endpoint at a real receiver on loopback."""

import uuid

import pytest

from glu_admin import config
from glu_admin.webhooks import endpoints, outbox
from glu_admin.webhooks.fanout import fan_out
from tests.webhooks import receiver

KIND = "coffee.brewed"
TOKEN = "PbTJp694bmgrfJpJPQmrjGfjgq"
CODE = "SECRET-CODE-4711"
cancelled: set[uuid.UUID] = set()


def render(environment, subject_id):
    if subject_id in cancelled:
        return None
    return {"rewardId": str(subject_id), "code": CODE, "rewardName": "Zoë's ☕"}


@pytest.fixture(autouse=True)
def coffee(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    settings.WEBHOOK_TIMEOUT_SECONDS = 5.0
    before = dict(outbox._renderers)
    outbox.register_body(KIND, render)
    cancelled.clear()
    yield
    outbox._renderers.clear()
    outbox._renderers.update(before)


@pytest.fixture(scope="session")
def shared_server():
    with receiver.running() as running:
        yield running


@pytest.fixture
def server(shared_server):
    shared_server.let_go()
    return shared_server


@pytest.fixture
def make_endpoint(server):
    def make(environment, path="/200/", kinds=(KIND,), token=TOKEN):
        return endpoints.create(environment, f"{server.url}{path}", kinds, token)[0]

    return make


@pytest.fixture
def tell():
    def put(environment, count=1):
        facts = [uuid.uuid4() for _ in range(count)]
        for fact in facts:
            outbox.put(environment.id, KIND, fact)
        return facts

    return put


@pytest.fixture
def under_way(test_env, make_endpoint, tell):
    """An endpoint, and facts that are on their way to it."""

    def send(path="/200/", count=1, **fields):
        endpoint = make_endpoint(test_env, path, **fields)
        tell(test_env, count)
        fan_out()
        return endpoint

    return send


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)
