"""Where webhooks may not go, in every spelling, and that the socket is where it is decided."""

import socket
import threading
from ipaddress import IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glu_admin.webhooks import connecting, destination, sending
from glu_admin.webhooks.addresses import is_forbidden, may_reach
from glu_admin.webhooks.destination import DestinationError


def words(text):
    return text.split()


FORBIDDEN_ADDRESSES = words("""
0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.1.2.3 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255
127.0.0.1 127.0.0.2 127.1.1.1 127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2
169.254.169.253 169.254.255.255 172.16.0.0 172.17.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.0.255
192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1
198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 224.0.0.251 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::2 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 ::ffff:a9fe:a9fe
::127.0.0.1 ::169.254.169.254 ::8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 64:ff9b::10.0.0.1
64:ff9b:1::1 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:0:a9fe:a9fe:: 2001:10::1 2001:20::1 2001:db8::1
2002:a9fe:a9fe:: 2002:7f00:1:: 2002:0a00:0001:: 2620:4f:8000::1 3fff::1 4000::1 5f00::1 8000::1
fc00::1 fd00::1 fd00:ec2::254 fd12:3456:789a::1 fe80::1 fe80::a9fe:a9fe febf::1 fec0::1 feff::1
ff00::1 ff02::1 ff02::fb ff0e::1
""")
# Refused already when the endpoint is saved, without asking a resolver.
REFUSED_URLS = words("""
http://127.0.0.1/ http://127.0.0.1:8080/ http://127.0.0.1./ http://localhost/ http://LOCALHOST/
http://localhost./ http://api.localhost/ http://[::1]/ http://[::]/ http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/ http://[64:ff9b::a9fe:a9fe]/ http://[2002:a9fe:a9fe::]/ http://[fe80::1]/
http://[fe80::1%25eth0]/ http://[fec0::1]/ http://[fd00:ec2::254]/ http://[ff02::1]/ http://[::127.0.0.1]/
http://2130706433/ http://2852039166/ http://0x7f000001/ http://0x7f.0.0.1/ http://0x7f.1/ http://0X7F.1/
http://0177.0.0.1/ http://0177.1/ http://017700000001/ http://127.1/ http://127.0.1/ http://127.000.000.001/
http://0/ http://0.0/ http://0.0.0.0/ http://00/ http://0x0/ http://169.254.169.254/latest/meta-data/
http://0xa9fea9fe/ http://0xa9.0xfe.0xa9.0xfe/ http://0251.0376.0251.0376/ http://425.510.425.510/
http://169.254.43518/ http://[::ffff:a9fe:a9fe]/ http://168.63.129.16/ http://192.0.0.192/
http://100.100.100.200/ http://10.0.0.1/ http://172.16.0.1/ http://192.168.1.1/ http://224.0.0.1/
http://255.255.255.255/ http://①②⑦.⓪.⓪.①/ http://127。0。0。1/ http://１２７.0.0.1/
http://user@8.8.8.8/ http://user:pass@8.8.8.8/ http://8.8.8.8@127.0.0.1/ http://127.0.0.1@8.8.8.8/
http://@8.8.8.8/ http://example.com%2f@127.0.0.1/ http://8.8.8.8#@127.0.0.1/ http://8.8.8.8/#x
http://8.8.8.8\\@127.0.0.1/ http://8.8.8.8:22/ http://8.8.8.8:25/ http://8.8.8.8:6379/ http://8.8.8.8:5432/
http://8.8.8.8:0/ http://8.8.8.8:65536/ http://8.8.8.8:-1/ http://8.8.8.8:x/ http://8.8.8.8:11211/
http:///path http:// http://./ http://../ http:/8.8.8.8/ //8.8.8.8/ 8.8.8.8 example.com ftp://8.8.8.8/
file:///etc/passwd gopher://8.8.8.8/ javascript:alert(1) data:,x ldap://8.8.8.8/ dict://8.8.8.8:11211/
unix:///var/run/docker.sock jar:http://8.8.8.8!/ http://%31%32%37.0.0.1/ http://exa%00mple.com/
http://[::1/ http://::1/ http://[8.8.8.8]/ http://1.2.3.4.5/ http://256.1.1.1/
""")
REFUSED_URLS += [
    "http://8.8.8.8/\r\nX-Injected: 1",
    "http://8.8.8.8/\n",
    " http://8.8.8.8/",
    "http://8.8.8.8/ HTTP/1.1",
    "http://8.8.8.8/\x00",
    "http://8.8.8.8/\t",
    "http://8.8.8.8/\u2028",
    "http://exa mple.com/",
    "http://8.8.8.8/" + "a" * 500,
    "",
]
PUBLIC_ADDRESSES = words("""
8.8.8.8 1.1.1.1 9.9.9.9 20.207.108.216 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255
169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
223.255.255.255 11.0.0.0 168.63.129.15 168.63.129.17 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450::1
2400:cb00::1 2600:: 3ffe::1 64:ff9b::8.8.8.8 2001:200::1
""")
PUBLIC_URLS = words("""
https://example.com/ https://hooks.example.com/glu?x=1 http://8.8.8.8/ https://8.8.8.8:8443/hook
https://[2606:4700:4700::1111]/ https://bücher.example/ https://example.com:443/ https://127.0.0.1.nip.example/
""")


