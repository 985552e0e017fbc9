"""Every order of up to four requests of one visitor: what a request that only reads changes.

The search visits each state of the browser and of the requests under way. In each state, a
request may be sent at any server, a response may arrive, and time may pass.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from cookiesession_core import CookieSession, Session, Written
from cookiesession_core.state import RENEWALS
from tests.support.keys import NEWEST, OLDER, OTHER
from tests.support.user_agent import CookieJar

URL = "http://example.com/"
NOW = 1_700_000_000
MINUTE, HOUR = 60, 3600
REQUESTS = 4


@attrs.frozen
class Server:
    """The configuration of a server."""

    keys: tuple[str, ...]
    options: tuple[tuple[str, Any], ...] = ()

    def sessions(self, clock: Callable[[], float]) -> CookieSession:
        """Return a process of the server."""
        return CookieSession(keys=self.keys, clock=clock, **dict(self.options))


def read(session: Session) -> None:
    session.get("user")


def log_in(session: Session) -> None:
    session.replace({"user": "new"})


def count(session: Session) -> None:
    session["count"] = session.get("count", 0) + 1


def log_out(session: Session) -> None:
    session.destroy()


ACTS = (read, log_in, count, log_out)


@attrs.frozen
class Request:
    """A request under way."""

    server: Server
    act: Callable[[Session], None]
    header: str | None
    """The cookies that it carries."""
    sent: float


@attrs.frozen
class State:
    """The browser's cookies, the requests under way in any order, and how many were sent."""

    header: str | None
    now: float
    under_way: frozenset[tuple[Request, int]] = frozenset()
    """Each with the number of requests that are equal."""
    sent: int = 0


@attrs.frozen
class Visit:
    """A visitor's cookies, the servers that answer, and the times at which requests are sent."""

    begins: Server | None
    servers: tuple[Server, ...]
    times: tuple[float, ...] = (0,)
    may_renew: bool = False

    def first(self) -> State:
        """Return the state before the first request."""
        header = None
        if self.begins is not None:
            header = self.begins.sessions(lambda: NOW).cookie_header({"user": "old"})
        return State(header, NOW + self.times[0])


IDLE = (("idle_timeout", HOUR),)
LIMITED = (("idle_timeout", HOUR), ("absolute_timeout", 2 * HOUR), ("max_age", HOUR))
OLD, NEW, BOTH = Server((OLDER,)), Server((NEWEST,)), Server((NEWEST, OLDER))
NEIGHBOUR = Server((OTHER,))
VISITS = {
    "without a session": Visit(None, (NEW,)),
    "with a session": Visit(NEW, (NEW,)),
    "a key is added": Visit(OLD, (OLD, Server((OLDER, NEWEST)))),
    "a new key signs": Visit(OLD, (Server((OLDER, NEWEST)), BOTH), may_renew=True),
    "a key was dropped": Visit(OLD, (NEW,)),
    "a key is being dropped": Visit(OLD, (BOTH, NEW), may_renew=True),
    "beside a second application": Visit(NEW, (NEW, NEIGHBOUR)),
    "without a session, beside a second application": Visit(None, (NEW, NEIGHBOUR)),
    "in time": Visit(Server((NEWEST,), IDLE), (Server((NEWEST,), IDLE), NEIGHBOUR), (0, MINUTE)),
    "half of the idle time passes": Visit(
        Server((NEWEST,), LIMITED),
        (Server((NEWEST,), LIMITED),),
        (HOUR / 2 - 1, HOUR / 2 + 1),
        may_renew=True,
    ),
    "the idle time ends": Visit(
        Server((NEWEST,), LIMITED), (Server((NEWEST,), LIMITED), NEIGHBOUR), (HOUR + 61,)
    ),
    "a timeout is turned on": Visit(NEW, (NEW, Server((NEWEST,), IDLE)), may_renew=True),
    "a clock was ahead": Visit(
        Server((NEWEST,), IDLE), (Server((NEWEST,), IDLE),), (-HOUR,), may_renew=True
    ),
}


@functools.cache
def respond(request: Request, now: float) -> tuple[Written | None, tuple[str, ...]]:
    """Return what a response sends."""
    clock = [request.sent]
    session = request.server.sessions(lambda: clock[0]).open(request.header)
    request.act(session)
    clock[0] = now
    set_cookies = session.commit()
    return session.written, tuple(set_cookies)


@functools.cache
def stored(header: str | None, set_cookies: tuple[str, ...], now: float) -> str | None:
    """Return the cookies of a browser that takes a response."""
    jar = CookieJar()
    for pair in header.split("; ") if header else ():
        jar.store(f"{pair}; path=/", URL, now=now)
    for value in set_cookies:
        jar.store(value, URL, now=now)
    return jar.header(URL, now=now)


@functools.cache
def contents(header: str | None) -> str:
    """Return the contents of the session in the browser, whatever its age, and of whom it is."""
    for keys in ([NEWEST, OLDER], [OTHER]):
        found = CookieSession(keys=keys).decode(header)
        if found is not None:
            shown = {name: found[name] for name in ("user", "count") if name in found}
            return f"{keys[0]}: {shown}"
    # A cookie that does not verify would be a value beside the signature of another one.
    assert header is None
    return "none"


def steps(visit: Visit, state: State) -> Iterator[tuple[State, Request | None]]:
    """Return the states that may follow, each with the request that was answered."""
    under_way = dict(state.under_way)
    if state.sent < REQUESTS:
        for server in visit.servers:
            for act in ACTS:
                request = Request(server, act, state.header, state.now)
                more = {**under_way, request: under_way.get(request, 0) + 1}
                yield (
                    attrs.evolve(state, under_way=frozenset(more.items()), sent=state.sent + 1),
                    None,
                )
    for request, number in under_way.items():
        less = {**under_way, request: number - 1}
        header = stored(state.header, respond(request, state.now)[1], state.now)
        kept = frozenset((each, left) for each, left in less.items() if left)
        yield attrs.evolve(state, header=header, under_way=kept), request
    for seconds in visit.times:
        if NOW + seconds > state.now:
            yield attrs.evolve(state, now=NOW + seconds), None


@pytest.mark.parametrize("visit", VISITS.values(), ids=VISITS)
def test_a_request_that_only_reads_changes_nothing_that_another_one_wrote(visit: Visit) -> None:
    seen = {visit.first()}
    waiting = [*seen]
    undone: Counter[bool] = Counter()
    while waiting:
        state = waiting.pop()
        for after, request in steps(visit, state):
            if request is not None and request.act is read:
                undone[check(visit, state, after, request)] += 1
            if after not in seen:
                seen.add(after)
                waiting.append(after)

    assert undone[False] > 400  # the search has gone far
    assert bool(undone[True]) is visit.may_renew


def check(visit: Visit, before: State, after: State, request: Request) -> bool:
    """Check the response to a request that only read; return whether it has undone a write."""
    written, set_cookies = respond(request, before.now)
    assert not [value for value in set_cookies if "1970" in value]
    if written not in RENEWALS:
        assert () == set_cookies
        assert before.header == after.header
        return False
    assert visit.may_renew
    # A renewal brings the session of its request, signed or prolonged anew.
    assert contents(after.header) == contents(request.header)
    is_undone = contents(before.header) != contents(after.header)
    # Then another response has arrived since the request was sent.
    assert not is_undone or before.header != request.header
    return is_undone
