"""A million requests in one process, of every kind and through every adapter; memory stays flat.

``make soak`` or ``python -m tests.soak 1000000``. The first tenth of the requests does not count.
Memory is flat if the last quarter of the samples holds at most ``SLACK`` more than the first one.
Each sample is taken after a garbage collection. The program ends with 1 if memory grows, or if it
has never seen an outcome or a result of a commit.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import statistics
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path as File
from typing import Any

import attrs

from cookiesession_core import (
    CookieSession,
    CookieSessionError,
    Outcome,
    Session,
    Written,
)
from tests.support import in_process
from tests.support.cookies import cookie_header, signed_pair
from tests.support.in_process import Path
from tests.support.keys import KEYS, OLDER, OTHER

SLACK = {"traced": 200_000, "resident": 4_000_000}
"""Bytes by which memory may differ: of Python's objects, and of the process."""
SAMPLES = 50
VISITORS = 100
MINUTE, HOUR = 60, 3600


def main(arguments: Sequence[str]) -> int:
    """Run the number of requests that the first argument gives."""
    soak = Soak(int(arguments[0]) if arguments else 1_000_000)
    with closing(asyncio.new_event_loop()) as loop:
        soak.run(loop)
    return soak.report()


@attrs.define
class Sample:
    """Memory in bytes, after a number of requests."""

    requests: int
    traced: int
    resident: int


