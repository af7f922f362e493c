"""Addresses behind proxies: heard from those that are trusted, from nobody else."""

import dataclasses
import itertools

import pytest
from webtown import token_of, visitor

from gridmap.app import create_app
from gridmap.settings import SettingsError
from gridmap.variables import VARIABLES
from gridmap.web.proxies import Proxies


def seen(trusted, peer="10.0.0.1", **headers):
    """Give what the application sees: address, scheme, host, and what is left of the headers."""
    held = {}

    def app(environ, _start):
        held.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "gridmap.local"}
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    Proxies(app, trusted)(environ, None)
    left = [name for name in held if "FORWARDED" in name]
    return held["REMOTE_ADDR"], held["wsgi.url_scheme"], held["HTTP_HOST"], left


@pytest.mark.parametrize("value", ["203.0.113.9", "203.0.113.9, 10.0.0.1", "junk", "::1"])
def test_without_trusted_proxies_nothing_is_heard(value):
    forged = {"for": value, "proto": "https", "host": "evil.example"}
    assert seen("", **forged) == ("10.0.0.1", "http", "gridmap.local", [])


@pytest.mark.parametrize(
    ("trusted", "peer", "chain", "address"),
    [
        ("1", "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        # the client wrote the first one itself
        ("1", "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("2", "10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        # fewer than our proxies would write: nothing in it is theirs
        ("2", "10.0.0.1", "203.0.113.9", "10.0.0.1"),
        ("1", "10.0.0.1", "", "10.0.0.1"),
        ("1", "10.0.0.1", "junk", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.0/8", "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.0/8", "10.0.0.1", "203.0.113.9, junk", "10.0.0.1"),
        ("10.0.0.1,fd00::/8", "10.0.0.1", "2001:db8::7, fd00::2", "2001:db8::7"),
        ("10.0.0.0/8", "10.0.0.1", "10.1.1.1", "10.1.1.1"),
    ],
)
def test_trusted_proxies_name_the_client(trusted, peer, chain, address):
    headers = {"for": chain} if chain else {}
    assert seen(trusted, peer, **headers)[0] == address


def test_scheme_and_host_come_from_the_nearest_proxy():
    heard = {"for": "203.0.113.9", "proto": "http, https", "host": "grid.example:8443"}
    assert seen("1", **heard)[:3] == ("203.0.113.9", "https", "grid.example:8443")
    odd = {"for": "203.0.113.9", "proto": "ftp", "host": "evil.example/<script>"}
    assert seen("1", **odd)[:3] == ("203.0.113.9", "http", "gridmap.local")


@pytest.mark.parametrize("text", ["-1", "12", "ten", "10.0.0.0/99", "10.0.0.1;", "*"])
def test_settings_that_trust_everybody_or_nobody_known_are_refused(text):
    parse = next(each.parse for each in VARIABLES if each.name == "GRIDMAP_PROXIES")
    with pytest.raises(SettingsError):
        parse("GRIDMAP_PROXIES", text)
    assert parse("GRIDMAP_PROXIES", "10.0.0.0/8, ::1") == "10.0.0.0/8, ::1"


_names = (f"nobody{turn}" for turn in itertools.count())


def knock(client, chain):
    """Try another name each time, so that only the limit of the address counts."""
    return client.post(
        "/sign-in",
        data={"csrf_token": token_of(client), "name": next(_names), "password": "x"},
        headers={"X-Forwarded-For": chain},
    ).status_code


def test_limit_of_an_address_is_not_escaped_by_a_forged_header(app):
    client = visitor(app)
    statuses = [knock(client, f"203.0.113.{turn}") for turn in range(32)]
    assert statuses == [401] * 30 + [429] * 2


def test_limit_of_an_address_is_not_shared_behind_a_trusted_proxy(settings, people):
    made = create_app(dataclasses.replace(settings, proxies="1"))
    client = visitor(made)
    try:
        names = [knock(client, f"198.51.100.{turn}") for turn in range(7)]
        assert set(names) == {401}
        # one address uses up its own limit, and not that of the next
        many = [knock(client, "198.51.100.200") for _turn in range(32)]
        assert many == [401] * 30 + [429] * 2
        assert knock(client, "198.51.100.201") == 401
    finally:
        made.extensions["gridmap"].database.close()
