"""Take the screenshot of the demo site for the documentation: ``make screenshot``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.browser import chromium
from tests.support.servers import PYTHON, ROOT, find_program, running

APP = ROOT / "examples" / "view_counter" / "app.py"
DEMO: list[str | Path] = [PYTHON, APP, "--port", "{port}"]
PORT = 8000
"""The picture shows it."""
SCREENSHOT = Path(__file__).parent / "images" / "demo.png"


def main() -> None:
    """Log in on the site, count three views, and write the screenshot."""
    need("node")
    programs = need("chromium"), need("chromedriver")
    with running(DEMO, port=PORT) as demo, chromium(*programs) as browser:
        browser.open(demo.url)
        # Chromium does not draw a frame that is outside of the window.
        with browser.screen(820, 1200, scale=1.2):
            browser.type("input[name=user]", "Ada")
            browser.click("#login")
            browser.reload()
            SCREENSHOT.write_bytes(browser.screenshot())


def need(name: str) -> str:
    """Return the path of a program, or exit with a message."""
    return find_program(name) or sys.exit(f"{name} is not installed")


if __name__ == "__main__":
    main()
