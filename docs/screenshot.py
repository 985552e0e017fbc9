"""Take the screenshot of the demo site for the documentation: ``make screenshot``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.browser import chromium
from tests.support.servers import PYTHON, ROOT, find_program, running

DEMO = [PYTHON, ROOT / "examples" / "view_counter" / "app.py", "--port", "{port}"]
SCREENSHOT = Path(__file__).parent / "images" / "demo.png"


def main() -> None:
    """Log in on the site, count three views, and write the screenshot."""
    with running(DEMO) as demo, chromium(need("chromium"), need("chromedriver")) as browser:
        browser.open(demo.url)
        browser.type("input[name=user]", "Ada")
        browser.click("#login")
        browser.reload()
        with browser.screen(820, 100, scale=1.5):
            SCREENSHOT.write_bytes(browser.screenshot())


def need(name: str) -> str:
    """Return the path of a program, or exit with a message."""
    return find_program(name) or sys.exit(f"{name} is not installed")


if __name__ == "__main__":
    main()
