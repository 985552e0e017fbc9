"""One session, three servers: iron-session 8 and 9 on Node, and the core.

``STEPS=5000 pytest tests/node/test_iron_session.py`` takes a longer walk; ``SEED=`` repeats one.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import pytest

from cookiesession_adapters.formats.iron_session import IronSession, seal_data, unseal_data
from cookiesession_core import CookieSession, CookieTooLargeError, Outcome, Session, Written
from tests.node.iron_session import HERE, running_oracle
from tests.node.iron_session.fuzz import run
from tests.node.iron_session.walk import FIRST, SECOND, THIRD, Passwords, walk
from tests.support.keys import KEYS
from tests.support.servers import ROOT, running
from tests.support.targets import serving_in_a_thread
from tests.support.user_agent import UserAgent

STEPS = int(os.environ.get("STEPS", "200"))
SEED = int(os.environ.get("SEED", random.randrange(2**32)))
SIDES = ("8", "9", "python")


@attrs.define
class Site:
    """Three servers behind one proxy, which ends TLS, and one visitor."""

    url: str
    agent: UserAgent = attrs.field(factory=UserAgent)

    def ask(
        self,
        side: str,
        *steps: list[Any],
        passwords: Passwords | None = None,
        **options: Any,
    ) -> tuple[Any, list[str]]:
        """Return the session before the steps, and the Set-Cookie values of the response."""
        passwords = {1: FIRST} if passwords is None else passwords
        if side == "python":
            return self.ask_python(steps, passwords, **options)
        options = {"cookieName": "sid", "password": passwords, **options}
        text = json.dumps({"options": options, "steps": steps}).encode()
        response = self.agent.request("POST", f"{self.url}/{side}", body=text)
        assert 200 == response.status, response.body
        return response.json(), response.set_cookie

    def ask_python(
        self, steps: tuple[list[Any], ...], passwords: Passwords, **options: Any
    ) -> tuple[Any, list[str]]:
        session = self.open(passwords, **options)
        loaded = json.loads(json.dumps(dict(session)))
        for name, *arguments in steps:
            if name == "set":
                session.update(arguments[0])
            elif name == "delete":
                del session[arguments[0]]
            elif name == "destroy":
                session.destroy()
        values = session.commit()
        for value in values:
            self.agent.jar.store(value, self.url, now=self.agent.clock())
        return loaded, values

    def open(self, passwords: Passwords | None = None, **options: Any) -> Any:
        """Return the visitor's session in Python."""
        iron = IronSession(passwords or {1: FIRST})
        sessions = CookieSession(format=iron, name="sid", **options)
        return sessions.open(self.agent.jar.header(self.url, now=self.agent.clock()), https=True)


@pytest.fixture(scope="module")
def server(iron_session: str) -> Iterator[str]:
    with running((iron_session, HERE / "server.mjs", "{port}")) as server:
        yield server.url.replace("http:", "https:")


@pytest.fixture
def site(server: str) -> Site:
    return Site(server)


def test_a_visitor_walks_between_both_versions_and_python(site: Site) -> None:
    walk(site, SIDES, STEPS, SEED)


def test_a_visitor_walks_between_version_9_and_python_with_sessions_in_chunks(site: Site) -> None:
    walk(site, ("9", "python"), STEPS, SEED, in_chunks=True)


@pytest.mark.parametrize("side", ["8", "9"])
def test_a_log_out_on_either_side_ends_the_session_on_the_other(site: Site, side: str) -> None:
    site.ask("python", ["set", {"user": 7}])
    assert ({"user": 7}, []) == site.ask(side)
    site.ask(side, ["destroy"])
    assert ({}, []) == site.ask("python")

    site.ask(side, ["set", {"user": 8}], ["save"])
    assert ({"user": 8}, []) == site.ask("python")
    site.ask("python", ["destroy"])
    assert ({}, []) == site.ask(side)


@pytest.mark.parametrize("side", ["8", "9"])
def test_the_lifetimes_of_the_cookie_and_of_the_seal_are_the_same_on_both_sides(
    site: Site, side: str
) -> None:
    found = []
    for each in (side, "python"):
        _, (value,) = site.ask(each, ["set", {"side": each}], ["save"])
        (cookie,) = site.agent.jar.cookies(site.agent.clock())
        assert cookie.expires is not None
        ends = int(value.split("*")[5]) / 1000
        found.append((cookie.expires, ends, cookie.same_site, cookie.secure, cookie.http_only))

    node, ours = found
    assert abs(node[0] - ours[0]) < 5
    assert abs(node[1] - ours[1]) < 5
    assert node[2:] == ours[2:]


