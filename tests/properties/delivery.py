"""Stories of a visitor, and what must be in the browser after each response.

The stories are told to a user agent: that of the tests, or a real browser. A server names in
``session.written`` what it has sent. If that is a session, the next request of the browser to the
path of the session must carry it, before all other cookies of its name.
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

import attrs
from hypothesis import strategies as st

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    JSONCodec,
    Session,
    Written,
)
from tests.support.keys import NEWEST, OLDER, OTHER

HOST = "example.test"
OURS = ("session", "session.sig")
SENT = (Written.SAVED, Written.RESIGNED, Written.REFRESHED)
GONE = "expires=Thu, 01 Jan 1970 00:00:00 GMT"
TIMESTAMPS = ("_expire", "_maxAge", "$start")
DAY = 24 * 3600


class Agent(Protocol):
    """A user agent, and the world's clock."""

    @property
    def accuracy(self) -> float:
        """Seconds by which the end of a cookie may be another one."""
        ...

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def header(self, url: str) -> str | None:
        """Return the ``Cookie`` header of a request."""
        ...

    def take(self, set_cookies: list[str], url: str) -> None:
        """Take the ``Set-Cookie`` values of a response."""
        ...

    def has_secure_cookies(self) -> bool:
        """Whether a cookie is kept that plain HTTP neither sees nor replaces."""
        ...

    def ends(self, path: str) -> set[float | None]:
        """Return when the cookies of our names and of ``path`` end, but not those of a domain."""
        ...


# --- the stories -----------------------------------------------------------------------------


def remembered(contents: Mapping[str, Any]) -> timedelta | None:
    """Keep the cookies of users who asked for it."""
    return timedelta(days=30) if contents.get("remember") else None


def broken(contents: Mapping[str, Any]) -> Any:
    """Fail if a user is logged in, and answer nonsense for all others."""
    return "soon" if "user" not in contents else 1 // 0


def by_size(contents: Mapping[str, Any]) -> float:
    """Keep what is larger for longer."""
    return 1 + 40.5 * len(contents)


MAX_AGES: Mapping[str, Any] = {
    "none": None,
    "a second": 1,
    "a fraction": 90.75,
    "days": timedelta(days=90),
    "function": remembered,
    "broken function": broken,
    "seconds by a function": by_size,
}


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Return a strategy whose stories seldom leave the usual path."""
    return st.one_of(*[st.just(usual)] * 3, st.sampled_from(others))


def attributes(*, short: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Return attributes as plain values: the name of a ``max_age``, the seconds to ``expires``."""
    max_ages = [name for name in MAX_AGES if short or "second" not in name]
    return st.fixed_dictionaries(
        {},
        optional={
            "max_age": st.sampled_from(max_ages),
            "expires": st.sampled_from([0.5, 30, 90 * DAY] if short else [60, 90 * DAY]),
            "path": mostly("/", "/shop", "/shop/", None, ""),
            "secure": mostly(None, False, True),
            "same_site": st.sampled_from([None, "lax", "Strict", True]),
            "http_only": st.booleans(),
            "priority": st.sampled_from([None, "high"]),
            "overwrite": st.booleans(),
        },
    )


FIXED = st.fixed_dictionaries(
    {},
    optional={
        "idle_timeout": st.sampled_from([1, 60, 3600, 90 * DAY]),
        "absolute_timeout": st.sampled_from([1, 90, 90 * DAY]),
        "max_cookie_size": st.sampled_from([300, 4093]),
    },
)
KEYS = st.sampled_from([(NEWEST, OLDER), (OLDER, NEWEST), (OLDER,), (OTHER, OLDER)])
FOREIGN = st.lists(
    st.sampled_from(
        [
            f"session=; path=/; {GONE}",
            f"session.sig=; Path=/shop; {GONE}",
            "session=; max-age=0",
            "session=theirs; path=/",
            "session=theirs; Path=/shop/cart; Secure",
            "session=theirs; Path=/shop; Max-Age=60",
            "session.sig=theirs; Path=/; HttpOnly",
            "session=theirs; Domain=example.test; Path=/",
            "session.sig=theirs; Domain=example.test; Path=/shop",
            "sessions=theirs; Path=/",
            "other=1; Path=/",
        ]
    ),
    max_size=3,
)
"""``Set-Cookie`` lines of other writers in the application. None of them holds a session."""
CONTENTS = st.fixed_dictionaries(
    {"n": st.integers(0, 5)},
    optional={"user": st.just("ada"), "remember": st.booleans(), "big": st.just("x" * 90)},
)


