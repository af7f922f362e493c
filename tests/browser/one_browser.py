"""One Chromium in a process: Playwright cannot be started twice, and two folders of tests ask."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, sync_playwright


class Held:
    """The browser of this process and how many hold it."""

    browser: Browser | None = None
    holders = 0
    closing = ExitStack()


@contextmanager
def one_browser(executable: str, switches: Sequence[str]) -> Iterator[Browser]:
    """Give the browser; it is started by the first who asks and closed by the last."""
    if Held.browser is None:
        playwright = Held.closing.enter_context(sync_playwright())
        Held.browser = playwright.chromium.launch(executable_path=executable, args=list(switches))
        Held.closing.callback(Held.browser.close)
    Held.holders += 1
    try:
        yield Held.browser
    finally:
        Held.holders -= 1
        if Held.holders == 0:
            Held.browser = None
            Held.closing.close()
