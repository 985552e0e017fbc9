"""Replay recorded cases of the Node packages on the library, translating JavaScript to Python.

Each ``replay_*`` function takes a case and returns the library's answer in the shape of the
case's ``expect``. Errors are compared as "it refuses": their texts are our own.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from cookiesession_core import (
    Codec,
    CookieOptions,
    CookieSession,
    CookieSessionError,
    JSONCodec,
    Keygrip,
    Session,
    find_cookie,
    format_set_cookie,
)

NOW = 1705321845.678
"""The frozen time of the recording, in seconds."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
REFUSED = {"error": True}

Case = dict[str, Any]
Answer = dict[str, Any]
Replay = Callable[[Case], Answer]


class NoCounterpart:
    """A JavaScript value that Python has nothing like: undefined, a function, an invalid Date."""


class NoSuchOptionError(Exception):
    """Node takes the option; the library has none of the name, so Python refuses the call."""


def translated(value: Any) -> Any:
    """Return the Python value for a recorded JavaScript value."""
    if isinstance(value, list):
        return [translated(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, content),) = value.items()
        if tag == "$num":
            return float(content)
        if tag == "$date" and content is not None:
            try:
                return EPOCH + dt.timedelta(milliseconds=content)
            except OverflowError:  # JavaScript knows years that Python does not
                return NoCounterpart()
        if tag == "$bigint":
            return int(content)
        if tag == "$buffer":
            return bytes.fromhex(content)
        if tag == "$keygrip":
            return Keygrip(
                translated(content["keys"]), content.get("algorithm"), content.get("encoding")
            )
        if tag.startswith("$"):
            return NoCounterpart()
    return {key: translated(item) for key, item in value.items()}


def is_undefined(value: Any) -> bool:
    return isinstance(value, dict) and value.get("$undefined") is True


PYTHON_NAMES = {
    **{name: name for name in ("keys", "secret", "name", "signed", "path", "domain", "expires")},
    **{name: name for name in ("secure", "partitioned", "priority", "overwrite")},
    "maxAge": "max_age",
    "httpOnly": "http_only",
    "sameSite": "same_site",
}


def python_option(name: str, value: Any) -> tuple[str, Any]:
    """Return the keyword and the value for one option of Node's."""
    if name not in PYTHON_NAMES:
        raise NoSuchOptionError(name)
    nothing = value is None or is_undefined(value)
    if name == "maxAge":
        number = translated(value)
        numeric = isinstance(number, (int, float)) and not isinstance(number, bool)
        return "max_age", number / 1000 if numeric else None if nothing else number
    if name == "secure":
        return "secure", False if value is None else None if nothing else translated(value)
    if name in ("partitioned", "httpOnly", "overwrite") and nothing:
        return PYTHON_NAMES[name], False
    return PYTHON_NAMES[name], None if nothing else translated(value)


def python_options(options: Case) -> Case:
    """Return the keywords of ``CookieSession`` for the argument of ``cookieSession()``."""
    # cookie-session itself turns these into their defaults when they are null or undefined.
    defaulted = {"httpOnly", "overwrite", "signed"}
    return dict(
        python_option(name, value)
        for name, value in options.items()
        if not (name in defaulted and (value is None or is_undefined(value)))
    )


# --- keygrip.json, cookies_get.json, cookies_set.json ----------------------------------------


def replay_keygrip(case: Case) -> Answer:
    try:
        grip = Keygrip(translated(case["keys"]), case["algorithm"], case["encoding"])
        data = translated(case["data"])
        if case["op"] == "sign":
            return {"digest": grip.sign(data)}
        digest = translated(case["digest"])
        return {"index": grip.index(data, digest), "verify": grip.verify(data, digest)}
    except (CookieSessionError, TypeError):
        return REFUSED


def signer_of(keys: Any) -> Any:
    """Return the signer that ``new Cookies(req, res, {keys})`` would use."""
    keys = translated(keys)
    return Keygrip(keys) if isinstance(keys, (list, str)) else keys


