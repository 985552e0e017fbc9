"""One visitor with several tabs, and two servers.

Servers are restarted with other keys, clocks jump, cookies run out or are evicted, requests
overlap, commits fail and are mended. A model predicts the contents and the cookies of each request.
"""

from __future__ import annotations

import copy
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import (
    Codec,
    CookieSession,
    CookieTooLargeError,
    JSONCodec,
    Outcome,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    Written,
)
from tests.support.user_agent import CookieJar

from .model import Browser, Request, Settings, as_text

URL = "http://example.com/"
NOW = 1_700_000_000.0
pytestmark = pytest.mark.filterwarnings("ignore::cookiesession_core.ConfigurationWarning")

KEYS = tuple(f"signing key number {n}, of thirty-two" for n in range(5))
MAX_REQUESTS = 4

SECONDS = st.sampled_from([1, 30, 90, 600, 3600])
TIMEOUTS = st.none() | SECONDS
SETTINGS = st.builds(
    Settings,
    max_age=st.none() | st.sampled_from([1.5, 90, 600, 7200]),
    idle_timeout=TIMEOUTS,
    absolute_timeout=TIMEOUTS,
    max_cookie_size=st.sampled_from([None, 4093, 202, 402]),
    overwrite=st.booleans(),
)
JUMPS = (
    st.sampled_from([0.001, 1, 10_000, -0.001, -0.5, -20, -59])
    | SECONDS.map(lambda seconds: seconds * 0.6)
    | SECONDS.map(lambda seconds: seconds + 59.5)
    | SECONDS.map(lambda seconds: seconds + 60)
)
"""Seconds: past half a timeout, just before or at its end; or a clock that is set right."""

NAMES = st.sampled_from("abc")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(NAMES, children, max_size=2),
    max_leaves=5,
)
LARGE = (st.integers(80, 130) | st.integers(50, 4000)).map(lambda size: "x" * size)
UNWRITABLE = st.just({1})
CONTENTS = st.dictionaries(NAMES, VALUES, max_size=3)
NO_OR_RARELY = st.sampled_from([False, False, False, False, True])

ACTS = st.lists(
    st.tuples(st.just("touch"))
    | st.tuples(st.just("write"), NAMES, VALUES)
    | st.tuples(st.just("change_inside"), NAMES, VALUES)
    | st.tuples(st.just("remove"), NAMES)
    | st.tuples(st.sampled_from(["clear", "destroy", "destroy_if_sent", "resend"]))
    | st.tuples(st.just("replace"), CONTENTS)
    | st.tuples(st.just("write"), NAMES, LARGE | UNWRITABLE),
    max_size=4,
)
"""Acts of the application with a session: names of methods of the machine, and arguments."""

TABS = st.lists(st.tuples(st.integers(0, 1), ACTS), min_size=1, max_size=3)
"""Requests that a browser sends at the same moment: the server, and the acts there."""

BY_HAND = "session=junk; path=/"


@attrs.define
class Server:
    """A process that serves sessions; a restart makes a new one of it."""

    settings: Settings
    keys: tuple[str, ...]
    skew: float = 0
    """Seconds by which its clock is wrong."""


