"""Signed, client-side cookie sessions, byte-compatible with Node's ``cookie-session``.

    request:   Cookie header ─► format.read ─────────────► Reading ─► checks ─► Session
                                (find, verify, decode)                 (lifetime, validate)
    response:  Set-Cookie   ◄─ attributes ◄─ format.seal ◄─ payload ◄─ decide ◄─ Session.commit

The core does no I/O and knows no framework. Its files, in reading order; each imports only
from files above it:

    errors.py          every error and warning
    option_names.py    names of options and attributes that are not ours, and what was meant
    attribute_text.py  the text of cookie attributes, as Node writes it
    hidden.py          an object that carries a secret from one function to the next
    state.py           the session's states, and the one decision on what is written
    keys.py            a list of keys: read it from one text, find out what is wrong
    log.py             every line that the library logs
    mapping.py         a dict that is loaded on first access
    keygrip.py         sign with the first key, verify with any
    ecma_json.py       JSON exactly as JSON.stringify writes it
    checks.py          the value of each cookie attribute, checked alone
    attributes.py      cookie attributes, checked when set
    cookies.py         the cookies of a request
    set_cookie.py      the Set-Cookie values of a response
    codec.py           contents <-> base64 of JSON, read as Node reads it
    lifetime.py        a lifetime that the server enforces, in koa-session's format
    format.py          the seam: what a cookie format must offer
    json_format.py     the part of formats whose payload is our JSON
    unsigned_cookie.py a cookie without a signature
    signed_pair.py     cookie-session's format: a cookie and its signature
    legacy.py          sessions of the library that was used before, moved to ours
    settings.py        the settings of all sessions; reads one, and writes its cookies
    loading.py         a session's contents, read from the request's cookies when touched
    session.py         the request's session: its changes, and its commit
    options.py         every option of a CookieSession, checked once
    view.py            a view over a session, for the frameworks' own interfaces
    cookie_session.py  the immutable configuration; opens sessions
    request.py         where a request keeps its session
    response.py        the session in a response's header fields
    request_end.py     what is logged at the end of a request
"""

from .attributes import CookieOptions
from .codec import Codec, JSONCodec
from .cookie_session import CookieSession
from .cookies import RequestCookies, find_cookie, request_cookies
from .errors import (
    ConfigurationError,
    ConfigurationWarning,
    CookieLifetimeWarning,
    CookieNameWarning,
    CookieSessionError,
    CookieTooLargeError,
    SessionCommittedError,
    SessionEncodeError,
    WeakKeyWarning,
)
from .format import BoundFormat, Contents, CookieFormat, Payload, Reading, TimedFormat
from .hidden import Hidden, HoldsKeys
from .json_format import JSONFormat
from .keygrip import Keygrip, Signer
from .keys import parse_keys
from .legacy import LegacyReader
from .lifetime import Timestamps, split_timestamps
from .mapping import Typed
from .options import MAX_COOKIE_SIZE, CookieSessionOptions
from .request import SESSION_KEY, find_session, session_key, shared_session
from .request_end import (
    end_request,
    log_late_writes,
    report_late_setting,
    report_replaced,
    report_uncommitted,
    report_unsent,
)
from .response import (
    commit_end,
    commit_headers,
    commit_raw_headers,
    end_emptied,
)
from .session import Session
from .set_cookie import format_set_cookie
from .signed_pair import SignedPair
from .state import Outcome, Written
from .view import SessionView, began_at

__all__ = [
    "MAX_COOKIE_SIZE",
    "SESSION_KEY",
    "BoundFormat",
    "Codec",
    "ConfigurationError",
    "ConfigurationWarning",
    "Contents",
    "CookieFormat",
    "CookieLifetimeWarning",
    "CookieNameWarning",
    "CookieOptions",
    "CookieSession",
    "CookieSessionError",
    "CookieSessionOptions",
    "CookieTooLargeError",
    "Hidden",
    "HoldsKeys",
    "JSONCodec",
    "JSONFormat",
    "Keygrip",
    "LegacyReader",
    "Outcome",
    "Payload",
    "Reading",
    "RequestCookies",
    "Session",
    "SessionCommittedError",
    "SessionEncodeError",
    "SessionView",
    "SignedPair",
    "Signer",
    "TimedFormat",
    "Timestamps",
    "Typed",
    "WeakKeyWarning",
    "Written",
    "began_at",
    "commit_end",
    "commit_headers",
    "commit_raw_headers",
    "end_emptied",
    "end_request",
    "find_cookie",
    "find_session",
    "format_set_cookie",
    "log_late_writes",
    "parse_keys",
    "report_late_setting",
    "report_replaced",
    "report_uncommitted",
    "report_unsent",
    "request_cookies",
    "session_key",
    "shared_session",
    "split_timestamps",
]