def replay_cookies_get(case: Case) -> Answer:
    """Answer as ``cookies.get`` does: read a session of that name."""
    wants_signature = case["opts"] is not None and case["opts"].get(
        "signed", case["keys"] is not None
    )
    header, name = case["cookie"] or "", case["name"]
    if not wants_signature:
        return {"value": find_cookie(header, name), "set_cookie": []}
    if case["keys"] is None:
        return REFUSED if find_cookie(header, f"{name}.sig") else {"value": None, "set_cookie": []}
    try:
        sessions = CookieSession(
            keys=signer_of(case["keys"]), name=name, codec=RawText(), clock=lambda: NOW
        )
        session = sessions.open(header, https=bool(case["https"]))
        value = session.get("text")
        return {"value": value, "set_cookie": session.commit()}
    except CookieSessionError:
        return REFUSED


class RawText:
    """A codec that takes any cookie value as text, as ``cookies`` does."""

    def encode(self, contents: Any, /) -> str:
        return str(contents["text"])

    def decode(self, text: str, /) -> dict[str, Any]:
        return {"text": text}


def replay_cookies_set(case: Case) -> Answer:
    """Answer as ``cookies.set`` does, with the formatter and a Keygrip."""
    options = dict(case["options"] or {})
    keys = case["keys"]
    wanted = options.pop("signed", {"$undefined": True})
    signed = keys is not None if is_undefined(wanted) else bool(wanted)
    # Called with two arguments, it never signs.
    signed = signed and case["options"] is not None
    https = bool(case["https"]) if case["ctor_secure"] is None else case["ctor_secure"]
    try:
        signer = signer_of(keys) if keys is not None else None
        own = dict(python_option(name, value) for name, value in options.items())
        overwrite = own.setdefault("overwrite", False)
        prior = [case["prior"]] if isinstance(case["prior"], str) else case["prior"] or []
        value = case["value"]
        if is_undefined(value):
            value = None
        attributes = CookieOptions(**own)
        name = case["name"]
        set_cookies = {name: format_set_cookie(name, value, attributes, https=https, now=NOW)}
        if signed:
            if signer is None:
                return REFUSED
            signature = signer.sign(f"{name}={value or ''}")
            tail = set_cookies[name][len(f"{name}={value or ''}") :]
            set_cookies[f"{name}.sig"] = f"{name}.sig={signature}{tail}"
    except (CookieSessionError, NoSuchOptionError, TypeError):
        return REFUSED
    starts = tuple(f"{name}=" for name in set_cookies) if overwrite else ()
    kept = [each for each in prior if not each.startswith(starts)] if starts else prior
    return {"set_cookie": [*kept, *set_cookies.values()]}


# --- session.json ----------------------------------------------------------------------------


def replay_session(case: Case, codec: Codec | None = None) -> Answer:
    try:
        options = python_options(case["options"] or {})
        sessions = CookieSession(**options, codec=codec, clock=lambda: NOW)
    except (CookieSessionError, NoSuchOptionError, TypeError):
        return {"construct_error": True}
    return Exchange(sessions, case).run()


