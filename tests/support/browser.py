"""A real browser for the tests: Chromium without a window, and its cookie store.

It finds every host below ``.test`` on this machine, so a test has as many sites as it names.
It does not check certificates, because each run makes new ones.
"""

from __future__ import annotations

import base64
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import attrs
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

T = TypeVar("T")

LIMIT = 20.0
"""Seconds that a page, a script or a condition may take."""

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # impossible as root, and in most containers
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers have little of it
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
)

PREFERENCES = {"profile.cookie_controls_mode": 0}
"""Take third-party cookies, which some builds of Chromium do not."""


@attrs.frozen
class StoredCookie:
    """A cookie as the browser keeps it."""

    name: str
    value: str
    domain: str
    """With a leading dot where subdomains share it."""
    path: str
    expires: float | None
    """Seconds since the epoch; ``None`` lasts until the browser closes."""
    secure: bool
    http_only: bool
    same_site: str
    """``strict``, ``lax``, ``none``, or ``default`` when the server did not say."""
    top_level: str | None
    """The top-level site that a partitioned cookie is kept for."""


@attrs.frozen
class Browser:
    """One browser, and the tab that is in front."""

    driver: Chrome

    def open(self, url: str) -> None:
        """Go to a page, and wait until it has loaded."""
        self.driver.get(url)

    def follow(self, url: str) -> None:
        """Go to a page as by a link on the one that is shown."""
        self.script(
            "document.body.innerHTML = '<a id=link>go</a>';"
            "document.querySelector('#link').href = arguments[0]",
            url,
        )
        self.click("#link")

    def reload(self) -> None:
        """Load the page again."""
        self.driver.refresh()

    def back(self) -> None:
        """Go back to the page before, as its button does."""
        self.driver.back()

    def text(self, selector: str = "body") -> str:
        """Return the visible text of the first element of a CSS selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def shows(self, selector: str) -> bool:
        """Whether the page has an element of a CSS selector."""
        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def press(self, selector: str) -> None:
        """Click an element, and wait for nothing."""
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def click(self, selector: str) -> None:
        """Click an element that leads to another page, and wait until that has loaded."""
        page = self.driver.find_element(By.TAG_NAME, "html").id
        self.driver.find_element(By.CSS_SELECTOR, selector).click()
        self.wait(lambda: self.driver.find_element(By.TAG_NAME, "html").id != page)
        self.wait(lambda: self.script("return document.readyState") == "complete")

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def script(self, code: str, *arguments: Any) -> Any:
        """Run the body of a JavaScript function in the page; a promise is waited for."""
        return self.driver.execute_script(code, *arguments)

    def status(self) -> int:
        """Return the status of the response that the page came with."""
        status: int = self.script(
            "return performance.getEntriesByType('navigation')[0].responseStatus"
        )
        return status

    def wait(self, condition: Callable[[], T]) -> T:
        """Return the first result of ``condition`` that is true."""
        return WebDriverWait(self.driver, LIMIT, 0.02).until(lambda _: condition())

    @contextlib.contextmanager
    def frame(self, selector: str) -> Iterator[None]:
        """Look into an embedded page for the time of the block."""
        self.driver.switch_to.frame(self.driver.find_element(By.CSS_SELECTOR, selector))
        try:
            yield
        finally:
            self.driver.switch_to.default_content()

    def new_tab(self) -> str:
        """Open another tab, bring it to the front, and return its handle."""
        self.driver.switch_to.new_window("tab")
        return self.driver.current_window_handle

    def tab(self, handle: str | None = None) -> str:
        """Bring a tab to the front; its handle, or that of the one that is there."""
        if handle is not None:
            self.driver.switch_to.window(handle)
        return self.driver.current_window_handle

    def command(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Give a command of the DevTools protocol."""
        answer: dict[str, Any] = self.driver.execute_cdp_cmd(name, arguments)
        return answer

    def cookies(self, host: str | None = None) -> list[StoredCookie]:
        """Return the stored cookies by name, of one host or of all."""
        found = self.command("Storage.getCookies")["cookies"]
        kept = [_stored(each) for each in found if host in (None, each["domain"].lstrip("."))]
        return sorted(kept, key=lambda cookie: cookie.name)

    def forget(self) -> None:
        """Close all tabs but one, and empty the store."""
        first, *others = self.driver.window_handles
        for handle in others:
            self.tab(handle)
            self.driver.close()
        self.tab(first)
        self.command("Storage.clearCookies")

    @contextlib.contextmanager
    def screen(
        self, width: int, height: int, *, dark: bool = False, scale: float = 1
    ) -> Iterator[None]:
        """Give the page a screen of that size for the time of the block.

        Args:
            width: in CSS pixels.
            height: in CSS pixels.
            dark: whether its reader prefers dark colours.
            scale: pixels of the screen for one of CSS.
        """
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])
        try:
            yield
        finally:
            self.command("Emulation.setEmulatedMedia", features=[])
            self.command("Emulation.clearDeviceMetricsOverride")

    def screenshot(self) -> bytes:
        """Return a picture of the whole page as a PNG."""
        picture = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(picture["data"])


@contextlib.contextmanager
def chromium(executable: str, driver: str) -> Iterator[Browser]:
    """Start a browser that knows nothing, and end it with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        options = ChromeOptions()
        options.binary_location = executable
        options.accept_insecure_certs = True
        options.add_experimental_option("prefs", PREFERENCES)
        for flag in (*FLAGS, f"--user-data-dir={Path(folder) / 'profile'}"):
            options.add_argument(flag)
        chrome = Chrome(options, Service(driver))
        try:
            chrome.set_page_load_timeout(LIMIT)
            chrome.set_script_timeout(LIMIT)
            yield Browser(chrome)
        finally:
            chrome.quit()


def _stored(fields: dict[str, Any]) -> StoredCookie:
    return StoredCookie(
        name=fields["name"],
        value=fields["value"],
        domain=fields["domain"],
        path=fields["path"],
        expires=None if fields["session"] else fields["expires"],
        secure=fields["secure"],
        http_only=fields["httpOnly"],
        same_site=fields.get("sameSite", "default").lower(),
        top_level=fields.get("partitionKey", {}).get("topLevelSite"),
    )
