"""From header to contents and back, without a framework: the floor, libraries, Node's original."""

from collections.abc import Iterator

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import CookieSession

from . import floor, originals
from .contenders import LIBRARIES, find
from .payloads import KEY, LARGE, PAYLOADS, PLAIN, TYPICAL, Payload, as_request, cookie_header
from .question import Case, Question, timed
from .sessions import FUNCTIONS, SESSIONS, TITLE, floor_calls, library_calls, session_calls

FAST = CookieSession(keys=[KEY], codec=FastJSONCodec())


def ours(payload: Payload, without: str) -> Iterator[Case]:
    """Return the rows of our session, with the standard library and with compiled ones."""
    for title, sessions in ((TITLE, SESSIONS), (f"{TITLE}[fast]", FAST)):
        calls = session_calls(sessions, payload, PLAIN)
        calls.pop(without, None)
        yield from timed(payload.size, title, calls)


def against_the_floor() -> Iterator[Case]:
    """Compare the functions and the session with the floor, on plain responses."""
    for payload in PAYLOADS:
        yield from timed(payload.size, "floor", floor_calls(payload, PLAIN))
        calls = library_calls(FUNCTIONS, payload)
        del calls["round trip"]  # the floor's includes the response
        yield from timed(payload.size, FUNCTIONS.title, calls)
        yield from ours(payload, without="untouched")


def libraries() -> Iterator[Case]:
    """Compare the two functions with those of other libraries."""
    for payload in (TYPICAL, LARGE):
        for library in (FUNCTIONS, *find(LIBRARIES)):
            yield from timed(payload.size, library.title, library_calls(library, payload))


def beside_node() -> Iterator[Case]:
    """Compare our session with Node's original."""
    for payload in PAYLOADS:
        yield from ours(payload, without="read a list")
    yield from node()


def node() -> Iterator[Case]:
    """Measure Node's original."""
    tasks = []
    for payload in PAYLOADS:
        cookie = as_request(floor.save(payload.contents))
        task = {"size": payload.size, "contents": payload.contents, "cookie": cookie}
        tasks.append({**task, "crowded": cookie_header(cookie, foreign=10)})
    for size, operation, sample in originals.calls(
        "operations.js", {"key": KEY, "payloads": tasks}
    ):
        yield Case(size, "Node cookie-session", operation, sample)


QUESTIONS = (
    Question("floor", "The floor, on plain responses", against_the_floor, "floor"),
    Question("libraries", "Functions of other libraries", libraries, FUNCTIONS.title),
    Question("node", "Node's cookie-session", beside_node, TITLE),
)
