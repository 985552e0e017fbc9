"""Take the picture of the demo site that the documentation shows: ``make screenshot``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.browser import chromium
from tests.support.servers import PYTHON, ROOT, find_program, running

DEMO = [PYTHON, ROOT / "examples" / "view_counter" / "app.py", "--port", "{port}"]
PICTURE = Path(__file__).parent / "images" / "demo.png"


def main() -> None:
    """Let a visitor log in on the site and count three views, and write the picture."""
    with running(DEMO) as demo, chromium(need("chromium"), need("chromedriver")) as browser:
        browser.open(demo.url)
        browser.type("input[name=user]", "Ada")
        browser.click("#login")
        browser.reload()
        with browser.screen(820, 100, scale=1.5):
            PICTURE.write_bytes(browser.screenshot())


def need(name: str) -> str:
    """Return where a program is."""
    return find_program(name) or sys.exit(f"{name} is not installed")


if __name__ == "__main__":
    main()
