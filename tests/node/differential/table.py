"""The first cells of the rows of docs/deviations.md: how Node differs from the library."""

from __future__ import annotations

ENCODING = "signatures in encodings other than base64 and hex"
WRONG_VALUE = "a wrong algorithm, key or option value fails at first use, or not at all"
KEYS = "keys: 'abc' uses each character, keys: [] fails at every request, keys: [''] is accepted"
NAME = (
    "cookie names may hold white space at their ends, tabs, non-ASCII, or end in .sig; "
    "null becomes 'null'"
)
VALUE = "cookies.set turns any value into text"
TOGETHER = "__Host-, __Secure-, SameSite=None and Partitioned are not checked"
SCOPE = "path and domain may inject attributes, and are checked only when a cookie is written"
UNKNOWN = (
    "unknown or misspelt options are ignored; name and value given as cookie options replace ours"
)
TYPE = "0, 1, '' and other values stand for true and false, numbers for text, null for false"
TIME = (
    "maxAge that is 0, negative, too large or not a number, expires that is not a Date, and years "
    "outside 1 to 9999 give odd cookies or none"
)
RESIGNED = "re-signing after rotation sends .sig alone, without expiry, domain or path"
UNREADABLE = "a session with an old key's signature and an unreadable payload is re-signed"
TOSSED = (
    "of several cookies or signatures with our name the first wins, and a forged one logs the "
    "user out"
)
DROPS = "keys such as isNew and constructor are dropped"
TEXT = "change detection compares the cookie's text"
NO_OBJECT = "JSON that is not an object loads as a session"
INTEGERS = "integers beyond 2**53 lose digits, BigInt throws"
EMPTIED = "req.session = {} with a loaded session sends nothing, the old one lives on"
BAD = "a bad signature is expired as soon as the session is read, at path /"
EMPTY = "an empty value with a signature is a value, and is signed again by the newest key"
PERCENT = "a percent-encoded pair does not verify"
FIXED = "name, keys, signed and value can be changed per request, with surprising effects"
NULL = "a destroyed session reads as null"
ARRAY = "arrays and Dates can be assigned as a session"
LATE = "a write after the headers is lost"
AT_ONCE = "reading emits headers at once, so removing Set-Cookie removes them"
ORDER = "integer-like keys come first as soon as they are set"
SILENT = "saving fails silently; NaN, undefined, functions, Dates and Buffers become something else"
LARGE = "too large a cookie is sent, and dropped by the browser"
SECURE = "`secure: true` over plain HTTP: 200, no cookie, silence; `.sig` alone may still be sent"
SUB_SECOND = "a `maxAge` below a second is sent, and dropped"
PAST = "`expires` in the past is sent, and dropped"
FIVE_DIGITS = "a `maxAge` that ends after the year 9999 gives a year of five digits"
