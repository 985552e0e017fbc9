"""Vectors from the recorded cases of ``keygrip``, ``cookies`` and ``cookie-session``.

A recorded case speaks JavaScript: it has the options and the calls of these packages. A vector
has their meaning. What is not the wire has no vector: wrong options, or how often an object is
made.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tests.node.vectors as recording
from cookiesession_core import CookieSession, CookieSessionError
from tests.node.vectors.replay import (
    EPOCH,
    NOW,
    Case,
    Exchange,
    NoSuchOptionError,
    expected,
    is_undefined,
    python_options,
    translated,
)

from .vector import Answer, Given, Vector, json_text

HERE = Path(recording.__file__).parent
SUITES: dict[str, Any] = {
    suite: json.loads((HERE / "data" / f"{suite}.json").read_text("utf-8"))
    for suite in ("keygrip", "cookies_get", "cookies_set", "session")
}
PACKAGES = {
    name: version
    for name, version in SUITES["session"]["header"]["packages"].items()
    if name in ("cookie-session", "cookies", "keygrip")
}
NOW_MS = round(NOW * 1000)
"""The time of the recording, in milliseconds."""

DEVIATIONS: list[dict[str, Any]] = json.loads((HERE / "deviations.json").read_text("utf-8"))
ABOUT_THE_WIRE = (
    "re-signing after rotation sends",
    "a session with an old key's signature",
    "of several cookies or signatures",
    "path and domain may inject",
    "change detection compares",
    "JSON that is not an object",
    "integers beyond 2**53",
    "req.session = {} with a loaded session",
    "a bad signature is expired",
    "an empty value with a signature",
)
"""The deviations of which the specification shows both answers."""
OURS: dict[str, Answer] = {
    case_id: answer
    for entry in DEVIATIONS
    if entry["node"].startswith(ABOUT_THE_WIRE)
    for case_id, answer in entry["answers"].items()
}
LEFT_OUT = {case_id for entry in DEVIATIONS for case_id in entry["answers"]} - OURS.keys()


class NotTheWireError(Exception):
    """The recorded case says nothing that every implementation must do."""


def recorded_vectors() -> Iterator[Vector]:
    """Yield the vectors of all recorded cases."""
    ways = {
        "keygrip": keygrip_vectors,
        "cookies_get": find_vectors,
        "cookies_set": set_cookie_vectors,
        "session": session_vectors,
    }
    for suite, way in ways.items():
        for case in SUITES[suite]["cases"]:
            if case["id"] not in LEFT_OUT:
                try:
                    yield from way(case, *answers_of(suite, case))
                except NotTheWireError:
                    continue


def answers_of(suite: str, case: Case) -> tuple[Answer, Answer]:
    """Return our answer to a recorded case, and Node's."""
    newest = expected(suite, case)
    # The packages that the tests run have this version of `cookies`.
    pinned = {key: value for key, value in case["expect"].items() if key != "expect_cookies_latest"}
    return OURS.get(case["id"], newest), expected(suite, {**case, "expect": pinned})


def checked(text: Any) -> str:
    """Return text that a header can hold. Each character is a byte."""
    if not isinstance(text, str) or any(character > "\xff" for character in text):
        raise NotTheWireError
    return text


# --- signatures ------------------------------------------------------------------------------


def keygrip_vectors(case: Case, ours: Answer, node: Answer) -> Iterator[Vector]:
    keys, text = case["keys"], case["data"]
    if (
        case["encoding"] not in (None, "", "base64")
        or "error" in ours
        or not isinstance(text, str)
        or not all(isinstance(key, str) for key in keys)
    ):
        return
    algorithm = case["algorithm"] or "sha1"
    if not algorithm.islower():
        return  # another spelling of a hash, for OpenSSL
    given = {"keys": keys, "algorithm": algorithm, "text": text}
    if case["op"] == "sign":
        requirement = "S1" if algorithm == "sha1" else "S2"
        answers = [{"signature": answer["digest"]} for answer in (ours, node)]
    elif isinstance(case["digest"], str):
        requirement = "S4" if case["group"] == "wrong-digest" else "S3"
        given["signature"] = case["digest"]
        answers = [
            {"key": None if index < 0 else index} for index in (ours["index"], node["index"])
        ]
    else:
        return
    yield Vector(case["id"], requirement, case["op"].replace("index", "verify"), given, *answers)


# --- cookies ---------------------------------------------------------------------------------


def find_vectors(case: Case, ours: Answer, node: Answer) -> Iterator[Vector]:
    if case["opts"] is not None or "value" not in ours or case["cookie"] is None:
        return
    given = {"header": checked(case["cookie"]), "name": checked(case["name"])}
    literal = case["group"] in ("names", "escape")
    requirement = "H2" if literal else "H3" if '"' in case["cookie"] else "H1"
    answers = ({"value": answer["value"]} for answer in (ours, node))
    yield Vector(case["id"], requirement, "find", given, *answers)


