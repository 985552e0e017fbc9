"""This library as an implementation that ``docs/wire/check.py`` checks."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import sys
import warnings
from typing import Any

from cookiesession_core import (
    CookieOptions,
    CookieSession,
    CookieSessionError,
    JSONCodec,
    Keygrip,
    Session,
    find_cookie,
    format_set_cookie,
)

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
Given = dict[str, Any]
Answer = dict[str, Any]


def sign(given: Given) -> Answer:
    return {"signature": Keygrip(given["keys"], given["algorithm"]).sign(given["text"])}


def verify(given: Given) -> Answer:
    grip = Keygrip(given["keys"], given["algorithm"])
    index = grip.index(given["text"], given["signature"])
    return {"key": None if index < 0 else index}


def encode(given: Given) -> Answer:
    return {"value": JSONCodec().encode(json.loads(given["contents"]))}


def find(given: Given) -> Answer:
    return {"value": find_cookie(given["header"], given["name"])}


def read(given: Given) -> Answer:
    session = sessions_of(given).open(given["header"])
    text = base64.b64decode(JSONCodec().encode(session)).decode()
    return {"contents": None if session.is_new else text}


def set_cookie(given: Given) -> Answer:
    options = CookieOptions(**cookie_options(given))
    now = given["now"] / 1000
    line = format_set_cookie(given["name"], given["value"], options, https=given["https"], now=now)
    return {"set_cookie": line}


def respond(given: Given) -> Answer:
    session = sessions_of(given).open(given["header"], https=given["https"])
    act(session, given)
    return {"set_cookie": session.commit(given["set_cookie"])}


def act(session: Session, given: Given) -> None:
    """Do what the application does."""
    if given["action"] == "read":
        len(session)
    elif given["action"] == "write":
        session.clear()
        session.update(json.loads(given["contents"]))
    elif given["action"] == "replace":
        session.replace(json.loads(given["contents"]))
    elif given["action"] == "destroy":
        session.destroy()


def sessions_of(given: Given) -> CookieSession:
    """Return the sessions of a case, at its time."""
    keys = given["keys"]
    timeouts = {
        name: given[name] / 1000 for name in ("idle_timeout", "absolute_timeout") if name in given
    }
    return CookieSession(
        keys=None if keys is None else Keygrip(keys, given["algorithm"]),
        signed=keys is not None,
        name=given["name"],
        clock=lambda: given["now"] / 1000,
        **timeouts,
        **cookie_options(given),
    )


def cookie_options(given: Given) -> dict[str, Any]:
    """Return the attributes in the units of the library."""
    options = dict(given.get("options", {}))
    if "max_age" in options:
        options["max_age"] /= 1000
    if "expires" in options:
        options["expires"] = EPOCH + dt.timedelta(milliseconds=options["expires"])
    return options


OPERATIONS = {
    "sign": sign,
    "verify": verify,
    "encode": encode,
    "find": find,
    "read": read,
    "set_cookie": set_cookie,
    "respond": respond,
}


def answer_of(given: Given) -> Answer:
    """Return the answer to a case."""
    try:
        return OPERATIONS[given["op"]](given)
    except CookieSessionError:
        return {"error": True}


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the keys of the cases are short
    logging.disable()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer_of(json.loads(line))) + "\n")
        sys.stdout.flush()