def test_the_corpus_is_big_enough():
    assert len(set(FORBIDDEN_ADDRESSES)) + len(set(REFUSED_URLS)) >= 180


@pytest.mark.parametrize("address", FORBIDDEN_ADDRESSES)
def test_an_address_that_is_not_public_is_forbidden(address):
    assert is_forbidden(ip_address(address))
    assert not may_reach(address)


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_a_public_address_is_reachable(address):
    assert may_reach(address)


@given(st.integers(0, 2**32 - 1))
def test_no_ipv4_address_becomes_reachable_by_wrapping_it_in_ipv6(number):
    plain = may_reach(str(ip_address(number)))

    assert may_reach(str(ip_address((0x0064FF9B << 96) + number))) == plain  # NAT64
    assert not may_reach(str(ip_address(0xFFFF00000000 + number)))  # IPv4-mapped
    assert not may_reach(str(ip_address((0x2002 << 112) + (number << 80))))  # 6to4
    assert not may_reach(str(ip_address((0x20010000 << 96) + number)))  # Teredo


@given(st.integers(0, 2**128 - 1))
def test_only_global_unicast_is_reachable_in_ipv6(number):
    address = IPv6Address(number)

    if may_reach(str(address)):
        assert address in ip_network("2000::/3") or address in ip_network("64:ff9b::/96")


@pytest.mark.parametrize("text", ["", "localhost", "not an address", "127.0.0.1/32", "1.2.3", "::g", "%eth0"])
def test_what_is_no_address_is_not_reachable(text):
    assert not may_reach(text, (ip_network("0.0.0.0/0"), ip_network("::/0")))


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_an_address_like_this_is_refused_when_it_is_saved(url):
    with pytest.raises(DestinationError):
        destination.parse(url, https_only=False)


@pytest.mark.parametrize("url", PUBLIC_URLS)
def test_a_usual_address_is_taken(url):
    found = destination.parse(url, https_only=False)

    assert found.host and found.port and found.target.startswith("/")


def test_the_parts_keep_what_the_receiver_needs():
    found = destination.parse("https://Bücher.example:8443/Hook%20a?b=ü&c", https_only=True)

    assert found.scheme == "https"
    assert found.host == "xn--bcher-kva.example"
    assert found.host_header == "xn--bcher-kva.example:8443"
    assert (found.port, found.target) == (8443, "/Hook%20a?b=%C3%BC&c")


def test_live_takes_https_only():
    with pytest.raises(DestinationError, match="https://"):
        destination.parse("http://example.com/", https_only=True)


