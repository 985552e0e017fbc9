"""Vectors for what the recorded cases of the Node packages do not show, and for ``koa-session``.

They seal their cookies themselves, with the standard library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

from tests.node.koa_keys import FILE as KOA_FILE

from .vector import Answer, Given, Vector

NOW = 1705321845678
KEYS = ["newest key, of thirty-two bytes.", "older key, also of 32 bytes here"]
MINUTE, HOUR = 60_000, 3_600_000


def own_vectors() -> Iterator[Vector]:
    """Yield the vectors, with ids that count."""
    ids = count(1)
    for requirement, op, given, expect, node in (
        *texts(),
        *numbers(),
        *readings(),
        *depths(),
        *koa_recorded(),
        *lifetimes(),
        *beginnings(),
    ):
        yield Vector(f"own-{next(ids)}", requirement, op, given, expect, node)


Parts = tuple[str, str, Given, Answer, Answer | None]


def pair(text: str, key: str = KEYS[0]) -> tuple[str, str]:
    """Return the value of a session with this JSON, and its signature."""
    value = base64.b64encode(text.encode()).decode()
    digest = hmac.digest(key.encode(), f"session={value}".encode(), hashlib.sha1)
    return value, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def header(text: str, key: str = KEYS[0]) -> str:
    """Return the Cookie header with this session."""
    value, signature = pair(text, key)
    return f"session={value}; session.sig={signature}"


def reading(cookie: str, **more: Any) -> Given:
    return {"name": "session", "keys": KEYS, "algorithm": "sha1", "header": cookie, **more}


def encoded(text: str) -> Answer:
    return {"value": base64.b64encode(text.encode()).decode()}


def texts() -> Iterator[Parts]:
    """Yield strings with each kind of character, as a value and as a name."""
    escaped = '"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\'
    plain = "/<>&'\x7f\x80\u2028\u2029\U0001f36a"
    lone = r'\udc00\ud800.\udfff"'
    text = f"{escaped}{plain}{lone}"
    given = f"{escaped}{json.dumps(plain)[1:-1]}{lone.upper().replace('U', 'u')}"
    answer = encoded(f"{{{text}:[{text}]}}")
    yield "V2", "encode", {"contents": f"{{ {given} : [{given}] }}"}, answer, answer


def numbers() -> Iterator[Parts]:
    """Yield numbers at the limits of the notations, and integers that a double rounds."""
    for given, written in (
        ("0.1e1", "1"),
        ("-0.0", "0"),
        ("1E-6", "0.000001"),
        ("0.00000099", "9.9e-7"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("123456789.125", "123456789.125"),
        ("9.999999999999999e20", "999999999999999900000"),
        ("-1e21", "-1e+21"),
        ("123e-20", "1.23e-18"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("2.2250738585072014e-308", "2.2250738585072014e-308"),
        ("9007199254740991", "9007199254740991"),
    ):
        answer = encoded(f'{{"v":[{written}]}}')
        yield "V3", "encode", {"contents": f'{{"v": [{given}]}}'}, answer, answer
    for exact, rounded in (
        ("9007199254740993", "9007199254740992"),
        ("12345678901234567890", "12345678901234567000"),
    ):
        ours, node = encoded(f'{{"v":{exact}}}'), encoded(f'{{"v":{rounded}}}')
        yield "V3", "encode", {"contents": f'{{"v": {exact}}}'}, ours, node


def readings() -> Iterator[Parts]:
    """Yield cookies that are spelt in another way, or that come several times."""
    text = '{"user":7,"name":"\u00ff\u00fe\u00fd"}'
    value, signature = pair(text)
    loaded, none = {"contents": text}, {"contents": None}
    forged = f"session={'A' * 8}; session.sig={'A' * 27}"
    for cookie in (
        f"{forged}; session={value}; session.sig={signature}",
        f"session={value}; session.sig={'A' * 27}; session.sig={signature}",
        f"session={'A' * 8}; session={value}; session.sig={signature}",
    ):
        yield "R2", "read", reading(cookie), loaded, none
    once, twice = quote(value, safe=""), quote(quote(value, safe=""), safe="")
    yield "R3", "read", reading(f"session={once}; session.sig={signature}"), loaded, none
    lower = once.replace("%3D", "%3d")
    yield "R3", "read", reading(f"session={lower}; session.sig={signature}"), loaded, none
    yield "R3", "read", reading(f"session={twice}; session.sig={signature}"), none, none
    yield "R3", "read", reading(f"session={once}; session.sig={'A' * 27}"), none, none


def depths() -> Iterator[Parts]:
    """Yield the deepest session that is read, and one that is deeper."""
    for levels in (500, 501):
        inside = levels - 1  # the session itself is a level
        text = f'{{"a":{"[" * inside}{"]" * inside}}}'
        contents = {"contents": text}
        ours = contents if levels == 500 else {"contents": None}
        yield "L2", "read", reading(header(text)), ours, contents


# --- the timestamps --------------------------------------------------------------------------


def koa_recorded() -> Iterator[Parts]:
    """Yield the recorded answers of koa-session to sessions whose keys mean nothing to it."""
    for case in json.loads(KOA_FILE.read_text("utf-8"))["cases"]:
        if case["name"] not in ("`save`", "any key inside `cart`"):
            continue
        changed = json.dumps({**case["contents"], "views": 2})
        cookie, expect = case["cookie"], case["expect"]
        read = {"set_cookie": expect["read"]["set_cookie"]}
        saved = {"set_cookie": expect["save"]["set_cookie"]}
        yield "T3", "respond", exchange(cookie, action="read"), read, read
        given = exchange(cookie, action="write", contents=changed)
        yield "T1", "respond", given, saved, saved


def exchange(cookie: str | None, *, idle: int | None = HOUR, **more: Any) -> Given:
    timeout = {} if idle is None else {"idle_timeout": idle}
    return {
        **reading(cookie or ""),
        "header": cookie,
        "options": {} if idle is None else {"max_age": idle},
        "https": False,
        "now": NOW,
        "set_cookie": [],
        **timeout,
        **more,
    }


def sent(
    text: str, attributes: str = "path=/; expires=Mon, 15 Jan 2024 13:30:45 GMT; httponly"
) -> Answer:
    """Return the answer that sends a session with this JSON."""
    value, signature = pair(text)
    names = {"session": value, "session.sig": signature}
    return {"set_cookie": [f"{name}={part}; {attributes}" for name, part in names.items()]}


def stamped(end: int, idle: int = HOUR) -> str:
    return f'{{"user":7,"_expire":{end},"_maxAge":{idle}}}'


def lifetimes() -> Iterator[Parts]:
    """Yield what koa-session does, too."""
    loaded, none = {"contents": '{"user":7}'}, {"contents": None}
    nothing: Answer = {"set_cookie": []}
    renewed = sent(stamped(NOW + HOUR))
    user = '{"user": 7}'
    at = {"idle_timeout": HOUR, "now": NOW}
    yield "T1", "respond", exchange(None, action="write", contents=user), renewed, renewed
    yield "T1", "respond", exchange(None, action="read"), nothing, nothing
    yield "T2", "read", reading(header(stamped(NOW + 1)), **at), loaded, loaded
    yield "T2", "read", reading(header(stamped(NOW + HOUR)), **at), loaded, loaded
    yield "T2", "read", reading(header(stamped(NOW - MINUTE - 1)), **at), none, none
    yield "T2", "read", reading(header(stamped(NOW - 30 * 24 * HOUR)), **at), none, none
    yield "T2", "read", reading(header(stamped(NOW - MINUTE)), **at), loaded, none
    for end, answer in (
        (NOW + HOUR // 2, nothing),
        (NOW + HOUR // 2 - 1, renewed),
        (NOW + 1, renewed),
    ):
        given = exchange(header(stamped(end)), action="read")
        yield "T3", "respond", given, answer, answer
    yield "T3", "respond", exchange(header(stamped(NOW + 1)), action="none"), nothing, nothing
    unstamped = header('{"user":7}')
    yield "T4", "read", reading(unstamped, **at), loaded, loaded
    yield "T4", "respond", exchange(unstamped, action="read"), renewed, nothing


def beginnings() -> Iterator[Parts]:
    """Yield what only this library does: a lifetime as a whole."""
    plain = "path=/; httponly"
    day = 24 * HOUR
    fresh = f'{{"user":7,"_expire":{NOW + day},"_maxAge":{day},"$start":{NOW}}}'
    given = exchange(None, idle=None, absolute_timeout=day, action="write", contents='{"user": 7}')
    yield "T5", "respond", given, sent(fresh, plain), None
    start = NOW - HOUR
    begun = f'{{"user":7,"_expire":{start + day},"_maxAge":{day},"$start":{start}}}'
    kept = f'{{"user":8,"_expire":{start + day},"_maxAge":{day - HOUR},"$start":{start}}}'
    given = exchange(
        header(begun), idle=None, absolute_timeout=day, action="write", contents='{"user": 8}'
    )
    yield "T5", "respond", given, sent(kept, plain), None
    for age, contents in ((day + MINUTE, '{"user":7}'), (day + MINUTE + 1, None)):
        text = f'{{"user":7,"$start":{NOW - age}}}'
        given = reading(header(text), absolute_timeout=day, now=NOW)
        yield "T5", "read", given, {"contents": contents}, None
