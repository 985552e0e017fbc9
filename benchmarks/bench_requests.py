"""The time of special ``Cookie`` headers: refused, crowded, signed by an old key, very long."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial

from cookiesession_core import CookieSession, Keygrip, Outcome, Session

from .payloads import KEY, TYPICAL, cookie_header
from .question import Case, Question, checked, timed
from .sessions import SESSIONS, visitor

KEYS = [f"key number {index} of the rotation, 32 bytes or more" for index in range(10)]


def request(sessions: CookieSession, header: str) -> Session:
    """Read the session and commit it."""
    session = sessions.open(header, https=True)
    len(session)
    session.commit()
    return session


def headers() -> Iterator[Case]:
    """Compare reading requests of different headers with a request that is accepted."""
    own = visitor(SESSIONS, TYPICAL.contents)
    pair = own.partition(";")[0]
    other = f"session.sig={Keygrip(['another key, which nobody here has ever seen']).sign(pair)}"
    nonsense = f"session={b64encode(b'this is not JSON, whatever one does' * 5).decode()}"
    signed = f"session.sig={Keygrip([KEY]).sign(nonsense)}"
    forged = "; ".join(f"session={index}; session.sig={index}" for index in range(50))
    rows = {
        "accepted": (own, Outcome.LOADED),
        "accepted, behind 10 other cookies": (cookie_header(own, foreign=10), Outcome.LOADED),
        "accepted, behind 50 other cookies": (cookie_header(own, foreign=50), Outcome.LOADED),
        "no session": (cookie_header(foreign=10), Outcome.ABSENT),
        "no signature": (pair, Outcome.UNSIGNED),
        "wrong signature": (cookie_header(pair, other), Outcome.BAD_SIGNATURE),
        "signed, but not JSON": (cookie_header(nonsense, signed), Outcome.MALFORMED),
        "50 forged pairs": (forged, Outcome.BAD_SIGNATURE),
        "a forged value of 8 KB": (f"session={'x' * 8192}; {other}", Outcome.BAD_SIGNATURE),
    }
    for row, (header, outcome) in rows.items():
        call = partial(request, SESSIONS, header)
        checked(call, lambda read: read.outcome, outcome)
        yield from timed("T", row, {"time": call})
    sessions = CookieSession(keys=KEYS)
    for place in (1, 2, 5, 10):
        cookie = visitor(CookieSession(keys=[KEYS[place - 1]]), TYPICAL.contents)
        call = partial(request, sessions, cookie)
        checked(call, lambda read: read.key_index, place - 1)
        yield from timed("T", f"signed by key {place} of 10", {"time": call})


LONG: dict[str, Callable[[int], str]] = {
    "one foreign value": lambda length: "theme=" + "x" * length,
    "foreign cookies": lambda length: "name=value; " * (length // 12),
    "names that end in ours": lambda length: "xsession=1; " * (length // 12),
    "spaces": lambda length: " " * length + "session=1",
    "our name again and again": lambda length: "session=1; session.sig=2; " * (length // 26),
    "our name without separators": lambda length: "session=" * (length // 8),
    "a quote that is not closed": lambda length: 'session="' + "x" * length,
}


def linearity() -> Iterator[Case]:
    """Double the length of a header: twice the time is linear, four times is quadratic."""
    for length in (64, 128):
        calls = {
            column: partial(request, SESSIONS, make(length * 1024)) for column, make in LONG.items()
        }
        yield from timed("", f"{length} KiB", calls)


QUESTIONS = (
    Question("headers", "Refused and crowded headers", headers, "accepted"),
    Question("linearity", "Long headers", linearity),
)