class Visits(RuleBasedStateMachine):
    """The browser and the servers, and beside each the model of it."""

    codec: Codec = JSONCodec()

    @initialize(first=SETTINGS, second=SETTINGS, same=st.booleans())
    def begin(self, first: Settings, second: Settings, *, same: bool) -> None:
        self.now = NOW
        self.jar = CookieJar()
        self.browser = Browser()
        second = first if same else second
        self.servers = [Server(first, KEYS[:2]), Server(second, KEYS[:2])]
        self.requests: list[tuple[Server, Session, Request]] = []

    def process(self, server: Server) -> CookieSession:
        """Return the server as a process that was just started."""
        options = attrs.asdict(server.settings)
        return CookieSession(
            keys=server.keys,
            codec=self.codec,
            clock=lambda: self.now + server.skew,
            **options,
        )

    def header(self) -> str | None:
        return self.jar.header(URL, now=self.now)

    # --- between requests --------------------------------------------------------------------

    @rule(at=st.integers(0, 1), add=st.sampled_from(KEYS))
    def add_a_key(self, at: int, add: str) -> None:
        if add not in self.servers[at].keys:
            self.restart(at, (*self.servers[at].keys, add))

    @rule(at=st.integers(0, 1), which=st.integers(0, 4))
    def promote_a_key(self, at: int, which: int) -> None:
        keys = self.servers[at].keys
        newest = keys[which % len(keys)]
        self.restart(at, (newest, *(key for key in keys if key != newest)))

    @rule(at=st.integers(0, 1), which=st.integers(0, 4))
    def drop_a_key(self, at: int, which: int) -> None:
        keys = self.servers[at].keys
        if len(keys) > 1:
            self.restart(at, tuple(key for key in keys if key != keys[which % len(keys)]))

    def restart(self, at: int, keys: tuple[str, ...]) -> None:
        # Requests that are being served keep the process that serves them.
        self.servers[at] = attrs.evolve(self.servers[at], keys=keys)

    @rule(at=st.integers(0, 1), skew=st.sampled_from([0, 0.25, 25, -25]))
    def set_a_clock(self, at: int, skew: float) -> None:
        self.servers[at] = attrs.evolve(self.servers[at], skew=skew)

    @rule(seconds=JUMPS)
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(name=st.sampled_from(["session", "session.sig"]))
    def evict(self, name: str) -> None:
        if [cookie for cookie in self.jar.cookies(self.now) if cookie.name == name]:
            self.jar.tamper(name, None)
            if name == "session":
                self.browser.value = None
            else:
                self.browser.signature = None

    # --- requests ---

    @precondition(lambda self: len(self.requests) < MAX_REQUESTS)
    @rule(tabs=TABS)
    def ask(self, tabs: list[tuple[int, list[tuple[Any, ...]]]]) -> None:
        """Send requests with the same cookies; they are not answered yet."""
        for at, acts in tabs:
            server = self.servers[at]
            session = self.process(server).open(self.header())
            value, signature = self.browser.sees(self.now)
            model = Request(server.settings, server.keys, value, signature, self.now + server.skew)
            for name, *arguments in acts:
                getattr(self, name)(session, model, *arguments)
            self.requests.append((server, session, model))

    @rule(tabs=TABS, pause=st.sampled_from([0, 0, 0, 1, 50, -1]), by_hand=NO_OR_RARELY)
    def visit(
        self, tabs: list[tuple[int, list[tuple[Any, ...]]]], pause: float, *, by_hand: bool
    ) -> None:
        """Send requests at the same time, and answer them in this order."""
        before, self.requests = self.requests, []
        self.ask(tabs)
        self.now += pause
        while self.requests:
            self.answer(0, by_hand=by_hand, mend=False)
        self.requests = before

    @rule(
        at=st.integers(0, 1),
        seconds=JUMPS | st.just(0),
        which=st.integers(0, 4),
        contents=st.none() | CONTENTS,
    )
    def come_back(
        self, at: int, seconds: float, which: int, contents: dict[str, Any] | None
    ) -> None:
        """Write a session, perhaps; wait, rotate the keys everywhere, and read."""
        if contents is not None:
            self.visit([(at, [("replace", contents)])], 0, by_hand=False)
        self.time_passes(seconds)
        for each in (0, 1):
            self.add_a_key(each, KEYS[which])
            self.promote_a_key(each, which)
        self.visit([(at, [("touch",)])], 0, by_hand=False)

    def touch(self, session: Session, model: Request) -> None:
        model.touch()
        self.compare(session, model)

    def write(self, session: Session, model: Request, name: str, value: Any) -> None:
        model.write()
        session[name] = copy.deepcopy(value)
        model.contents[name] = copy.deepcopy(value)
        self.compare(session, model)

    def change_inside(self, session: Session, model: Request, name: str, value: Any) -> None:
        model.touch()
        for inner in (session.get(name), model.contents.get(name)):
            if isinstance(inner, list):
                inner.append(copy.deepcopy(value))
            elif isinstance(inner, dict):
                inner["inner"] = copy.deepcopy(value)
            elif isinstance(inner, set):
                inner.add(2)
        self.compare(session, model)

    def remove(self, session: Session, model: Request, name: str) -> None:
        model.touch()
        if name in model.contents:
            model.write()
        assert session.pop(name, None) == model.contents.pop(name, None)
        self.compare(session, model)

    def clear(self, session: Session, model: Request) -> None:
        model.write()
        session.clear()
        model.contents.clear()

    def destroy(self, session: Session, model: Request) -> None:
        session.destroy()
        model.destroy(only_if_sent=False)

    def destroy_if_sent(self, session: Session, model: Request) -> None:
        session.destroy(only_if_sent=True)
        model.destroy(only_if_sent=True)

    def resend(self, session: Session, model: Request) -> None:
        session.resend()
        model.resend()

    def replace(self, session: Session, model: Request, contents: dict[str, Any]) -> None:
        session.replace(copy.deepcopy(contents))
        model.replace(contents)

    @precondition(lambda self: self.requests)
    @rule(n=st.integers(0, MAX_REQUESTS), by_hand=NO_OR_RARELY, mend=st.booleans())
    def answer(self, n: int, *, by_hand: bool, mend: bool) -> None:
        """Send the headers; a commit that fails is followed by an error page or mended."""
        server, session, model = self.requests.pop(n % len(self.requests))
        existing = ["other=1; path=/", BY_HAND][: 1 + by_hand]
        before = copy.copy(self.browser)
        model.now = self.now + server.skew
        expected = model.commit(self.browser, self.now, by_hand=by_hand)
        if expected is None:
            self.fail(session, model)
            if mend:
                self.replace(session, model, {"a": 1})
            expected = model.commit(self.browser, self.now, by_hand=by_hand)
        set_cookies = session.commit(existing)
        assert expected is session.written
        assert (by_hand and model.leaves_others(expected)) == (BY_HAND in set_cookies)
        assert set_cookies == session.commit(set_cookies)
        assert before == self.browser or len(set_cookies) > 1
        self.take(set_cookies)
        self.refuse_late_writes(session, model)

    def fail(self, session: Session, model: Request) -> None:
        """Let the commit fail as the model says it must."""
        expected = SessionEncodeError if as_text(model.contents) is None else CookieTooLargeError
        with pytest.raises(expected):
            session.commit()
        assert Written.REFUSED is session.written
        # An error page may read the session.
        assert model.contents == dict(session)

    def take(self, set_cookies: list[str]) -> None:
        for each in set_cookies:
            self.jar.store(each, URL, now=self.now)

    def refuse_late_writes(self, session: Session, model: Request) -> None:
        with pytest.raises(SessionCommittedError):
            session["late"] = 1
        model.touch()
        self.compare(session, model)

    # --- the rules ---------------------------------------------------------------------------

    def compare(self, session: Session, model: Request) -> None:
        """Assert that the application and the model agree."""
        assert model.contents == dict(session)
        assert list(model.contents) == list(session)
        assert model.read() is session.outcome
        assert model.key_index == session.key_index
        assert model.is_new == session.is_new
        if as_text(model.contents) is not None:
            assert model.is_changed == session.is_changed

    @invariant()
    def the_browser_has_the_cookies_of_the_model(self) -> None:
        if not hasattr(self, "browser"):
            return
        value, signature = self.browser.sees(self.now)
        kept = {"session": value, "session.sig": signature}
        names = {name for name, cookie in kept.items() if cookie is not None}
        found = {cookie.name for cookie in self.jar.cookies(self.now)} - {"other"}
        assert names == found

    @invariant()
    def each_server_would_read_what_the_model_says(self) -> None:
        for server in getattr(self, "servers", ()):
            value, signature = self.browser.sees(self.now)
            model = Request(server.settings, server.keys, value, signature, self.now + server.skew)
            is_read = model.read() is Outcome.LOADED and not model.is_ahead
            expected = model.found if is_read else None
            assert expected == self.process(server).decode(self.header())


class FastVisits(Visits):
    """The same with the codec of compiled libraries."""

    codec = FastJSONCodec()


TestVisits = Visits.TestCase
TestFastVisits = FastVisits.TestCase
# A few are enough here: tests/codecs holds the codecs against each other directly.
TestFastVisits.settings = settings(max_examples=settings().max_examples // 5)
