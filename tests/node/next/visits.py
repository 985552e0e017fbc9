"""One session, two applications: Next.js with iron-session 8 and 9, and FastAPI.

``make next`` runs these tests. ``STEPS=`` sets how many steps a visitor takes, ``SEED=`` repeats
a visit.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_core import CookieSession
from tests.node.iron_session.walk import FIRST, SECOND, Passwords, walk
from tests.node.next import serve_fastapi, serve_next
from tests.support.servers import find_program
from tests.support.user_agent import Response, UserAgent

STEPS = int(os.environ.get("STEPS", "3000"))
SEED = int(os.environ.get("SEED", random.randrange(2**32)))
PLACES = ("cookies", "objects", "proxy")
"""cookies() of next/headers; NextRequest and NextResponse in a route, and before the routes."""
README_PASSWORD = "a-password-of-thirty-two-characters-or-more"


@attrs.define
class Site:
    """Both applications behind one proxy, which ends TLS, and one visitor."""

    next: str
    fastapi: str
    backend: str
    """The address of FastAPI for Next.js, in plain HTTP."""
    agent: UserAgent = attrs.field(factory=lambda: UserAgent(timeout=60))

    def ask(
        self, side: str, *steps: list[Any], passwords: Passwords | None = None, **options: Any
    ) -> tuple[Any, list[str]]:
        """Return the session before the steps, and the Set-Cookie values of the response."""
        passwords = passwords or {1: FIRST}
        options = {"cookieName": "sid", "password": passwords, **options}
        response = self.agent.request(
            "POST",
            f"{self.fastapi}/" if side == "python" else f"{self.next}/{side}",
            [("X-Password", json.dumps(passwords))],
            json.dumps({"options": options, "steps": steps}).encode(),
        )
        assert 200 == response.status, response.body
        return response.json(), response.set_cookie

    def press(self, button: str) -> Response:
        """Send a form of the page of Next.js, as a browser without JavaScript does."""
        page = self.agent.get(f"{self.next}/login").body.decode()
        (form,) = (each for each in page.split("<form")[1:] if f"<button>{button}<" in each)
        hidden = dict.fromkeys(re.findall(r'type="hidden" name="([^"]+)"', form), "")
        body = "".join(
            f'--frontier\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {**hidden, "user": "Ada"}.items()
        )
        content_type = ("Content-Type", "multipart/form-data; boundary=frontier")
        return self.agent.request(
            "POST", f"{self.next}/login", [content_type], f"{body}--frontier--\r\n".encode()
        )


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    node = find_program("node")
    assert node is not None
    with serve_next(node) as application, serve_fastapi() as backend:
        yield application, backend


@pytest.fixture
def site(urls: tuple[str, str]) -> Site:
    return Site(*urls, urls[1].replace("https:", "http:"))


def test_a_visitor_walks_between_all_places_of_next_and_fastapi(site: Site) -> None:
    sides = [f"{place}/{version}" for place in PLACES for version in (8, 9)]
    walk(site, [*sides, *["python"] * 3], STEPS, SEED)


def test_a_visitor_walks_with_sessions_in_chunks(site: Site) -> None:
    walk(site, [*[f"{place}/9" for place in PLACES], "python"], STEPS, SEED, in_chunks=True)


def test_a_visitor_logs_in_by_a_form_of_next_and_fastapi_knows_the_user(site: Site) -> None:
    for url in (site.next, site.fastapi):
        assert b"Hello nobody." in site.agent.get(f"{url}/account").body

    answer = site.press("Log in")

    assert 303 == answer.status
    for url in (site.next, site.fastapi):
        response = site.agent.get(f"{url}/account")
        assert b"Hello Ada." in response.body
        assert [] == response.set_cookie


@pytest.mark.parametrize("side", ["next", "fastapi"])
def test_a_log_out_at_either_application_ends_the_session_at_both(site: Site, side: str) -> None:
    site.press("Log in")

    if side == "next":
        site.press("Log out")
    else:
        site.agent.post(f"{site.fastapi}/logout")

    assert [] == site.agent.jar.cookies(site.agent.clock())
    for url in (site.next, site.fastapi):
        assert b"Hello nobody." in site.agent.get(f"{url}/account").body


@pytest.mark.parametrize("place", PLACES)
def test_both_applications_give_their_cookies_the_same_attributes(site: Site, place: str) -> None:
    found = []
    for side in (f"{place}/9", "python"):
        site.ask(side, ["set", {"side": side}], ["save"])
        (cookie,) = site.agent.jar.cookies(site.agent.clock())
        assert cookie.expires is not None
        found.append((cookie.identity, cookie.secure, cookie.http_only, cookie.same_site))
        assert abs(cookie.expires - site.agent.clock() - (14 * 24 * 3600 - 60)) < 60

    assert found[0] == found[1]


@pytest.mark.parametrize("place", PLACES)
def test_either_side_goes_on_with_the_password_of_the_other(site: Site, place: str) -> None:
    both = {2: SECOND, 1: FIRST}
    site.ask("python", ["set", {"user": 7}], passwords={1: FIRST})
    assert ({"user": 7}, []) == site.ask(f"{place}/9", passwords=both)

    loaded, values = site.ask("python", passwords=both)

    assert ({"user": 7}, 1) == (loaded, len(values))
    assert ({"user": 7}, []) == site.ask(f"{place}/8", passwords={2: SECOND})


def test_next_passes_the_cookies_of_fastapi_on(site: Site) -> None:
    for views in (1, 2, 3):
        response = site.agent.get(f"{site.next}/backend", [("X-Backend", f"{site.backend}/count")])

        assert str(views) == response.body.decode()
        names = [line.partition("=")[0] for line in response.set_cookie]
        assert ["sid", "theme"] == sorted(names)


def test_the_pane_of_the_readme_counts_on_in_python_and_back(site: Site) -> None:
    sessions = CookieSession(name="sid", format=IronSession(README_PASSWORD))
    assert b"1 views" == site.agent.get(f"{site.next}/").body

    cookies = site.agent.jar.header(site.next, now=site.agent.clock())
    session = sessions.open(cookies, https=True)
    session["views"] += 1
    for value in session.commit():
        site.agent.jar.store(value, site.next, now=site.agent.clock())

    assert b"3 views" == site.agent.get(f"{site.next}/").body
