"""Signed, client-side cookie sessions, byte-compatible with Node's ``cookie-session``.

    request:   Cookie header ─► cookies.find_cookie ─► keygrip.index ─► codec.decode ─► Session
                                └────────────────── wire.read ─────────────────┘
    response:  Set-Cookie ◄─ cookies + options ◄─ keygrip.sign ◄─ codec.encode ◄─ Session.commit
                                                  └──────── wire.write ───────┘

The core does no I/O and knows no framework. Its files, in reading order; each imports only
from files above it:

    errors.py          every exception, by whose fault it is
    state.py           the session's states, events and the one write decision, as tables
    keygrip.py         sign with the first key, verify with any
    stringify.py       JSON exactly as JSON.stringify writes it
    codec.py           mapping <-> base64 of JSON, read as Node reads it
    options.py         cookie attributes: checked when set, written as Node does
    cookies.py         cookie syntax: find a cookie, format a Set-Cookie
    expiry.py          a lifetime that the server enforces, in koa-session's format
    wire.py            the data path: find, verify, decode; encode, sign
    former.py          sessions of the library before: taken over, their cookies ended
    policy.py          what is asked of a session beyond its signature, and how it is written
    mapping.py         a dict's interface over contents that load at the first touch
    session.py         the request's session: a lazy mapping that ends in commit
    cookie_session.py  the immutable configuration; opens sessions
    request.py         where a request keeps its session
    response.py        Set-Cookie and Vary, merged into a response's header fields
"""

from .codec import Codec, JSONCodec
from .cookie_session import MAX_COOKIE_SIZE, CookieSession, CookieSessionOptions
from .cookies import find_cookie, format_set_cookie
from .errors import (
    ConfigurationError,
    CookieLifetimeWarning,
    CookieSessionError,
    CookieTooLargeError,
    SessionCommittedError,
    SessionEncodeError,
    WeakKeyWarning,
)
from .expiry import Stamp, unstamped
from .former import FormerReader
from .keygrip import Keygrip, Signer
from .options import CookieOptions
from .request import SESSION_KEY, find_session, session_key
from .response import commit_headers, commit_nowhere, commit_raw_headers
from .session import Session
from .state import Outcome, Written

__all__ = [
    "MAX_COOKIE_SIZE",
    "SESSION_KEY",
    "Codec",
    "ConfigurationError",
    "CookieLifetimeWarning",
    "CookieOptions",
    "CookieSession",
    "CookieSessionError",
    "CookieSessionOptions",
    "CookieTooLargeError",
    "FormerReader",
    "JSONCodec",
    "Keygrip",
    "Outcome",
    "Session",
    "SessionCommittedError",
    "SessionEncodeError",
    "Signer",
    "Stamp",
    "WeakKeyWarning",
    "Written",
    "commit_headers",
    "commit_nowhere",
    "commit_raw_headers",
    "find_cookie",
    "find_session",
    "format_set_cookie",
    "session_key",
    "unstamped",
]
