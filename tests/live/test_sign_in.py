"""A provider that posts a form back to the application, in Chromium: the code of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support import browser as harness
from tests.support.browser import Browser
from tests.support.servers import PYTHON, ROOT, running

PAGE = (ROOT / "docs" / "sign-in-by-form-post.md").read_text("utf-8")
(APPLICATION, _TEST) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HERE = "https://provider.test:{request.url.port}"
PROVIDER = '''

from fastapi.responses import HTMLResponse

shop = app


async def provider(scope, receive, send):
    """Post the state back to the shop, as a provider does."""
    request = Request(scope)
    form = (
        f'<form method="post" action="https://shop.test:{request.url.port}/callback">'
        f'<input name="state" value="{request.query_params["state"]}"></form>'
        "<script>document.forms[0].submit()</script>"
    )
    await HTMLResponse(form)(scope, receive, send)


async def both(scope, receive, send):
    host = dict(scope["headers"])[b"host"]
    await (provider if host.startswith(b"provider") else shop)(scope, receive, send)
'''


@pytest.fixture(scope="module")
def browser(chromium: str, chromedriver: str) -> Iterator[Browser]:
    with harness.chromium(chromium, chromedriver) as started:
        yield started


def sign_in(browser: Browser, folder: Path, application: str) -> str:
    """Sign in at an application, and return the text of the page where this ends."""
    certificate = folder / "server.pem"
    trustme.CA().issue_cert("*.test").private_key_and_cert_chain_pem.write_to_path(certificate)
    shown = application.replace("https://provider.example", HERE)
    (folder / "shop.py").write_text(shown + PROVIDER)
    command = [
        *(PYTHON, "-m", "uvicorn", "shop:both", "--port={port}", "--lifespan=off"),
        "--timeout-graceful-shutdown=1",  # the browser keeps its connections
        *(f"--ssl-certfile={certificate}", f"--ssl-keyfile={certificate}"),
    ]
    browser.forget()
    with running(command, cwd=folder) as server:
        browser.open(f"https://shop.test:{server.port}/sign-in")
        return browser.wait(browser.text)


def test_a_state_in_a_session_of_its_own_comes_back_with_the_form(
    browser: Browser, tmp_path: Path
) -> None:
    assert '"ada"' == sign_in(browser, tmp_path, APPLICATION)
    assert {("session", "lax"), ("session.sig", "lax")} == {
        (cookie.name, cookie.same_site) for cookie in browser.cookies("shop.test")
    }


def test_a_state_in_a_lax_session_does_not_come_back(browser: Browser, tmp_path: Path) -> None:
    lax = APPLICATION.replace('same_site="none"', 'same_site="lax"')

    assert "Begin the sign-in again." in sign_in(browser, tmp_path, lax)
