"""Names of the site: only its own reach a page, and only its own go into links."""

import dataclasses

import pytest
from webtown import PASSWORD, bearer, sign_in, visitor

from gridmap.app import create_app
from gridmap.services import checks
from gridmap.settings import Settings, SettingsError
from gridmap.variables import VARIABLES


@pytest.fixture
def site(settings, people):
    """Makes an application with these settings; gives what asks it for the links of /ogc/."""
    made = []

    def make(**changed):
        app = create_app(dataclasses.replace(settings, **changed))
        made.append(app)
        client = visitor(app)
        sign_in(client, "officer", PASSWORD)
        headers = bearer(client)

        def ask(path="/ogc/", environ=None, **more):
            named = {"HTTP_" + name.upper(): value for name, value in more.items()}
            named |= environ or {}
            return visitor(app).get(path, headers=headers, environ_overrides=named)

        return ask

    yield make
    for app in made:
        app.extensions["gridmap"].database.close()


def links(answer):
    assert answer.status_code == 200, answer.data
    return {link["href"] for link in answer.get_json()["links"] if "href" in link}


MADE_UP = ("evil.example", "localhost.evil.example", "evil.example:80", "127.0.0.2", "[::2]:8000")


@pytest.mark.parametrize("host", MADE_UP)
def test_a_name_that_a_client_made_up_is_refused_in_words(site, host):
    answer = site()(host=host)
    assert answer.status_code == 400
    assert "GRIDMAP_PUBLIC_URL" in answer.get_json()["detail"]
    assert "evil" not in answer.get_data(as_text=True)


def test_refused_on_pages_and_before_signing_in_too(site):
    ask = site()
    for path in ("/", "/about", "/api/areas", "/static/css/tokens.css", "/nowhere"):
        answer = ask(path, host="evil.example", accept="text/html")
        assert answer.status_code == 400, path
        assert "evil" not in answer.get_data(as_text=True)
    # what watches over the process asks by any address
    assert ask("/healthz", host="10.9.8.7").status_code == 200


def test_listening_addresses_are_known_and_named_in_links(site):
    ask = site()
    for host in ("localhost", "127.0.0.1:8000", "[::1]:9000", "LOCALHOST:80"):
        assert all(link.startswith("http://") for link in links(ask(host=host))), host
    named = site(host="grid.lan")
    assert any(
        link.startswith("http://grid.lan:8000/ogc") for link in links(named(host="grid.lan:8000"))
    )
    assert ask(host="grid.lan").status_code == 400


def test_on_every_address_of_the_machine(site, monkeypatch):
    class Connection:
        def getsockname(self):
            return ("::ffff:192.0.2.7", 8000, 0, 0)

    monkeypatch.setattr("gridmap.web.hosts._machine", lambda: frozenset({"desk7"}))
    ask = site(host="0.0.0.0")  # noqa: S104 - that is the case tried
    here = {"gunicorn.socket": Connection()}
    found = {
        host: ask("/about", environ=here, host=host).status_code
        for host in ("192.0.2.7:8000", "desk7", "192.0.2.8", "evil.example")
    }
    assert found == {"192.0.2.7:8000": 200, "desk7": 200, "192.0.2.8": 400, "evil.example": 400}


def test_links_are_built_from_the_public_address(site):
    ask = site(public_url="https://grid.example.net:8443")
    for host in ("grid.example.net", "grid.example.net:8443", "127.0.0.1:8000"):
        found = links(ask(host=host))
        assert found
        assert all(link.startswith("https://grid.example.net:8443/") for link in found), host
    assert ask(host="evil.example").status_code == 400


def test_a_trusted_proxy_names_the_host(site):
    ask = site(proxies="1")
    heard = {"x_forwarded_for": "203.0.113.9", "x_forwarded_host": "grid.example.net"}
    assert any("//grid.example.net/" in link for link in links(ask(host="inside:8000", **heard)))
    # nobody else does
    assert site()(host="inside:8000", **heard).status_code == 400
    # and not beside a chain that is not its own
    assert ask(host="inside:8000", x_forwarded_host="grid.example.net").status_code == 400


def test_check_says_that_a_proxy_needs_a_public_address():
    settings = Settings.from_environment({"GRIDMAP_PROXIES": "1"})
    assert any("GRIDMAP_PUBLIC_URL" in line for line in checks.configuration(settings))
    named = {"GRIDMAP_PROXIES": "1", "GRIDMAP_PUBLIC_URL": "https://grid.example.net"}
    settings = Settings.from_environment(named)
    assert not any("GRIDMAP_PUBLIC_URL" in line for line in checks.configuration(settings))


@pytest.mark.parametrize(
    "text",
    ["grid.example.net", "ftp://x", "https://", "https://u:p@x", "https://x/y", "https://x:99999"]
    + ["https://x?y", "https://x#y", "https://<x>", "https://[::1"],
)
def test_public_addresses_that_are_none_are_refused(text):
    parse = next(each.parse for each in VARIABLES if each.name == "GRIDMAP_PUBLIC_URL")
    with pytest.raises(SettingsError):
        parse("GRIDMAP_PUBLIC_URL", text)
    assert parse("GRIDMAP_PUBLIC_URL", "https://Grid.example.net/") == "https://grid.example.net"
