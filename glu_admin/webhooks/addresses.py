"""Which IP addresses a webhook may never reach: our own table, because the standard library's
`is_global` lets translated forms of the metadata address, site-local and multicast pass.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORBIDDEN_V4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers, and some clouds' metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, and Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Only global unicast is reachable at all, which leaves out loopback, IPv4-mapped and
# -compatible, unique-local, link-local, site-local and multicast in one rule.
GLOBAL_V6 = IPv6Network("2000::/3")
FORBIDDEN_V6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocol assignments, Teredo and ORCHID among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 hides an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
NAT64 = IPv6Network("64:ff9b::/96")  # where a network has no IPv4, every IPv4 receiver is here

# Where an installation may reach itself: never link-local, where clouds keep credentials.
OWN_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(each)
    for each in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


def is_forbidden(address: Address) -> bool:
    """Whether the address is anything but a public one."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in FORBIDDEN_V4)
    if address in NAT64:
        return is_forbidden(IPv4Address(int(address) & 0xFFFFFFFF))
    return address not in GLOBAL_V6 or any(address in network for network in FORBIDDEN_V6)


def may_reach(text: str, allowed: tuple[Network, ...] = ()) -> bool:
    """Whether a webhook may go to this address; `allowed` are the operator's exceptions."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    listed = any(address.version == network.version and address in network for network in allowed)
    return listed or not is_forbidden(address)