@attrs.define
class Soak:
    """Visitors in random order, a server behind each adapter, and the counted results."""

    requests: int
    now: float = 1_700_000_000
    jars: list[dict[str, str]] = attrs.field(factory=lambda: [{} for _ in range(VISITORS)])
    outcomes: Counter[Outcome] = attrs.field(factory=Counter)
    written: Counter[Written] = attrs.field(factory=Counter)
    paths: Counter[str] = attrs.field(factory=Counter)
    raised: Counter[str] = attrs.field(factory=Counter)
    samples: list[Sample] = attrs.field(factory=list)
    began: float = 0

    def configured(self, *keys: str, **options: Any) -> CookieSession:
        """Return sessions with every check that there is."""
        return CookieSession(
            keys=keys,
            max_age=HOUR,
            idle_timeout=30 * MINUTE,
            absolute_timeout=12 * HOUR,
            validate=lambda contents: "banned" not in contents,
            clock=lambda: self.now,
            **options,
        )

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve all requests, and take samples of memory."""
        sessions = self.configured(*KEYS)
        old, strange = self.configured(OLDER), self.configured(OTHER)
        core = in_process.core(sessions)
        fast = {
            "core": core,
            "WSGI": in_process.through_wsgi(sessions),
            "ASGI": in_process.through_asgi(sessions),
        }
        slow = {
            "aiohttp": in_process.through_aiohttp(sessions, loop),
            "Tornado": in_process.through_tornado(sessions, loop),
        }
        secure = in_process.core(self.configured(*KEYS, secure=True))
        arrivals = list(ARRIVALS.values())
        draw = random.Random(2024)
        every = max(1, self.requests // SAMPLES)
        tracemalloc.start()
        self.began = time.monotonic()
        for number in range(1, self.requests + 1):
            jar = self.jars[draw.randrange(VISITORS)]
            self.now += 0.1
            if draw.random() < 0.05:
                draw.choice(arrivals)(jar, sessions, old, strange)
            act = draw.choice(ACTS)
            name, serve = draw.choice(list(fast.items()))
            if number % 200 == 0 and act in HARMLESS:
                name, serve = draw.choice(list(slow.items()))
            elif number % 50 == 0:
                name, serve = "core, secure over plain HTTP", secure
            self.paths[name] += 1
            self.request(jar, serve, act)
            if number % every == 0:
                self.sample(number)
        tracemalloc.stop()

    def request(self, jar: dict[str, str], serve: Path, act: Callable[[Session], object]) -> None:
        """Serve one request with the cookies of ``jar``, which stores the new ones."""
        seen: list[Session] = []

        def look_and_act(session: Session) -> None:
            seen.append(session)
            act(session)

        set_cookies: list[str] = []
        try:
            set_cookies = serve(cookie_header(jar), look_and_act)
        except CookieSessionError as error:
            self.raised[type(error).__name__] += 1
        for each in set_cookies:
            pair, _, attributes = each.partition("; ")
            name, _, value = pair.partition("=")
            if "expires=Thu, 01 Jan 1970" in attributes:
                jar.pop(name, None)
            else:
                jar[name] = value
        (session,) = seen
        if session.accessed:
            self.outcomes[session.outcome] += 1
        assert session.written is not None
        self.written[session.written] += 1

    def sample(self, number: int) -> None:
        """Note how much memory is in use, and show how far we are."""
        gc.collect()
        self.samples.append(Sample(number, tracemalloc.get_traced_memory()[0], resident()))
        if number * 10 % self.requests < self.requests / SAMPLES * 10 or sys.stdout.isatty():
            rate = number / (time.monotonic() - self.began)
            last = self.samples[-1]
            line = (
                f"{number:,} of {self.requests:,} requests, {rate:,.0f} a second, "
                f"{last.traced / 1e6:.2f} MB of objects, {last.resident / 1e6:.1f} MB resident"
            )
            say(line, "\r" if sys.stdout.isatty() else "\n")

    def report(self) -> int:
        """Print the results; return the exit status."""
        say()
        for title, counted in (
            ("outcomes", {each.name: n for each, n in self.outcomes.items()}),
            ("written", {each.name: n for each, n in self.written.items()}),
            ("raised", self.raised),
            ("paths", self.paths),
        ):
            shown = ", ".join(f"{name} {n:,}" for name, n in sorted(counted.items()))
            say(f"{title}: {shown}")
        problems = [
            f"never seen: {each.name}"
            for each in (*Outcome, *Written)
            if not (self.outcomes[each] if isinstance(each, Outcome) else self.written[each])
        ]
        for kind, slack in SLACK.items():
            first, last = ends([getattr(sample, kind) for sample in self.samples])
            say(f"{kind}: {first:,.0f} bytes in the first quarter, {last:,.0f} in the last")
            if last - first > slack:
                problems.append(f"{kind} memory has grown by {last - first:,.0f} bytes")
        say("\n".join(problems) or "flat")
        return 1 if problems else 0


def say(text: str = "", end: str = "\n") -> None:
    """Print a line at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def ends(values: Sequence[int]) -> tuple[float, float]:
    """Return the medians of the first and the last quarter, the first tenth left out."""
    warm = values[len(values) // 10 :]
    quarter = max(1, len(warm) // 4)
    return statistics.median(warm[:quarter]), statistics.median(warm[-quarter:])


def resident() -> int:
    """Return the resident memory of this process in bytes, 0 if the system does not tell."""
    try:
        pages = File("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


# --- the cookies that a browser may have ----------------------------------------------------

Arrival = Callable[[dict[str, str], CookieSession, CookieSession, CookieSession], None]


ARRIVALS: dict[str, Arrival] = {
    "nothing": lambda jar, *_: jar.clear(),
    "no signature": lambda jar, *_: jar.pop("session.sig", None) and None,
    "no value": lambda jar, *_: jar.pop("session", None) and None,
    "a bad signature": lambda jar, *_: jar.update({"session.sig": "A" * 27}),
    "of a dropped key": lambda jar, _, __, strange: jar.update(strange.encode({"user": 7})),
    "of an old key": lambda jar, _, old, __: jar.update(old.encode({"user": 7, "cart": [1]})),
    "no session": lambda jar, *_: jar.update(signed_pair("bm90IGpzb24=")),
    "no timestamps": lambda jar, *_: jar.update(signed_pair("eyJ1c2VyIjo3fQ==")),
    "a banned one": lambda jar, sessions, *_: jar.update(sessions.encode({"banned": 1})),
    "an expired one": lambda jar, *_: jar.update(
        CookieSession(keys=KEYS, idle_timeout=60, clock=lambda: 1_600_000_000).encode({"user": 7})
    ),
    "a percent-encoded one": lambda jar, sessions, *_: jar.update(
        {name: value.replace("=", "%3D") for name, value in sessions.encode({"user": 7}).items()}
    ),
    "an empty value": lambda jar, *_: jar.update({"session": ""}),
    "a hostile header": lambda jar, *_: jar.update({"session": '"; session=' * 50}),
    "foreign cookies": lambda jar, *_: jar.update({"theme": "dark", "other.sig": "x" * 27}),
}


# --- the acts of an application --------------------------------------------------------------


def read(session: Session) -> None:
    session.get("user")


def count(session: Session) -> None:
    session["views"] = session.get("views", 0) + 1


def add_to_the_cart(session: Session) -> None:
    cart = session.setdefault("cart", [])
    cart.append({"id": len(cart), "price": 9.5})
    del cart[:-5]


def look_at_everything(session: Session) -> None:
    for key in session:
        session[key]


def log_in(session: Session) -> None:
    session.replace({"user": 7, "name": "Zoë 漢字"})


def too_large(session: Session) -> None:
    session["text"] = "x" * 5000


def unwritable(session: Session) -> None:
    session["cart"] = {1, 2}


def late(session: Session) -> None:
    count(session)
    session.commit()
    session["late"] = 1


HARMLESS = (
    *(lambda _: None, read, read, read, look_at_everything, count, add_to_the_cart, log_in),
    *(Session.clear, Session.destroy, Session.resend),
)
ACTS = (*HARMLESS * 3, too_large, unwritable, late)


if __name__ == "__main__":
    logging.getLogger("cookiesession").addHandler(logging.NullHandler())
    logging.getLogger("cookiesession").propagate = False
    sys.exit(main(sys.argv[1:]))
