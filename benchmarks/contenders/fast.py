"""This library with its codec on compiled libraries, ``cookiesession[fast]``."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.contender import Contender, Operation
from benchmarks.contenders import ours
from benchmarks.payloads import KEY, Payload
from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import CookieSession

SESSIONS = CookieSession(keys=[KEY], codec=FastJSONCodec())


def operations(payload: Payload) -> Iterator[Operation]:
    """Return the same operations as of the standard codec."""
    return ours.operations(payload, SESSIONS)


CONTENDER = Contender(
    name="fast",
    title="cookiesession[fast]",
    differs="the same octets, by msgspec and pybase64",
    operations=operations,
)
