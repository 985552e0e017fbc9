"""One session, two servers: Express with the real cookie-session, and our WSGI adapter.

A user agent goes back and forth between the two on one host, as behind one proxy.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from tests.node.express import EXPRESS
from tests.support.servers import PYTHON, ROOT, running
from tests.support.user_agent import Response, UserAgent

# As long as a SHA-512 digest, so that they are not weak for any hash.
OLD = "the old signing key, " + "o" * 64
NEW = "the new signing key, " + "n" * 64
FOREIGN = "a key that no server has, " + "f" * 64

Options = dict[str, Any]
SIDES = ("express", "wsgi")
LIFETIME = 60
"""Seconds, in tests that set a lifetime."""

PLAIN: Options = {"keys": [NEW]}
LASTING: Options = {
    "keys": [NEW],
    "name": "app.sid",
    "maxAge": LIFETIME * 1000,
    "httpOnly": False,
    "sameSite": "lax",
    "priority": "high",
}
KEYGRIPS: list[Options] = [
    {"keys": [NEW], "algorithm": "sha256"},
    {"keys": [NEW], "algorithm": "sha384"},
    {"keys": [NEW], "algorithm": "sha512"},
    {"keys": [NEW], "algorithm": "sha256", "encoding": "hex"},
]

CONTENTS = {
    "unicode": '{"name": "Zoë Ωμέγα 漢字", "Schlüssel": "\u2028\u007f"}',
    "emoji": '{"😀": ["👩‍👩‍👧", "\\ud83d\\ude00"]}',
    "lone surrogates": r'{"high": "a\ud800b", "low": "\udc00", "\udfff": 1}',
    "escapes": r'{"text": "\"\\\/\b\f\n\r\t\u0000\u001f", "markup": "</script>; a=b, c"}',
    "nested": '{"cart": {"items": [{"id": 7, "tags": [[], {}, [null]]}], "open": true}}',
    "floats": '{"values": [1.0, 1e16, 1e21, 1e-7, 0.1, -0.0, 1.5e300, 123456789.125, 5e-324]}',
    "integers": '{"values": [0, -1, 4294967296, 9007199254740991]}',
    "integer-like keys": '{"b": 1, "10": 2, "9": 3, "a": {"2": 1, "x": 2, "1": 3}, "01": 4}',
    "empty": '{"list": [], "mapping": {}, "text": "", "nothing": null, "no": false}',
}
"""Request bodies, as JSON text: each server parses them by itself."""


@attrs.frozen
class Pair:
    """The addresses of both servers, with the same options."""

    express: str
    wsgi: str

    def url(self, side: str, route: str) -> str:
        return f"{getattr(self, side)}/{route}"

    def get(self, agent: UserAgent, side: str, route: str) -> Response:
        return succeeded(agent.get(self.url(side, route)))

    def post(self, agent: UserAgent, side: str, route: str, data: Any = None) -> Response:
        return succeeded(agent.post(self.url(side, route), data))

    def is_new(self, agent: UserAgent, side: str) -> bool:
        """Whether ``side`` knows no session of ``agent``, which keeps its cookies as they are."""
        new: bool = self.get(agent.copy(), side, "read").json()["isNew"]
        return new

    def views(self, agent: UserAgent, side: str) -> int:
        """Count one more view of ``agent`` at ``side``."""
        views: int = self.get(agent, side, "count").json()["session"]["views"]
        return views


def succeeded(response: Response) -> Response:
    assert 200 == response.status, response.body
    return response


def other(side: str) -> str:
    return SIDES[1 - SIDES.index(side)]


@contextlib.contextmanager
def serving(side: str, options: Options, node: str) -> Iterator[str]:
    """Run one server; the URL of its root."""
    gunicorn = (PYTHON, "-m", "gunicorn", "--no-control-socket", "--log-level=warning")
    commands = {
        "express": (node, EXPRESS / "server.js", "{port}"),
        "wsgi": (*gunicorn, "--bind=127.0.0.1:{port}", "tests.live.wsgi_app:application"),
    }
    with running(commands[side], env={"SESSION_OPTIONS": json.dumps(options)}) as server:
        yield server.url


@pytest.fixture(scope="module")
def pair_with(node: str) -> Iterator[Callable[[Options], Pair]]:
    """Both servers with some options: started on demand, and kept for this module."""
    started: dict[str, Pair] = {}
    with contextlib.ExitStack() as stack:

        def pair_with(options: Options) -> Pair:
            key = json.dumps(options)
            if key not in started:
                urls = {side: stack.enter_context(serving(side, options, node)) for side in SIDES}
                started[key] = Pair(**urls)
            return started[key]

        yield pair_with


@pytest.fixture
def pair(pair_with: Callable[[Options], Pair]) -> Pair:
    return pair_with(PLAIN)


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


# --- one session on both ---------------------------------------------------------------------


@pytest.mark.parametrize("first", SIDES)
def test_both_servers_count_on_in_one_session(pair: Pair, agent: UserAgent, first: str) -> None:
    turns = [first, other(first), other(first), first, other(first), first]
    assert [1, 2, 3, 4, 5, 6] == [pair.views(agent, side) for side in turns]


@pytest.mark.parametrize("text", CONTENTS.values(), ids=CONTENTS)
def test_both_servers_write_the_same_bytes(pair: Pair, text: str) -> None:
    express, wsgi = (pair.post(UserAgent(), side, "set", text).set_cookie for side in SIDES)
    assert 2 == len(express)
    assert express == wsgi


@pytest.mark.parametrize("reader", SIDES)
@pytest.mark.parametrize("writer", SIDES)
@pytest.mark.parametrize("text", CONTENTS.values(), ids=CONTENTS)
def test_a_server_reads_the_session_of_the_other_and_sends_nothing_back(
    pair: Pair, agent: UserAgent, text: str, writer: str, reader: str
) -> None:
    """Neither server sends an unchanged cookie again, whichever server wrote it."""
    pair.post(agent, writer, "set", text)
    response = pair.get(agent, reader, "read")
    assert {"session": json.loads(text), "isNew": False} == response.json()
    assert [] == response.set_cookie


def test_node_drops_the_keys_that_the_page_names_and_sends_the_rest_back(
    pair: Pair, agent: UserAgent
) -> None:
    page = (ROOT / "docs" / "deviations.md").read_text("utf-8")
    sentence = re.findall(r"^- Node drops the top-level keys (.*)$", page, re.MULTILINE)[0]
    names = re.findall(r"`(\w+)`", sentence)
    written = {**dict.fromkeys(names, 1), "user": 7}
    pair.post(agent, "wsgi", "set", written)
    assert written == pair.get(agent, "wsgi", "read").json()["session"]

    response = pair.get(agent, "express", "read")

    assert len(names) > 10
    assert {"user": 7} == response.json()["session"]
    assert 2 == len(response.set_cookie)
    assert {"user": 7} == pair.get(agent, "wsgi", "read").json()["session"]


def test_node_rounds_large_integers_and_sends_them_back(pair: Pair, agent: UserAgent) -> None:
    pair.post(agent, "wsgi", "set", {"number": 2**53 + 1})

    response = pair.get(agent, "express", "read")

    assert 2 == len(response.set_cookie)
    assert {"number": 2**53} == pair.get(agent, "wsgi", "read").json()["session"]


@pytest.mark.parametrize("writer", SIDES)
def test_both_servers_give_the_keys_in_the_same_order(
    pair: Pair, agent: UserAgent, writer: str
) -> None:
    pair.post(agent, writer, "set", CONTENTS["integer-like keys"])
    for reader in SIDES:
        session = pair.get(agent, reader, "read").json()["session"]
        assert ["9", "10", "b", "a", "01"] == list(session)
        assert ["1", "2", "x"] == list(session["a"])


@pytest.mark.parametrize("writer", SIDES)
def test_a_change_is_merged_into_the_session_of_the_other_server(
    pair: Pair, agent: UserAgent, writer: str
) -> None:
    pair.post(agent, writer, "set", {"a": 1, "b": [1]})
    pair.post(agent, other(writer), "set", {"b": [1, 2], "c": None})
    session = pair.get(agent, writer, "read").json()["session"]
    assert {"a": 1, "b": [1, 2], "c": None} == session


@pytest.mark.parametrize("writer", SIDES)
def test_replacing_leaves_nothing_of_the_session_of_the_other_server(
    pair: Pair, agent: UserAgent, writer: str
) -> None:
    pair.post(agent, writer, "set", {"a": 1, "b": 2})
    pair.post(agent, other(writer), "replace", {"c": 3})
    assert {"c": 3} == pair.get(agent, writer, "read").json()["session"]


@pytest.mark.parametrize("side", SIDES)
def test_a_new_session_that_stays_empty_sends_nothing(
    pair: Pair, agent: UserAgent, side: str
) -> None:
    response = pair.get(agent, side, "read")
    assert {"session": {}, "isNew": True} == response.json()
    assert [] == response.set_cookie


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("state", ["without a session", "with a session", "with a bad signature"])
def test_an_untouched_session_sends_nothing(
    pair: Pair, agent: UserAgent, side: str, state: str
) -> None:
    """Node does not expire a bad signature either: nobody has looked at it."""
    if state != "without a session":
        pair.views(agent, other(side))
    if state == "with a bad signature":
        agent.jar.tamper("session.sig", "x" * 27)
    assert [] == pair.get(agent, side, "untouched").set_cookie


@pytest.mark.parametrize("destroyer", SIDES)
def test_a_session_that_one_server_destroys_is_gone_on_both(
    pair: Pair, agent: UserAgent, destroyer: str
) -> None:
    pair.views(agent, other(destroyer))
    at_other = pair.post(agent.copy(), other(destroyer), "destroy")
    response = pair.post(agent, destroyer, "destroy")
    assert at_other.set_cookie == response.set_cookie
    assert [] == agent.jar.cookies(agent.clock())
    assert [True, True] == [pair.is_new(agent, side) for side in SIDES]
    assert 1 == pair.views(agent, other(destroyer))


# --- tampering -------------------------------------------------------------------------------


def forged(_: str) -> str:
    return base64.b64encode(b'{"views":1000000}').decode()


def extended(text: str) -> str:
    """Its contents are the same, but the signature signs the text."""
    return f"{text}="


def without_first(text: str) -> str:
    return text[1:]


def upper(text: str) -> str:
    return text.upper()


def removed(_: str) -> None:
    return None


def emptied(_: str) -> str:
    return ""


@attrs.frozen
class Tampering:
    """A change of one of the two cookies."""

    cookie: str
    change: Callable[[str], str | None]
    is_bad: bool
    """Whether the signature is bad afterwards, and not missing."""

    def __str__(self) -> str:
        return f"{self.cookie} {self.change.__name__}"


TAMPERINGS = [
    Tampering("session", forged, is_bad=True),
    Tampering("session", extended, is_bad=True),
    Tampering("session", without_first, is_bad=True),
    Tampering("session", emptied, is_bad=True),
    Tampering("session.sig", extended, is_bad=True),
    Tampering("session.sig", without_first, is_bad=True),
    Tampering("session.sig", upper, is_bad=True),
    Tampering("session.sig", emptied, is_bad=False),
    Tampering("session.sig", removed, is_bad=False),
]


@pytest.mark.parametrize("writer", SIDES)
@pytest.mark.parametrize("tampering", TAMPERINGS, ids=str)
def test_a_tampered_session_is_a_new_one_on_both(
    pair: Pair, agent: UserAgent, tampering: Tampering, writer: str
) -> None:
    pair.views(agent, writer)
    cookie = tampering.cookie
    agent.jar.tamper(cookie, tampering.change(agent.jar.value(cookie)))
    answers = [pair.get(agent.copy(), side, "read") for side in SIDES]
    assert [{"session": {}, "isNew": True}] * 2 == [answer.json() for answer in answers]
    # Node expires a bad signature. Ours sends nothing: reading must not end a session that
    # another response has just begun.
    expires = "expires=Thu, 01 Jan 1970 00:00:00 GMT"
    deletion = [f"session.sig=; path=/; {expires}; httponly"] if tampering.is_bad else []
    assert [deletion, []] == [answer.set_cookie for answer in answers]


@pytest.mark.parametrize("side", SIDES)
def test_after_tampering_a_client_starts_afresh_and_goes_on(
    pair: Pair, agent: UserAgent, side: str
) -> None:
    pair.post(agent, side, "set", {"views": 41})
    agent.jar.tamper("session", forged(""))
    assert [1, 2] == [pair.views(agent, side), pair.views(agent, other(side))]


def test_a_signature_by_a_foreign_key_is_a_new_session_on_both(
    pair: Pair, pair_with: Callable[[Options], Pair], agent: UserAgent
) -> None:
    foreign = pair_with({"keys": [FOREIGN]})
    assert [1, 2] == [foreign.views(agent, side) for side in SIDES]
    assert [True, True] == [pair.is_new(agent, side) for side in SIDES]


# --- options ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", KEYGRIPS, ids=lambda options: "-".join(list(options.values())[1:])
)
def test_any_hash_and_encoding_is_the_same_on_both(
    pair_with: Callable[[Options], Pair], options: Options
) -> None:
    pair = pair_with(options)
    text = CONTENTS["unicode"]
    express, wsgi = (pair.post(UserAgent(), side, "set", text).set_cookie for side in SIDES)
    assert 2 == len(express)
    assert express == wsgi
    agent = UserAgent()
    assert [1, 2, 3] == [pair.views(agent, side) for side in ("express", "wsgi", "express")]
    plain = pair_with(PLAIN)
    assert [True, True] == [plain.is_new(agent, side) for side in SIDES]


def test_name_and_attributes_are_written_alike(pair_with: Callable[[Options], Pair]) -> None:
    options = {name: value for name, value in LASTING.items() if name != "maxAge"}
    pair = pair_with(options)
    express, wsgi = (pair.get(UserAgent(), side, "count").set_cookie for side in SIDES)
    assert "app.sid=eyJ2aWV3cyI6MX0=; path=/; priority=high; samesite=lax" == express[0]
    assert express == wsgi


@pytest.mark.parametrize("side", SIDES)
def test_max_age_is_carried_by_both_cookies(
    pair_with: Callable[[Options], Pair], agent: UserAgent, side: str
) -> None:
    pair = pair_with(LASTING)
    before = int(time.time())
    assert 2 == len(pair.get(agent, side, "count").set_cookie)
    after = int(time.time())
    cookies = agent.jar.cookies(agent.clock())
    assert {"app.sid", "app.sid.sig"} == {cookie.name for cookie in cookies}
    for cookie in cookies:
        assert cookie.expires is not None
        assert before + LIFETIME <= cookie.expires <= after + LIFETIME


@pytest.mark.parametrize("writer", SIDES)
def test_a_session_lives_as_long_as_its_max_age_on_both(
    pair_with: Callable[[Options], Pair], writer: str
) -> None:
    """A read does not prolong it, and when it is over both servers see a new session."""
    pair = pair_with(LASTING)
    passed = [0.0]
    agent = UserAgent(clock=lambda: time.time() + passed[0])
    pair.views(agent, writer)
    passed[0] = LIFETIME / 2
    assert [False, False] == [pair.is_new(agent, side) for side in SIDES]
    assert [] == pair.get(agent, other(writer), "read").set_cookie
    passed[0] = LIFETIME
    assert [True, True] == [pair.is_new(agent, side) for side in SIDES]


# --- key rotation without downtime -----------------------------------------------------------


@attrs.define
class Client:
    """A visitor who is logged in while the keys change."""

    at_login: UserAgent
    """It keeps the cookies of the login, as if the client had not been back since."""
    regular: UserAgent
    views: int = 1


@pytest.mark.parametrize("first", SIDES)
def test_keys_are_rotated_on_running_servers_and_nobody_is_logged_out(
    node: str, first: str
) -> None:
    """The new key is first added at the end everywhere, and only then moved to the front.

    After every restart, new clients log in on both servers. Both servers still know all clients
    that logged in before, whether they have been back or not.
    """
    second = other(first)
    urls: dict[str, str] = {}
    clients: list[Client] = []
    with contextlib.ExitStack() as stack:
        running_now = {side: stack.enter_context(contextlib.ExitStack()) for side in SIDES}

        def restart(side: str, keys: list[str]) -> Pair:
            running_now[side].close()
            urls[side] = running_now[side].enter_context(serving(side, {"keys": keys}, node))
            return Pair(**{"express": "", "wsgi": "", **urls})

        restart(first, [OLD])
        for side, keys in (
            (second, [OLD]),
            (first, [OLD, NEW]),
            (second, [OLD, NEW]),
            (first, [NEW, OLD]),
            (second, [NEW, OLD]),
        ):
            pair = restart(side, keys)
            clients += [logged_in(pair, each) for each in SIDES]
            for client in clients:
                assert [False, False] == [pair.is_new(client.at_login, each) for each in SIDES]
                comes_back(pair, client)

        # After the old key is gone, only clients that have been back stay logged in.
        for side in (first, second):
            pair = restart(side, [NEW])
            for client in clients:
                comes_back(pair, client)
        first_client, last_client = clients[0], clients[-1]
        assert [True, True] == [pair.is_new(first_client.at_login, each) for each in SIDES]
        assert [False, False] == [pair.is_new(last_client.at_login, each) for each in SIDES]


def logged_in(pair: Pair, side: str) -> Client:
    agent = UserAgent()
    assert 1 == pair.views(agent, side)
    return Client(agent.copy(), agent)


def comes_back(pair: Pair, client: Client) -> None:
    for side in SIDES:
        client.views += 1
        assert client.views == pair.views(client.regular, side)


@pytest.mark.parametrize("reader", SIDES)
@pytest.mark.parametrize("writer", SIDES)
def test_a_read_signs_a_session_of_an_old_key_again_only_once(
    pair_with: Callable[[Options], Pair], agent: UserAgent, writer: str, reader: str
) -> None:
    before, after = pair_with({"keys": [OLD]}), pair_with({"keys": [NEW, OLD]})
    before.views(agent, writer)
    assert [] != after.get(agent, reader, "read").set_cookie
    assert [[], []] == [after.get(agent, side, "read").set_cookie for side in SIDES]
    finished = pair_with({"keys": [NEW]})
    assert [2, 3] == [finished.views(agent, side) for side in SIDES]