@attrs.frozen
class Visit:
    """One request. The server is the one that ran last."""

    act: str
    contents: dict[str, Any]
    https: bool
    path: str
    own: dict[str, Any]
    """The request's own attributes."""
    foreign: list[str]
    takes: float
    """Seconds from the request to its response."""


@attrs.frozen
class Server:
    """A server is started with other options and keys."""

    options: dict[str, Any]
    keys: tuple[str, ...]


Story = list[Visit | Server | float]


def stories(waits: st.SearchStrategy[float], *, short: bool) -> st.SearchStrategy[Story]:
    """Return what happens to one visitor: visits, new servers, and times between them.

    Args:
        waits: how many seconds pass.
        short: whether cookies may end within a second or two.
    """
    shared = attributes(short=short)
    visits = st.builds(
        Visit,
        act=mostly("read", "write", "replace", "resend", "destroy", "end", "clear", "nothing"),
        contents=CONTENTS,
        https=mostly(True, False),
        path=mostly("/shop", "/", "/shop/cart"),
        own=st.one_of(*[st.just({})] * 3, shared),
        foreign=st.one_of(*[st.just([])] * 2, FOREIGN),
        takes=waits,
    )
    begins = st.builds(attrs.evolve, visits, act=st.sampled_from(["write", "replace"]))
    servers = st.builds(
        Server,
        options=st.builds(lambda shared, fixed: {**shared, **fixed}, shared, FIXED),
        keys=KEYS,
    )
    more = st.lists(st.one_of(visits, visits, begins, servers, waits), max_size=8)
    return st.builds(
        lambda server, begin, rest: [server, begin, *rest],
        servers,
        begins,
        st.one_of(
            more,
            st.builds(lambda wait, visit, rest: [wait, visit, *rest], waits, visits, more),
            st.builds(lambda server, visit, rest: [server, visit, *rest], servers, visits, more),
        ),
    )


# --- what must be true -----------------------------------------------------------------------


