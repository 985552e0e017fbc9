"""The how-to on "remember me": its two applications, with the real cookie-session, as one site."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from cookiesession_core import CookieSession
from tests.node.express import EXPRESS
from tests.support.servers import PYTHON, ROOT, running
from tests.support.user_agent import Response, UserAgent

EXAMPLE = ROOT / "examples" / "remember_me"
OLD, NEW = "old-key-of-express-and-flask-of-32-b", "new-key-of-express-and-flask-of-32-b"
SIDES = ("express", "flask")
THIRTY_DAYS = 30 * 24 * 3600
PARTS = {
    "max_age": "req.session.remember ? THIRTY_DAYS : undefined",
    "key_number": "KEY_NUMBER = 1",
    "save": "if (req.session.remember) req.session.keyNumber = KEY_NUMBER",
}
"""Parts of the Express application."""
FORM = ("Content-Type", "application/x-www-form-urlencoded")


@attrs.frozen
class Site:
    """Both applications, under one host name."""

    urls: dict[str, str]
    agent: UserAgent = attrs.field(factory=UserAgent)

    def get(self, side: str) -> Response:
        return self.agent.get(f"{self.urls[side]}/")

    def post(self, side: str, path: str) -> Response:
        return self.agent.post(f"{self.urls[side]}{path}")

    def log_in(self, side: str, *, remember: bool) -> None:
        form = b"user=ada&remember=on" if remember else b"user=ada"
        response = self.agent.request("POST", f"{self.urls[side]}/log-in", [FORM], form)
        assert (200, b"hello") == (response.status, response.body)

    def ends(self) -> dict[str, bool]:
        """Return for each cookie of the browser whether it lasts for thirty days."""
        cookies = self.agent.jar.cookies(time.time())
        for cookie in cookies:
            assert cookie.expires is None or abs(cookie.expires - time.time() - THIRTY_DAYS) < 60
        return {cookie.name: cookie.expires is not None for cookie in cookies}

    def lasts(self) -> bool:
        """Whether the browser keeps the session when it closes."""
        ends = self.ends()
        assert {"session", "session.sig"} == set(ends)
        assert 1 == len({*ends.values()})
        return ends["session"]


@contextlib.contextmanager
def serving(side: str, node: str, keys: str, folder: Path = EXAMPLE) -> Iterator[str]:
    gunicorn = (PYTHON, "-m", "gunicorn", "--no-control-socket", "--log-level=warning")
    commands = {
        "express": (node, "server.js", "{port}"),
        "flask": (*gunicorn, "--bind=127.0.0.1:{port}", "app:app"),
    }
    env = {"COOKIESESSION_KEYS": keys, "NODE_PATH": str(EXPRESS / "node_modules")}
    with running(commands[side], env=env, cwd=folder) as server:
        yield server.url


@pytest.fixture(scope="module")
def urls(node: str) -> Iterator[dict[str, str]]:
    with contextlib.ExitStack() as stack:
        yield {side: stack.enter_context(serving(side, node, OLD)) for side in SIDES}


@pytest.fixture
def site(urls: dict[str, str]) -> Site:
    return Site(urls)


@contextlib.contextmanager
def changed(site: Site, node: str, keys: str, folder: Path, **parts: str) -> Iterator[Site]:
    """Serve the Express application with other keys, and some of its parts replaced."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    text = (EXAMPLE / "server.js").read_text("utf-8")
    for part, new in parts.items():
        assert 1 == text.count(PARTS[part])
        text = text.replace(PARTS[part], new)
    (folder / "server.js").write_text(text, "utf-8")
    with serving("express", node, keys, folder) as url:
        yield attrs.evolve(site, urls={**site.urls, "express": url})


@pytest.mark.parametrize("remember", [True, False])
@pytest.mark.parametrize("first", SIDES)
def test_the_answer_of_the_user_outlives_every_save_at_both_sides(
    site: Site, first: str, *, remember: bool
) -> None:
    site.log_in(first, remember=remember)
    assert site.lasts() is remember

    for theme, side in enumerate(["express", "flask", "flask", "express"]):
        site.post(side, f"/theme/{theme}")
        assert site.lasts() is remember
        assert {f"ada: {theme}".encode()} == {site.get(each).body for each in SIDES}
    assert site.lasts() is remember


@pytest.mark.parametrize("second", SIDES)
@pytest.mark.parametrize("first", SIDES)
def test_a_log_in_without_the_tick_ends_the_remembering(
    site: Site, first: str, second: str
) -> None:
    site.log_in(first, remember=True)
    site.log_in(second, remember=False)

    assert not site.lasts()


@pytest.mark.parametrize("side", SIDES)
def test_a_user_who_is_remembered_can_log_out(site: Site, side: str) -> None:
    site.log_in("flask", remember=True)
    site.post(side, "/log-out")

    assert {} == site.ends()


@pytest.mark.parametrize("side", SIDES)
def test_a_page_that_only_reads_sends_nothing(site: Site, side: str) -> None:
    site.log_in("flask", remember=True)
    site.get("express")  # its first page stores the number of the key

    assert [] == site.get(side).set_cookie
    assert [] == UserAgent().get(f"{site.urls[side]}/").set_cookie


def test_the_form_has_the_box(site: Site) -> None:
    page = site.agent.get(f"{site.urls['flask']}/form").body

    assert b'<input type="checkbox" name="remember">' in page


def test_without_the_middleware_a_save_of_express_ends_with_the_browser(
    site: Site, node: str, tmp_path: Path
) -> None:
    site.log_in("flask", remember=True)
    with changed(site, node, OLD, tmp_path, max_age="undefined") as careless:
        careless.post("express", "/theme/dark")

    assert not site.lasts()


def test_a_log_in_at_express_drops_the_timestamps_and_python_adds_them(site: Site) -> None:
    site.log_in("flask", remember=True)
    stored = [stamps(site)]
    site.log_in("express", remember=True)
    stored.append(stamps(site))
    site.get("flask")
    stored.append(stamps(site))

    assert [True, False, True] == stored
    assert site.lasts()


def stamps(site: Site) -> bool:
    """Whether the session has the timestamps of ``idle_timeout``."""
    header = site.agent.jar.header("http://127.0.0.1/", now=time.time())
    contents = CookieSession(keys=[OLD]).decode(header)
    assert contents is not None
    return "_expire" in contents


# --- after a rotation ------------------------------------------------------------------------

KEYS = f"{NEW},{OLD}"


def test_python_signs_again_and_keeps_the_lifetime(site: Site, node: str) -> None:
    site.log_in("flask", remember=True)
    with serving("flask", node, KEYS) as url:
        assert 2 == len(site.agent.get(url).set_cookie)

    assert site.lasts()


def test_express_alone_sends_a_signature_that_ends_with_the_browser(
    site: Site, node: str, tmp_path: Path
) -> None:
    site.log_in("express", remember=True)
    site.get("express")
    assert site.lasts()
    with changed(site, node, KEYS, tmp_path, save="") as careless:
        assert b"ada: " == careless.get("express").body

    assert {"session": True, "session.sig": False} == site.ends()


def test_with_a_new_number_of_the_key_express_sends_both_cookies_once(
    site: Site, node: str, tmp_path: Path
) -> None:
    site.log_in("express", remember=True)
    site.get("express")
    with changed(site, node, KEYS, tmp_path, key_number="KEY_NUMBER = 2") as careful:
        sent = [len(careful.get("express").set_cookie) for _ in range(2)]

    assert [2, 0] == sent
    assert site.lasts()