ATTRIBUTES = {
    "max_age": "C3",
    "expires": "C3",
    "secure": "C4",
    "path": "C2",
    "domain": "C2",
    "priority": "C1",
    "same_site": "C1",
    "http_only": "C1",
    "partitioned": "C1",
}
"""Each attribute, and the requirement for it. Of several attributes, the first one counts."""


def set_cookie_vectors(case: Case, ours: Answer, node: Answer) -> Iterator[Vector]:
    about_text = case["group"] in ("names", "values")
    value = case["value"]
    if case["ctor_secure"] is not None or case["prior"] is not None:
        return
    if not isinstance(value, str | None):
        return
    if "signed" in (case["options"] or {}) or (case["keys"] and case["options"] is not None):
        return  # the session cases have signatures
    if any(each is None or is_undefined(each) for each in (case["options"] or {}).values()):
        return  # a call with undefined
    options = neutral_options(case["options"] or {})
    options.pop("overwrite", None)
    if "error" in ours and not about_text and not options.keys() <= {"path", "domain"}:
        return
    given = {
        "name": checked(case["name"]),
        "value": checked(value) if value else None,
        "options": options,
        "https": bool(case["https"]),
        "now": NOW_MS,
    }
    if "error" in ours:
        requirement = "C6"
    elif not value:
        requirement = "C5"
    else:
        requirement = next((ATTRIBUTES[each] for each in ATTRIBUTES if each in options), "C1")
    answers = (
        {"error": True} if "error" in answer else {"set_cookie": answer["set_cookie"][0]}
        for answer in (ours, node)
    )
    yield Vector(case["id"], requirement, "set_cookie", given, *answers)


def neutral_options(options: Case) -> Given:
    """Return the attributes of a cookie: the times in milliseconds, no key."""
    try:
        keywords = python_options(options)
    except NoSuchOptionError:
        raise NotTheWireError from None
    result: Given = {}
    for name, value in keywords.items():
        if name in ("keys", "secret", "name", "signed"):
            continue
        if name == "max_age" and type(value) in (int, float) and float(value * 1000).is_integer():
            result[name] = round(value * 1000)
        elif name == "expires" and isinstance(value, dt.datetime):
            result[name] = round((value - EPOCH) / dt.timedelta(milliseconds=1))
        elif is_plain(name, value):
            result[name] = value
        else:
            raise NotTheWireError
    return result


def is_plain(name: str, value: Any) -> bool:
    """Whether an option has a value that means the same in every language."""
    if name in ("path", "domain"):
        return value is None or (isinstance(value, str) and value != "")
    if name == "same_site":
        return value in ("lax", "strict", "none")
    if name == "priority":
        return value in ("low", "medium", "high")
    return isinstance(value, bool)


# --- sessions --------------------------------------------------------------------------------


def session_vectors(case: Case, ours: Answer, node: Answer) -> Iterator[Vector]:
    if ours["construct_error"] or node["construct_error"]:
        return
    given = request_of(case)
    group, case_id = case["group"], case["id"]
    if [op["op"] for op in case["ops"]] == ["read"]:
        asked = {key: given[key] for key in ("name", "keys", "algorithm", "header")}
        answers = [contents_read(answer["observed"][0]) for answer in (ours, node)]
        yield Vector(f"{case_id}-read", requirement_of_reading(case), "read", asked, *answers)
    if group in ENCODED:
        yield from encode_vectors(case, ours, node)
    if group not in READ_ONLY:
        yield from respond_vectors(case, given, ours, node)


READ_ONLY = {"base64", "payload-bytes", "cookie-header", "names"}
"""Groups of which only the reading is of interest."""
ENCODED = {"upstream": "V1", "nested": "V1", "sequence": "V1", "values": "V2", "keys-order": "V4"}
"""Groups that show how contents become a value, and for what."""


def request_of(case: Case) -> Given:
    """Return the request and the configuration of a recorded case."""
    options = dict(case["options"] or {})
    keys, algorithm = options.get("keys", options.get("secret")), "sha1"
    if isinstance(keys, dict) and "$keygrip" in keys:
        grip = keys["$keygrip"]
        if grip.get("encoding") not in (None, "base64"):
            raise NotTheWireError
        keys, algorithm = grip["keys"], grip.get("algorithm") or "sha1"
    if "secret" in options and isinstance(options["secret"], str) and "keys" not in options:
        keys = [options["secret"]]
    if options.get("signed") is False:
        keys = None
    elif not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
        raise NotTheWireError
    cookie = case["cookie"]
    return {
        "name": checked(options.get("name", "session")),
        "keys": keys,
        "algorithm": algorithm,
        "options": neutral_options(options),
        "header": [checked(each) for each in cookie] if isinstance(cookie, list) else cookie,
        "https": bool(case["https"]),
        "now": NOW_MS,
    }


