"""Chromium on a running demo: real pages, no other host, everything that goes wrong is noted.

| fixture | scope | gives |
|---|---|---|
| `demo_server` | session | `Server`: a running demo, the one of GRIDMAP_TEST_URL if it is set |
| `chromium` | session | Debian's Chromium |
| `visit` | function | `visit(path, user=..., language=...)`: a page, with `.notes` of what failed |
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from chrome import CHROMIUM, SWITCHES, WATCH_POLICY, Notes, Server, shown, sign_in
from one_browser import one_browser
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    expect,
)

# What a page has to show it shows, on a machine as slow as it may be: a minute is for faults.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo_server(request: pytest.FixtureRequest) -> Server:
    named = os.environ.get("GRIDMAP_TEST_URL")
    if named:
        return Server(named.rstrip("/"), "gridmap-demo")
    site = request.getfixturevalue("demo_site")
    return Server(site.address, site.password)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with one_browser(CHROMIUM, SWITCHES) as browser:
        yield browser


@pytest.fixture(scope="session")
def contexts(chromium: Browser, demo_server: Server) -> Iterator[dict[str, BrowserContext]]:
    """One signed-in browser profile for each account that a test asks for."""
    held: dict[str, BrowserContext] = {}
    yield held
    for context in held.values():
        context.close()


@pytest.fixture
def visit(
    chromium: Browser, demo_server: Server, contexts: dict[str, BrowserContext]
) -> Iterator[Callable[..., Page]]:
    pages: list[Page] = []
    notes: list[Notes] = []

    def open_page(
        path: str,
        user: str | None = "officer",
        language: str = "zh_CN",
        size: tuple[int, int] = (1280, 800),
        ready: bool = True,
    ) -> Page:
        context = _context(chromium, demo_server, contexts, user)
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        noted = Notes()
        page.notes = noted  # type: ignore[attr-defined]
        _watch(page, noted, demo_server)
        pages.append(page)
        notes.append(noted)
        joint = "&" if "?" in path else "?"
        page.goto(f"{demo_server.address}{path}{joint}lang={language}")
        if ready:
            shown(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def _context(
    chromium: Browser, server: Server, contexts: dict[str, BrowserContext], user: str | None
) -> BrowserContext:
    key = user or ""
    if key not in contexts:
        context = chromium.new_context(locale="zh-CN", permissions=["geolocation"])
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH_POLICY)
        contexts[key] = context
        if user:
            page = context.new_page()
            sign_in(page, server, user)
            page.close()
    return contexts[key]


def _watch(page: Page, notes: Notes, server: Server) -> None:
    ours = urlsplit(server.address).netloc

    def asked(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != ours:
            notes.outside.append(request.url)  # it goes nowhere: no name is looked up

    page.on("request", asked)
    page.on("console", notes.console)
    page.on("pageerror", notes.exception)
