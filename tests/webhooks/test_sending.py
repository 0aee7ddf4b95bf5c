"""One POST to receivers that behave, misbehave and attack."""

import ipaddress
import resource
import ssl
import subprocess
import threading
import time

import pytest

from glu_admin.webhooks import sending
from glu_admin.webhooks.destination import parse
from tests.webhooks import receiver

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)


@pytest.fixture(scope="module")
def server():
    with receiver.running() as running:
        yield running


def send(server, path, seconds=5.0, body=b"{}", **headers):
    target = parse(server.url + path, https_only=False, allowed=LOOPBACK)
    return sending.post(target, headers, body, seconds=seconds, allowed=LOOPBACK)


def test_a_good_receiver_gets_the_exact_bytes_and_headers(server):
    body = '{"rewardName":"Zoë ☕"}'.encode()

    answer = send(server, "/200/here?x=1", body=body, **{"webhook-id": "d-1"})

    assert (answer.status, answer.problem, answer.head) == (200, "", b"thanks")
    assert answer.is_success
    got = server.got[-1]
    assert (got.path, got.body) == ("/200/here?x=1", body)
    assert got.headers == {
        "host": f"127.0.0.1:{server.server_port}",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "accept-encoding": "identity",
        "connection": "close",
        "webhook-id": "d-1",
    }


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_success(server, status):
    assert send(server, f"/{status}/").is_success


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/400/", 400, "200 to 299"),
        ("/401/", 401, "refused the signature"),
        ("/404/", 404, "200 to 299"),
        ("/410/", 410, "no more webhooks"),
        ("/413/", 413, "200 to 299"),
        ("/500/", 500, "200 to 299"),
        ("/503/", 503, "200 to 299"),
        ("/reset/", None, "broke off"),
        ("/short/", None, "began to answer 200 and broke off"),
        ("/noise/", None, "not HTTP"),
    ],
)
def test_anything_else_is_a_failed_try_with_its_reason(server, path, status, words):
    answer = send(server, path)

    assert answer.status == status
    assert words in answer.problem
    assert not answer.is_success


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    with receiver.running() as trap:
        server.trap_url = f"{trap.url}/200/"

        answer = send(server, f"/redirect/{status}/")

        assert answer.status == status
        assert "redirects are not followed" in answer.problem
        assert trap.got == []


@pytest.mark.timed
@pytest.mark.parametrize("mode", ["hang", "drip", "driphead", "interim"])
def test_a_receiver_that_takes_its_time_is_left_at_the_limit(server, mode):
    started = time.monotonic()

    answer = send(server, f"/{mode}/", seconds=0.6)

    assert time.monotonic() - started < 1.2
    assert answer.status is None
    assert "in time" in answer.problem or "within 0.6 s" in answer.problem


@pytest.mark.parametrize("mode", ["huge", "bomb"])
def test_a_huge_answer_is_cut_and_never_unpacked(server, mode):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    answer = send(server, f"/{mode}/")

    assert answer.status == 200
    assert len(answer.head) <= 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


def test_a_receiver_says_when_to_come_back(server):
    assert send(server, "/wait/").retry_after == "7"


def test_nobody_at_the_port_is_said_so():
    with receiver.running() as gone:
        pass

    assert send(gone, "/200/").problem == "The connection was refused, or no way leads there."


def test_a_proxy_of_the_environment_is_not_used(server, monkeypatch):
    with receiver.running() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)

        assert send(server, "/200/").is_success
        assert proxy.got == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    made += ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-days", "2"]
    made += ["-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"]
    subprocess.run(made, check=True, capture_output=True)
    return folder


@pytest.fixture
def tls_server(certificate):
    with receiver.running() as running:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        running.names = []
        context.sni_callback = lambda _, name, __: running.names.append(name)
        running.socket = context.wrap_socket(running.socket, server_side=True)
        yield running


def send_tls(server, host):
    target = parse(f"https://{host}:{server.server_port}/200/", https_only=True)
    return sending.post(target, {}, b"{}", seconds=5, allowed=LOOPBACK, resolver=lambda *_: ["127.0.0.1"])


@pytest.fixture
def trusting(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    sending._trust.cache_clear()
    yield
    sending._trust.cache_clear()


def test_the_name_stays_in_tls_and_host_though_an_address_is_connected_to(tls_server, trusting):
    answer = send_tls(tls_server, "hooks.example")

    assert answer.is_success, answer.problem
    assert tls_server.names == ["hooks.example"]
    assert tls_server.got[0].headers["host"] == f"hooks.example:{tls_server.server_port}"


def test_a_certificate_of_another_name_is_refused(tls_server, trusting):
    answer = send_tls(tls_server, "other.example")

    assert answer.status is None
    assert answer.problem.startswith("TLS: Hostname mismatch")


def test_a_certificate_that_nobody_signed_is_refused(tls_server):
    answer = send_tls(tls_server, "hooks.example")

    assert answer.problem.startswith("TLS: self")
    assert tls_server.got == []


@pytest.mark.timed
def test_twenty_receivers_that_hang_do_not_delay_a_good_one(server):
    hanging = [threading.Thread(target=send, args=(server, "/hang/", 1.0), daemon=True) for _ in range(20)]
    for thread in hanging:
        thread.start()

    started = time.monotonic()
    assert send(server, "/200/").is_success
    assert time.monotonic() - started < 0.8