def contents_read(seen: Any) -> Answer:
    """Return the JSON of a session that was read; none for a new one."""
    if not isinstance(seen, dict) or not isinstance(seen.get("session"), str):
        raise NotTheWireError
    return {"contents": None if seen["isNew"] else seen["session"]}


def requirement_of_reading(case: Case) -> str:
    by_group = {"base64": "D1", "payload-bytes": "D2", "cookie-header": "H1", "names": "H2"}
    if isinstance(case["cookie"], list):
        return "H4"
    if case["group"] == "payload":
        is_refused = case["expect"]["observed"][0]["isNew"]
        return "D5" if is_about("JSON that is not", case) else "D3" if is_refused else "D4"
    if is_about("of several cookies", case):
        return "R2"
    return by_group.get(case["group"], "R1")


def is_about(deviation: str, case: Case) -> bool:
    """Whether the case belongs to the deviation whose description begins so."""
    return any(
        case["id"] in entry["answers"]
        for entry in DEVIATIONS
        if entry["node"].startswith(deviation)
    )


def encode_vectors(case: Case, ours: Answer, node: Answer) -> Iterator[Vector]:
    """Yield the cookie's value that was sent for contents."""
    sent = ours["set_cookie"]
    contents = contents_at_end(case)
    text = json_text(contents)
    if not contents or not sent or sent != node["set_cookie"] or text is None:
        return
    value = {"value": sent[0].partition(";")[0].partition("=")[2]}
    requirement = ENCODED[case["group"]]
    if requirement == "V2" and any(type(item) in (int, float) for item in contents.values()):
        requirement = "V3"
    elif requirement == "V2" and any(isinstance(item, dict) for item in contents.values()):
        requirement = "V4"
    yield Vector(f"{case['id']}-encode", requirement, "encode", {"contents": text}, value, value)


def contents_at_end(case: Case) -> dict[str, Any]:
    """Return what the application leaves in the session."""
    try:
        options = python_options(case["options"] or {})
        exchange = Exchange(CookieSession(**options, clock=lambda: NOW), case)
        exchange.run()
    except (CookieSessionError, NoSuchOptionError, TypeError):
        raise NotTheWireError from None
    return {**exchange.session}


WRITES = {"set", "delete", "push", "incr", "clear"}
LOOKS = {"touch", "read"}


def action_of(case: Case) -> Given:
    """Return what the application does with the session, in sum."""
    ops = [op for op in case["ops"] if op["op"] != "prior"]
    names = [op["op"] for op in ops]
    if not {*names} <= WRITES | LOOKS | {"assign"}:
        raise NotTheWireError
    if not {*names} - LOOKS:
        return {"action": "read" if names else "none"}
    values = [translated(op["value"]) for op in ops if op["op"] == "assign"]
    if values == [None] and names[-1] == "assign":
        return {"action": "destroy"}
    contents = json_text(contents_at_end(case))
    if contents is None or not all(isinstance(value, dict) for value in values):
        raise NotTheWireError
    return {"action": "replace" if values else "write", "contents": contents}


def respond_vectors(case: Case, given: Given, ours: Answer, node: Answer) -> Iterator[Vector]:
    ops = [op["op"] for op in case["ops"]]
    fails = any(isinstance(seen, dict) and "throws" in seen for seen in ours["observed"])
    if fails or "commit_error" in ours or "prior" in ops[1:]:
        return
    asked = {**given, **action_of(case)}
    prior = case["ops"][0]["headers"] if ops[:1] == ["prior"] else []
    asked["set_cookie"] = [prior] if isinstance(prior, str) else prior
    answers = [{"set_cookie": answer["set_cookie"]} for answer in (ours, node)]
    shows_both = asked["action"] == "read" or is_about("req.session = {}", case)
    if answers[0] != answers[1] and not shows_both:
        return  # Node answers each of several steps
    requirement = requirement_of_response(case, asked, answers[0]["set_cookie"])
    yield Vector(f"{case['id']}-respond", requirement, "respond", asked, *answers)


def requirement_of_response(case: Case, asked: Given, sent: list[str]) -> str:
    action = asked["action"]
    if asked["set_cookie"]:
        return "C8"
    if asked["options"].get("secure") and not asked["https"]:
        return "C4"
    if is_about("re-signing after", case) or is_about("a session with an old", case):
        return "W6"
    if is_about("a bad signature", case):
        return "W7"
    if asked["options"]:
        return "C7"
    if action in ("destroy", "replace"):
        return {"destroy": "W5", "replace": "W4"}[action]
    if sent:
        return "W3"
    if is_about("change detection", case) or is_about("of several cookies", case):
        return "W2"
    loaded = any(
        isinstance(seen, dict) and not seen["isNew"] for seen in case["expect"]["observed"]
    )
    return "W2" if loaded or (action == "write" and asked["header"]) else "W1"
