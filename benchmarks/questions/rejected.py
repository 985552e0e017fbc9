"""Does it cost more to send us rubbish than to be a visitor? It should not."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from typing import Any

from benchmarks.contenders.ours import SESSIONS
from benchmarks.payloads import KEY, TYPICAL, cookie_header
from benchmarks.run import Results, Run
from benchmarks.tables import Table, ratio, time
from benchmarks.timing import Call
from cookiesession_core import Keygrip, Outcome

NAME = "rejected"


def _headers() -> dict[str, tuple[str, Outcome]]:
    """Return Cookie headers by what is wrong with them, and what they are found to be."""
    cookies = SESSIONS.encode(TYPICAL.contents)
    pair, signature = f"session={cookies['session']}", cookies["session.sig"]
    other = f"session.sig={Keygrip(['another key, of which nobody knows here']).sign(pair)}"
    nonsense = f"session={b64encode(b'no JSON, whatever is done to it' * 5).decode()}"
    signed_nonsense = f"session.sig={Keygrip([KEY]).sign(nonsense)}"
    tossed = "; ".join(f"session={index}; session.sig={index}" for index in range(50))
    return {
        "accepted": (cookie_header(pair, f"session.sig={signature}"), Outcome.LOADED),
        "bad signature": (cookie_header(pair, other), Outcome.BAD_SIGNATURE),
        "no signature": (cookie_header(pair), Outcome.UNSIGNED),
        "signed, but no JSON": (cookie_header(nonsense, signed_nonsense), Outcome.MALFORMED),
        "no session": (cookie_header(foreign=10), Outcome.ABSENT),
        "fifty forged pairs": (cookie_header(tossed), Outcome.BAD_SIGNATURE),
        "a value of 8 KB": (cookie_header("session=" + "x" * 8192, other), Outcome.BAD_SIGNATURE),
    }


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row a kind of header: what the whole request costs.

    Raises:
        RuntimeError: when a header is not what it is meant to be.
    """
    calls: dict[str, Call] = {}
    headers = _headers()
    for name, (header, outcome) in headers.items():
        if SESSIONS.open(header).outcome is not outcome:
            message = f"{name}: not {outcome.value}"
            raise RuntimeError(message)
        calls[name] = partial(_request, header)
    timings = run.watch.measure(calls)
    return [
        {"header": name, "octets": len(headers[name][0]), "ns": round(timing.median, 1)}
        for name, timing in timings.items()
    ]


def _request(header: str) -> list[str]:
    session = SESSIONS.open(header)
    len(session)
    return session.commit()


def tables(results: Results) -> list[Table]:
    """Return times by kind of header."""
    measured = results.get(NAME, ())
    rows = [
        (row["header"], f"{row['octets']}", time(row["ns"]), ratio(row["ns"], measured[0]["ns"]))
        for row in measured
    ]
    head = ("the Cookie header", "octets", "request that reads", "to an accepted one")
    return [Table("Rejected cookies", head, rows)]