def test_the_operator_may_list_private_networks():
    allowed = (ip_network("127.0.0.1/32"), ip_network("fd00::/8"))

    assert destination.parse("http://127.0.0.1:9000/x", https_only=False, allowed=allowed).port == 9000
    assert destination.parse("http://localhost:9000/x", https_only=False, allowed=allowed)
    assert destination.parse("http://[fd00::7]:9000/x", https_only=False, allowed=allowed)
    with pytest.raises(DestinationError):
        destination.parse("http://127.0.0.2:9000/x", https_only=False, allowed=allowed)


class Trap:
    """A listening socket that must never hear of anyone."""

    def __init__(self, host="127.0.0.1"):
        self.socket = socket.create_server((host, 0))
        self.port = self.socket.getsockname()[1]
        self.visits = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                self.visits.append(self.socket.accept())
            except OSError:
                return


@pytest.fixture
def trap():
    made = Trap()
    yield made
    made.socket.close()


def send_to(url_host, port, resolver, allowed=(), seconds=2):
    target = destination.Destination("http", url_host, port, "/", f"{url_host}:{port}")
    return sending.post(target, {}, b"{}", seconds=seconds, allowed=allowed, resolver=resolver)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "0.0",
        "localhost",
        "127.0.0.1.",
    ],
)
def test_whatever_the_system_makes_of_a_host_is_judged_before_a_packet_leaves(trap, host):
    answer = send_to(host, trap.port, connecting.resolve)

    assert answer.status is None
    assert "not public" in answer.problem or "not found" in answer.problem
    assert not trap.visits


def test_one_private_address_among_public_ones_refuses_the_name(trap):
    asked = []

    def resolver(host, port):
        asked.append(host)
        return ["93.184.216.34", "127.0.0.1"]

    answer = send_to("mixed.example", trap.port, resolver)

    assert answer.problem == "mixed.example leads to an address that is not public."
    assert asked == ["mixed.example"]
    assert not trap.visits


def test_a_name_that_changes_its_mind_is_asked_once_and_reaches_no_trap(trap):
    answers = iter([["192.0.2.1"], ["169.254.169.254"], ["127.0.0.1"]])
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return next(answers)

    # the first answer stands for a public one: it is allowed, and nobody is there
    send_to("rebind.example", trap.port, rebinding, allowed=(ip_network("192.0.2.1/32"),))
    second = send_to("rebind.example", trap.port, rebinding)
    third = send_to("rebind.example", trap.port, rebinding)

    assert asked == ["rebind.example"] * 3
    assert "not public" in second.problem
    assert "not public" in third.problem
    assert not trap.visits


def test_the_peer_of_the_connected_socket_is_judged_too(trap):
    class Elsewhere(connecting.GuardedBackend):
        def _judged(self, addresses, host):
            return ["127.0.0.1"]

    backend = Elsewhere(connecting.Deadline(2), ())

    with pytest.raises(DestinationError, match="connection leads"):
        backend.connect_tcp("example.com", trap.port)


def test_a_name_that_is_not_found_is_a_failed_try():
    assert send_to("nowhere.example", 80, lambda *_: []).problem == "The name nowhere.example was not found."


def test_a_slow_resolver_does_not_hold_the_worker():
    released = threading.Event()
    deadline = connecting.Deadline(0.2)
    backend = connecting.GuardedBackend(deadline, (), lambda *_: [str(released.wait(10))])

    with pytest.raises(Exception, match="not resolved in time"):
        backend.connect_tcp("slow.example", 80)
    released.set()


@pytest.mark.timed
def test_a_black_hole_among_the_addresses_leaves_time_for_the_next(trap):
    networks = (ip_network("127.0.0.0/8"), ip_network("240.0.0.0/4"))

    send_to("two.example", trap.port, lambda *_: ["240.0.0.1", "127.0.0.1"], networks, seconds=0.8)

    assert trap.visits
