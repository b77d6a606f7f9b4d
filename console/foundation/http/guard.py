"""Which addresses may be called. A name is resolved once, every answer judged, and the connection made to that answer.

Resolving again between the check and the connection is how a name that changes its mind reaches an inner
server; so the checked address itself is dialled, and TLS still proves the name.
"""

import ipaddress
import socket
from collections.abc import Iterable
from functools import lru_cache

import httpcore
import httpx
from django.conf import settings


class AddressBlocked(httpx.ConnectError):
    """The name leads to a private, loopback, link-local or otherwise inner address."""


class ResponseTooLarge(httpx.ReadError):
    """The answer grew past the size cap and was abandoned."""


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SHARED = ipaddress.ip_network("100.64.0.0/10")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@lru_cache(maxsize=16)
def _allow_list(entries: tuple[str, ...]) -> tuple[frozenset[str], tuple[Network, ...]]:
    """Names (with optional port) and networks of HUIYIN_HTTP_ALLOW."""
    names, networks = set(), []
    for entry in entries:
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            names.add(entry.lower())
    return frozenset(names), tuple(networks)


def _bare(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it."""
    if address.version == 6:
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address.sixtofour:
            return address.sixtofour
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the open internet."""
    address = _bare(ipaddress.ip_address(text.split("%")[0]))
    if address.version == 4 and address in _SHARED:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def permitted(host: str, port: int, address: str) -> bool:
    """Public, or named by the operator in HUIYIN_HTTP_ALLOW as host, host:port or network."""
    names, networks = _allow_list(tuple(settings.HUIYIN_HTTP_ALLOW))
    if host.lower() in names or f"{host.lower()}:{port}" in names:
        return True
    found = ipaddress.ip_address(address.split("%")[0])
    return is_public(address) or any(found in net for net in networks if net.version == found.version)


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a name that may be dialled. Raises AddressBlocked when any of them is an inner one."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(answer[4][0] for answer in answers))
    if not addresses or not all(permitted(host, port, address) for address in addresses):
        raise AddressBlocked(f"{host} leads to an address that must not be called from here.")
    return addresses


class PinnedBackend(httpcore.SyncBackend):
    """Dials only what `resolve` allowed."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"The name {host} was not found.") from error
        failure: Exception | None = None
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(self, *args, **kwargs) -> httpcore.NetworkStream:
        raise AddressBlocked("Local sockets must not be called from here.")