@attrs.define
class Told:
    """A story while it is told."""

    agent: Agent
    sessions: CookieSession = attrs.field(init=False)
    options: dict[str, Any] = attrs.field(init=False)
    keys: tuple[str, ...] = attrs.field(init=False)
    written: Counter[Written | None] = attrs.field(factory=Counter)

    def tell(self, story: Story) -> Counter[Written | None]:
        """Let everything happen, and return how often each ``written`` came."""
        for event in story:
            if isinstance(event, Server):
                self.start(event)
            elif isinstance(event, Visit):
                self.visit(event)
            else:
                self.agent.pass_time(event)
        return self.written

    def start(self, server: Server) -> None:
        """Start a server."""
        self.options, self.keys = self.values(server.options), server.keys
        expires = self.options.get("expires")
        if expires is not None and int(expires.timestamp()) <= self.agent.now():
            del self.options["expires"]  # it would be refused
        self.sessions = CookieSession(keys=self.keys, clock=self.agent.now, **self.options)

    def values(self, shared: Mapping[str, Any]) -> dict[str, Any]:
        """Return options as the library takes them."""
        options = dict(shared)
        if "max_age" in options:
            options["max_age"] = MAX_AGES[options["max_age"]]
        if "expires" in options:
            end = self.agent.now() + options["expires"]
            options["expires"] = datetime.fromtimestamp(end, timezone.utc)
        return options

    def visit(self, visit: Visit) -> None:
        """Let a browser ask, and look at it after the response."""
        url = f"{'https' if visit.https else 'http'}://{HOST}{visit.path}"
        session = self.sessions.open(self.agent.header(url), https=visit.https)
        self.act(session, visit)
        own = self.set_options(session, visit)
        self.agent.pass_time(visit.takes)
        with contextlib.suppress(ConfigurationError, CookieTooLargeError):
            session.commit(visit.foreign)
        # After a commit that fails, an error page is sent.
        set_cookies = session.commit(visit.foreign)
        now = self.agent.now()
        is_shadowed = not visit.https and self.agent.has_secure_cookies()
        self.agent.take(set_cookies, url)
        self.written[session.written] += 1
        attributes = {**self.options, **own}
        path = path_of(attributes.get("path", "/"), visit.path)
        if session.written in SENT:
            if not is_shadowed:
                self.is_in_the_browser(session, set_cookies, visit, path)
                self.ends_as_the_options_say(session, own, path, now)
        else:
            ours = set_cookies[len(visit.foreign) :]
            assert session.written is Written.EXPIRED or not ours
        if session.written is Written.EXPIRED and not is_shadowed:
            # Expired cookies of other writers may have other paths.
            assert set() == self.agent.ends(path)
        if session.written is Written.REFUSED:
            self.is_refused_with_reason(session, visit, attributes, own, now)

    @staticmethod
    def act(session: Session, visit: Visit) -> None:
        """Do what the application does."""
        if visit.act == "read":
            session.get("user")
        elif visit.act == "write":
            session.update(visit.contents)
        elif visit.act == "replace":
            session.replace(visit.contents)
        elif visit.act in ("resend", "clear"):
            getattr(session, visit.act)()
        elif visit.act in ("destroy", "end"):
            session.destroy(only_if_sent=visit.act == "end")

    def set_options(self, session: Session, visit: Visit) -> dict[str, Any]:
        """Set the request's own attributes, and return those that were taken."""
        taken = {}
        for name, value in self.values(visit.own).items():
            if callable(value):
                continue
            with contextlib.suppress(ConfigurationError):
                setattr(session.options, name, value)
                taken[name] = value
        return taken

    def is_in_the_browser(
        self, session: Session, set_cookies: list[str], visit: Visit, path: str
    ) -> None:
        """Assert that a request to the session's own path carries it, with its contents."""
        pairs = [value.partition(";")[0] for value in set_cookies[-2:]]
        assert [*self.sessions.cookie_names] == [pair.partition("=")[0] for pair in pairs]
        url = f"{'https' if visit.https else 'http'}://{HOST}{path}"
        header = self.agent.header(url)
        assert header is not None
        assert {*pairs} <= {*header.split("; ")}
        # Without a lifetime: it may have ended while the response was made.
        contents = CookieSession(keys=self.keys[:1]).decode(header)
        assert contents is not None
        for name in TIMESTAMPS:
            contents.pop(name, None)
        expected = {name: value for name, value in session.items() if name not in TIMESTAMPS}
        assert JSONCodec().encode(expected) == JSONCodec().encode(contents)

    def ends_as_the_options_say(
        self, session: Session, own: Mapping[str, Any], path: str, now: float
    ) -> None:
        """Assert that the browser keeps the session for the time that was asked for."""
        max_age = own["max_age"] if "max_age" in own else self.options.get("max_age")
        if callable(max_age):
            max_age = max_age(dict(session))
        if isinstance(max_age, timedelta):
            max_age = max_age.total_seconds()
        expires = own["expires"] if "expires" in own else self.options.get("expires")
        end = None
        if max_age is not None:
            end = math.floor(round(now + max_age, 3))
        elif expires is not None:
            end = math.floor(expires.timestamp())
        found = self.agent.ends(path)
        assert found
        for each in found:
            if end is None or each is None:
                assert end is each
            else:
                assert abs(each - end) <= self.agent.accuracy

    def is_refused_with_reason(
        self,
        session: Session,
        visit: Visit,
        attributes: Mapping[str, Any],
        own: Mapping[str, Any],
        now: float,
    ) -> None:
        """Assert that a browser would have dropped the cookie, or that it cannot be made."""
        expires = attributes.get("expires")
        has_passed = expires is not None and math.floor(expires.timestamp()) <= now
        is_too_large = len(str(dict(session))) > 90 and "max_cookie_size" in self.options
        is_broken = self.options.get("max_age") is broken and "max_age" not in own
        is_insecure = bool(attributes.get("secure")) and not visit.https
        assert is_insecure or is_broken or has_passed or is_too_large


def path_of(attribute: str | None, request_path: str) -> str:
    """Return the path of a cookie, which is that of the page where none is named."""
    return attribute or request_path[: request_path.rindex("/")] or "/"