@pytest.mark.parametrize("side", ["8", "9"])
def test_while_passwords_rotate_node_goes_first_and_nobody_is_lost(site: Site, side: str) -> None:
    """The page on Next.js tells these steps."""
    old, both, new = {1: FIRST}, {2: SECOND, 1: FIRST}, {2: SECOND}
    site.ask("python", ["set", {"user": 7}], passwords=old)

    # Node knows both, and seals what it saves with the new password.
    assert ({"user": 7}, []) == site.ask(side, passwords=both)
    site.ask("python", ["set", {"user": 8}], passwords=old)
    site.ask(side, ["set", {"user": 9}], ["save"], passwords=both)
    # Python does not know the new password yet: it sees no session, and sends nothing.
    assert ({}, []) == site.ask("python", passwords=old)
    # Python knows both.
    assert ({"user": 9}, []) == site.ask("python", passwords=both)
    # The old password can go.
    assert ({"user": 9}, []) == site.ask(side, passwords=new)
    assert ({"user": 9}, []) == site.ask("python", passwords=new)


def test_python_seals_anew_what_it_reads_of_an_older_password(site: Site) -> None:
    site.ask("9", ["set", {"user": 7}], ["save"])

    loaded, values = site.ask("python", passwords={2: SECOND, 1: FIRST})

    assert ({"user": 7}, 1) == (loaded, len(values))
    assert ({"user": 7}, []) == site.ask("8", passwords={2: SECOND})


def test_python_reads_the_chunks_of_version_9_and_ends_them(site: Site) -> None:
    large = {"text": "x" * 9000, "user": 7}
    _, chunks = site.ask("9", ["set", large], ["save"], chunk=True)
    assert ["sid.0", "sid.1", "sid.2", "sid.3"] == [chunk.partition("=")[0] for chunk in chunks]

    assert (large, []) == site.ask("python")
    session = site.open()
    session["user"] = 8
    with pytest.raises(CookieTooLargeError):
        session.commit()

    site.ask("python", ["delete", "text"])
    assert ({"user": 7}, []) == site.ask("9", chunk=True)
    assert ["sid"] == [cookie.name for cookie in site.agent.jar.cookies(0)]


def test_a_log_out_in_python_ends_the_chunks_of_version_9(site: Site) -> None:
    site.ask("9", ["set", {"text": "x" * 5000}], ["save"], chunk=True)

    site.ask("python", ["destroy"])

    assert [] == site.agent.jar.cookies(0)
    assert ({}, []) == site.ask("9", chunk=True)


def test_version_8_keeps_the_start_of_a_session(site: Site) -> None:
    site.ask("python", ["set", {"user": 7}], absolute_timeout=3600)
    loaded, _ = site.ask("8", ["set", {"user": 8}], ["save"])

    assert {"user", "$start"} == {*loaded}
    session = site.open(absolute_timeout=3600)
    assert {"user": 8} == dict(session)
    assert [] == session.commit()


def test_idle_timeout_prolongs_a_session_of_node(site: Site) -> None:
    site.ask("9", ["set", {"user": 7}], ["save"], ttl=600)
    session = site.open(idle_timeout=3600)

    assert {"user": 7} == dict(session)
    (value,) = session.commit()
    assert Written.REFRESHED is session.written
    site.agent.jar.store(value, site.url, now=site.agent.clock())
    assert ({"user": 7}, []) == site.ask("9", ttl=3600)


@pytest.mark.parametrize("side", ["8", "9"])
def test_2847_bytes_of_json_fit_into_a_cookie_of_node(site: Site, side: str) -> None:
    """In Python there is room for a block less; see tests/formats/test_iron_session.py."""
    for text in ("x" * (2847 - len('{"a":""}')), "x" * (2848 - len('{"a":""}'))):
        with pytest.raises(AssertionError, match="too big") if len(text) == 2840 else nullcontext():
            site.ask(side, ["set", {"a": text}], ["save"])


def test_seals_for_links_open_on_both_sides(iron_session: str) -> None:
    with running_oracle(iron_session) as oracle:
        ours = seal_data({"email": "ada@example.com"}, THIRD, ttl=900)
        ended = seal_data({"email": "ada@example.com"}, THIRD, ttl=900, clock=lambda: 0)
        answers = oracle.ask([(ours, {"1": THIRD}), (ended, {"1": THIRD})])

    assert [{"data": {"email": "ada@example.com"}}] * 2 == answers[0]
    assert "Expired seal" == answers[1][1]["error"]
    assert {"email": "ada@example.com"} == unseal_data(ours, THIRD)