class Exchange:
    """One request: the handler's operations, applied to a session."""

    def __init__(self, sessions: CookieSession, case: Case) -> None:
        self.sessions = sessions
        self.ops = case["ops"]
        self.session = sessions.open(case["cookie"], https=bool(case["https"]))
        self.held: Session | None = None
        self.headers: list[str] = []
        self.sent: list[str] | None = None

    def run(self) -> Answer:
        observed = [self.attempt(op) for op in self.ops]
        answer: Answer = {"construct_error": None, "observed": observed}
        if self.sent is None:
            try:
                self.send()
            except CookieSessionError as error:
                return {**answer, "set_cookie": self.session.commit(self.headers),
                        "commit_error": type(error).__name__}  # fmt: skip
        return {**answer, "set_cookie": self.sent}

    def send(self) -> None:
        self.sent = self.session.commit(self.headers)

    def attempt(self, op: Case) -> Any:
        apply: Callable[[Case], Any] = getattr(self, f"op_{op['op']}")
        try:
            return apply(op)
        except (CookieSessionError, NoSuchOptionError, KeyError, TypeError, IndexError):
            return {"throws": True}

    def op_touch(self, _: Case) -> None:
        self.session.is_new  # noqa: B018 - the touch itself is what is replayed

    def op_read(self, _: Case) -> Any:
        def seen(look: Callable[[], Any]) -> Any:
            try:
                return look()
            except CookieSessionError:
                return {"$throws": True}

        session = self.session
        return {
            "session": seen(lambda: json_text(session)),
            "isNew": session.is_new,
            "isChanged": seen(lambda: session.is_changed),
            "isPopulated": session.is_populated,
            "keys": list(session),
        }

    def put(self, session: Session, op: Case) -> None:
        *way, last = op["path"]
        target = self.follow(session, way)
        target[index_of(target, last)] = translated(op["value"])

    def follow(self, target: Any, way: list[str]) -> Any:
        for step in way:
            target = target[index_of(target, step)]
        return target

    def op_set(self, op: Case) -> None:
        self.put(self.session, op)

    def op_delete(self, op: Case) -> None:
        *way, last = op["path"]
        target = self.follow(self.session, way)
        if last in target:
            del target[last]

    def op_push(self, op: Case) -> None:
        self.follow(self.session, op["path"]).append(translated(op["value"]))

    def op_incr(self, op: Case) -> None:
        *way, last = op["path"]
        target = self.follow(self.session, way)
        value = target.get(last) or 0
        target[last] = f"{value}1" if isinstance(value, str) else value + 1

    def op_clear(self, _: Case) -> None:
        self.session.clear()

    def op_assign(self, op: Case) -> None:
        if op["value"] is None or is_undefined(op["value"]):
            self.session.destroy()
        else:
            self.session.replace(translated(op["value"]))

    def op_option(self, op: Case) -> None:
        name, value = python_option(op["name"], op["value"])
        if not hasattr(CookieOptions, name):
            raise NoSuchOptionError(name)
        setattr(self.session.options, name, value)

    def op_delete_option(self, op: Case) -> None:
        name = PYTHON_NAMES[op["name"]]
        setattr(self.session.options, name, getattr(self.sessions.options, name))

    def op_get_option(self, op: Case) -> Any:
        name = PYTHON_NAMES[op["name"]]
        return {"option": getattr(self.session.options, name, None)}

    def op_prior(self, op: Case) -> None:
        headers = op["headers"]
        self.headers = [headers] if isinstance(headers, str) else list(headers)

    def op_hold(self, _: Case) -> None:
        self.held = self.session

    def op_set_held(self, op: Case) -> None:
        assert self.held is not None
        self.put(self.held, op)

    def op_assign_held(self, _: Case) -> None:
        assert self.held is not None
        self.session.replace(self.held)

    def op_same_as_held(self, _: Case) -> Any:
        return {"same": self.session is self.held}

    def op_send_headers(self, _: Case) -> None:
        self.send()

    def op_write_head(self, op: Case) -> None:
        if "Set-Cookie" in op["headers"]:
            self.op_prior({"headers": op["headers"]["Set-Cookie"]})
        self.send()

    def op_remove_header(self, _: Case) -> None:
        self.headers = []


def index_of(target: Any, step: str) -> Any:
    return int(step) if isinstance(target, list) else step


def json_text(session: Session) -> str:
    """Return the JSON text that the session's cookie would hold."""
    return base64.b64decode(JSONCodec().encode(session)).decode()


def normalised(expect: Any) -> Any:
    """Reduce a recorded expectation to the parts that are compared: an error is an error."""
    if isinstance(expect, list):
        return [normalised(item) for item in expect]
    if not isinstance(expect, dict):
        return expect
    if isinstance(expect.get("error"), dict):
        return REFUSED
    return {
        key: (True if key in ("throws", "$throws") and item else normalised(item))
        for key, item in expect.items()
        if key != "expect_cookies_latest"
    }


def expected(suite: str, case: Case) -> Answer:
    """Return Node's answer in the shape of our answers."""
    expect = case["expect"]
    # The library follows the stricter `path` and `domain` of the newest `cookies`.
    answer: Answer = normalised(expect.get("expect_cookies_latest", expect))
    if suite == "session":
        if answer.pop("request_error"):
            return {"request_error": True}
        if answer["construct_error"]:
            return {"construct_error": True}
        answer["observed"] = [
            json.loads(json.dumps(item)) if item else item for item in answer["observed"]
        ]
    return answer


REPLAYS: dict[str, Replay] = {
    "keygrip": replay_keygrip,
    "cookies_get": replay_cookies_get,
    "cookies_set": replay_cookies_set,
    "session": replay_session,
}
