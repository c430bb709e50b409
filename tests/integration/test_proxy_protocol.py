# SPDX-License-Identifier: Apache-2.0
"""Load balancers that name their clients (the PROXY protocol)."""

import base64
import ipaddress
import socket
import ssl
import struct

import pytest

import policy

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 203.0.113.7 127.0.0.1 40000 443\r\n"


def v2(source, port=40000, command=1, more=b""):
    source = ipaddress.ip_address(source)
    body = source.packed * 2 + struct.pack("!HH", port, 443) + more
    return (SIGNATURE + bytes([0x20 | command, 0x11 if source.version == 4
                               else 0x21])
            + struct.pack("!H", len(body)) + body)


@pytest.fixture(scope="module")
def balanced(make_site, tls):
    """A site behind a balancer on this machine."""
    return make_site("balanced", tls=tls, options={
        "proxy_protocol.from": ["127.0.0.0/8"]})


def talk(site, *pieces, user="analyst"):
    """What comes back for a request behind these bytes; b"": a close."""
    word = base64.b64encode(
        f"{user}:{policy.PASSWORDS[user]}".encode()).decode()
    request = (
        "POST /v1/statement HTTP/1.1\r\nHost: gw\r\nContent-Length: 8\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nX-Trino-User: "
        f"{user}\r\nAuthorization: Basic {word}\r\nConnection: close\r\n"
        "\r\nSELECT 1"
    ).encode()
    context = ssl.create_default_context(cafile=str(site.tls.ca))
    with socket.create_connection(
            ("127.0.0.1", site.gateway.port), timeout=30) as plain:
        try:
            for piece in pieces:
                plain.sendall(piece)
            with context.wrap_socket(
                    plain, server_hostname="localhost") as secure:
                secure.sendall(request)
                got = b""
                while chunk := secure.recv(65536):
                    got += chunk
                return got
        except (ssl.SSLError, ConnectionError):
            return b""


def clients(site):
    """Addresses in the audit."""
    return {address for [address] in site.sql(
        "SELECT DISTINCT client_address FROM datagateway.audit_decision")}


@pytest.mark.parametrize("header, address", [
    (V1, "203.0.113.7:40000"),
    (v2("203.0.113.8"), "203.0.113.8:40000"),
    (v2("2001:db8::7", more=b"\3\0\4abcd"), "[2001:db8::7]:40000"),
    (v2("::ffff:203.0.113.9"), "203.0.113.9:40000"),
])
def test_the_address_is_the_clients(balanced, header, address):
    assert talk(balanced, header).startswith(b"HTTP/1.1 200 ")
    assert address in clients(balanced)


def test_byte_by_byte(balanced):
    header = v2("203.0.113.10")
    pieces = [header[i:i + 1] for i in range(len(header))]
    assert talk(balanced, *pieces).startswith(b"HTTP/1.1 200 ")
    assert "203.0.113.10:40000" in clients(balanced)


def test_the_balancer_itself(balanced):
    before = clients(balanced)
    header = v2("203.0.113.11", command=0)
    assert talk(balanced, header).startswith(b"HTTP/1.1 200 ")
    new = clients(balanced) - before
    assert new and all(a.startswith("127.0.0.1:") for a in new)


@pytest.mark.parametrize("header", [
    b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x21\0\0\0",
])
def test_clients_that_cannot_be_told(balanced, header):
    assert talk(balanced, header).startswith(b"HTTP/1.1 200 ")
    assert "unknown" in clients(balanced)


@pytest.mark.parametrize("header", [
    b"", b"PROXY TCP4 203.0.113.7 127.0.0.1 40000\r\n", V1 + V1,
    V1[:-2] + b"\n", SIGNATURE + b"\x31\x11\0\0",
    SIGNATURE + b"\x21\x11\xff\xff" + b"x" * 65535,
    v2("203.0.113.7").replace(b"\x21\x11", b"\x21\x12"),
    b"GET / HTTP/1.1\r\n\r\n",
])
def test_malformed_ones_close(balanced, header):
    assert talk(balanced, header) == b""
    # Others are not bothered.
    assert talk(balanced, V1).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("header", [V1, v2("203.0.113.7")])
def test_from_elsewhere_it_closes(make_site, tls, header):
    site = make_site("elsewhere", tls=tls, options={
        "proxy_protocol.from": ["192.0.2.0/24"]})
    assert talk(site, header) == b""
    assert talk(site).startswith(b"HTTP/1.1 200 ")
    assert all(a.startswith("127.0.0.1:") for a in clients(site))


def test_off_by_default(tls_site):
    assert talk(tls_site, V1) == b""
    assert talk(tls_site).startswith(b"HTTP/1.1 200 ")


def test_rules_by_network_see_it(balanced):
    balanced.apply(
        balanced.policy.change().deny(
            "not from there", ["analyst"], ["use"], cluster="*",
            networks=["203.0.113.128/25"])
    )
    for address, decision in (("203.0.113.200", "denied"),
                              ("203.0.113.20", "allowed")):
        assert talk(balanced, v2(address)).startswith(b"HTTP/1.1 200 ")
        assert balanced.sql(
            "SELECT decision FROM datagateway.audit_decision "
            f"WHERE client_address = '{address}:40000'") == [[decision]]