class Backend(BaseHTTPRequestHandler):
    """Sets two cookies with dates, beside one that is not ours."""

    def do_GET(self) -> None:
        session = CookieSession(keys=KEYS, max_age=3600).open(self.headers["Cookie"])
        session["views"] = session.get("views", 0) + 1
        self.answer(200, session)

    def do_POST(self) -> None:
        """Log in the user whom a form names, and send the browser to another page."""
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        session = CookieSession(keys=KEYS, max_age=3600).open(self.headers["Cookie"])
        session[self.headers["Content-Type"]] = form
        self.answer(303, session)

    def answer(self, status: int, session: Session) -> None:
        self.send_response(status)
        self.send_header("Location", "/")
        for value in session.commit(["theme=a; Expires=Wed, 01 Jan 2098 00:00:00 GMT"]):
            self.send_header("Set-Cookie", value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


ASK_TWICE = """
import { fromBackend } from './lib/pass-on.mjs'
let cookie = ''
for (const visit of [1, 2]) {
  const request = new Request('http://front.test/', { headers: { cookie } })
  const answer = await fromBackend(request, process.argv[2])
  const lines = answer.headers.getSetCookie()
  console.log(JSON.stringify([lines, answer.headers.get('set-cookie').split(', ').length]))
  cookie = lines.map((line) => line.split(';')[0]).join('; ')
}
"""


LOG_IN = """
import { POST } from './app/api/cart/route.js'
const [body, headers] = ['user=ada', { 'content-type': 'application/x-www-form-urlencoded' }]
const answer = await POST(new Request('http://front.test/', { method: 'POST', body, headers }))
const lines = answer.headers.getSetCookie()
console.log(JSON.stringify([answer.status, answer.headers.get('location'), lines]))
"""


def answers_of_a_front_end(node: str, script: str, folder: Path) -> list[Any]:
    """Run a script beside the files that the page shows, and return the lines that it prints."""
    page = (ROOT / "docs" / "how-to" / "share-with-nextjs.md").read_text(encoding="utf-8")
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Backend) as backend,
        serving_in_a_thread(backend.serve_forever, backend.shutdown),
    ):
        url = f"http://127.0.0.1:{backend.server_address[1]}/"
        files = {"ask.mjs": script, "package.json": '{"type": "module"}'}
        for title, name in (
            ("pass-on.mjs", "lib/pass-on.mjs"),
            ("Next.js: app/api/cart/route.js", "app/api/cart/route.js"),
        ):
            code = page.partition(f'title="{title}" }}')[2].partition("```")[0]
            files[name] = code.replace("http://localhost:8000/cart", url)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        command = [node, "ask.mjs", url]
        output = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def test_a_front_end_passes_the_lines_of_a_backend_on(iron_session: str, tmp_path: Path) -> None:
    for views, line in enumerate(answers_of_a_front_end(iron_session, ASK_TWICE, tmp_path), 1):
        lines, pieces = line
        assert ["theme", "session", "session.sig"] == [each.partition("=")[0] for each in lines]
        assert {"views": views} == CookieSession(keys=KEYS).decode(lines)
        assert pieces > len(lines)


def test_a_route_handler_passes_a_form_on_and_the_log_in_that_answers_by_a_redirect(
    iron_session: str, tmp_path: Path
) -> None:
    ((status, location, lines),) = answers_of_a_front_end(iron_session, LOG_IN, tmp_path)

    assert (303, "/") == (status, location)
    assert {"application/x-www-form-urlencoded": "user=ada"} == CookieSession(keys=KEYS).decode(
        lines
    )


def test_seals_with_wrong_parts_open_nowhere_or_on_both_sides(iron_session: str) -> None:
    """``python -m tests.node.iron_session 20000`` compares more of them."""
    with running_oracle(iron_session) as oracle:
        tally = run(oracle, 500, SEED)

    assert [] == tally.unexplained
    assert tally.counts["version 9: both open"] > 20


def test_a_cookie_that_makes_version_8_throw_is_a_new_session_here(site: Site) -> None:
    site.agent.jar.store("sid=x*x*x*x*x*x*x*x; Path=/; Secure", site.url, now=0)

    with pytest.raises(AssertionError, match="Wrong mac prefix"):
        site.ask("8")
    assert Outcome.BAD_SIGNATURE is site.open().outcome
    assert ({}, []) == site.ask("python")
