"""The duties of every target, as data: the requests of one visitor, and the responses."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Any

import attrs

from cookiesession_core import CookieOptions, CookieSession, RequestCookies
from tests.support.cookies import header, signed
from tests.support.keys import NEWEST, OLDER, OTHER
from tests.support.targets import Feature, Setup

from .script import Operation, Reply, Script

ANYTHING = "*"
"""Any body: the response is an error page."""

PLAIN = (("keys", (NEWEST, OLDER)),)

PLAIN_SETUP = Setup(PLAIN)

SAVED = ("session", "session.sig")
EXPIRED = ("-session", "-session.sig")


@attrs.frozen(eq=False)
class OldSessions:
    """A reader of the sessions of another library."""

    names: tuple[str, ...] = ("old",)
    options: CookieOptions = attrs.field(factory=CookieOptions)

    def read(self, cookies: RequestCookies) -> dict[str, Any] | None:
        """Return the contents of a legacy cookie."""
        return {"user": 7} if f"old={cookies['old']}" == OLD_COOKIE else None


@attrs.frozen
class Answer:
    """The response that a request must get."""

    results: tuple[Any, ...] = ()
    """The results of the operations; for a stream, of the late ones."""
    cookies: tuple[str, ...] | frozenset[str] = ()
    """The Set-Cookie values, in this order (a tuple) or in any (a frozenset).

    They stand verbatim; a session's own are abbreviated.
    """
    status: int = 200
    vary: tuple[str, ...] | None = ("Cookie",)
    """The Vary values; ``None`` for the error page of a server."""
    body: str | None = None
    """The whole body, if there is more than the results."""
    logged: str = ""
    """A part of the line that the library logs."""


@attrs.frozen
class Exchange:
    """One request, and the response that it must get."""

    script: Script
    answer: Answer
    node: Answer
    """The answer of Express: the same, except for deliberate deviations. It logs nothing."""
    method: str = "GET"
    https: bool = False
    websocket: bool = False
    leaves: bool = False
    """The client disconnects after the first bytes of the response."""
    header: str | None = None
    """A Cookie header to send instead of the jar's."""


@attrs.frozen
class Case:
    """Exchanges of one visitor with one application, one after the other."""

    name: str
    exchanges: tuple[Exchange, ...]
    setup: Setup = PLAIN_SETUP
    needs: frozenset[Feature] = frozenset()
    visitors: int = 1
    """How many visitors do the same at the same time; ``$n`` stands for a visitor's number."""
    deviation: str | None = None
    """How the documentation names this deviation from Node."""


def visit(
    *do: Operation,
    results: Sequence[Any] = (),
    cookies: Sequence[str] | frozenset[str] = (),
    vary: Sequence[str] | None = ("Cookie",),
    brings: int | None = None,
    body: str | None = None,
    logged: str = "",
    reply: Reply = Reply(),  # noqa: B008 - it is frozen
    between: Sequence[Operation] = (),
    node: dict[str, Any] | None = None,
    **request: Any,
) -> Exchange:
    """Return a request that does ``do``, and its response; ``node``: that of Express."""
    status = reply.status if brings is None else brings
    if not isinstance(cookies, frozenset):
        cookies = tuple(cookies)
    if vary is not None:
        vary = tuple(vary)
    answer = Answer(tuple(results), cookies, status, vary, body, logged)
    express = attrs.evolve(answer, **(node or {}))
    return Exchange(Script(do, reply, tuple(between)), answer, express, **request)


def brought(header: str) -> Exchange:
    """Return a request after which the client has these cookies, as another server set them."""
    pairs = header.split("; ")
    fields = tuple(("Set-Cookie", f"{pair}; path=/; httponly") for pair in pairs)
    names = [pair.partition("=")[0] for pair in pairs]
    cookies = [
        name if name in SAVED else value for name, (_, value) in zip(names, fields, strict=True)
    ]
    return visit(reply=Reply(headers=fields), cookies=cookies, vary=())


def behind_white_space(pairs: str) -> str:
    """Return a Cookie header with these pairs after each kind of white space."""
    kinds = ("\t", "\xa0", "\x85", "\xe2\x80\x80", "\xe3\x80\x80", "\xef\xbb\xbf")
    # Not at the start of the header, where HTTP removes it.
    return "a=1; " + "; ".join(f"{white}{pair}" for white in kinds for pair in pairs.split("; "))


def options(**more: Any) -> Setup:
    """Return a set-up with the keys and these options."""
    return Setup((*PLAIN, *more.items()))


def case(name: str, *exchanges: Exchange, needs: Sequence[Feature] = (), **other: Any) -> Case:
    """Return a case."""
    return Case(name, exchanges, needs=frozenset(needs), **other)


READ: Operation = ("read",)
COUNT: Operation = ("increment", "views")
LOGIN = visit(("set", "user", 7), cookies=SAVED)
SAYS_LOGGED_IN = visit(READ, results=[{"user": 7}])
SAYS_NOTHING = visit(READ, results=[{}])
GONE = "expires=Thu, 01 Jan 1970 00:00:00 GMT"
NODE_EXPIRES = {"cookies": ("-session.sig",)}
EXPIRED_WHEN_READ = "a bad signature is expired as soon as the session is read"
FORGED = f"session=e30=; session.sig={'A' * 27}"
CART = visit(("set", "cart", [1]), cookies=SAVED)
APPEND: Operation = ("append", "cart", 2)
CHANGED_LATE = "changed under 'cart' after the response headers"
AFTER_HEADERS = "it was written to after the response headers"
LOST_BY_AN_EXCEPTION = "was not sent: an exception left the application"
CORRUPTED = "two middlewares on one application corrupt each other"
OTHERS = f"session={'e' * 40}; Path=/; HttpOnly"
OLD_COOKIE = "old=legacy-session"
TEN_DAYS = 10 * 86400
IDLE = CookieSession(keys=[NEWEST], idle_timeout=TEN_DAYS, clock=lambda: time() - 0.6 * TEN_DAYS)
"""A server of six days ago."""
ODD = 'theme="a, b"; Path=/; expires=Wed, 01 Jan 2098 00:00:00 GMT; unknown=1'

NOTHING_TO_DO = (
    case(
        "an untouched session leaves no trace",
        visit(vary=()),
        LOGIN,
        visit(vary=()),
        SAYS_LOGGED_IN,
    ),
    case(
        "with an untouched session the headers stay as they are",
        visit(
            reply=Reply(headers=(("Set-Cookie", ODD), ("Vary", "Accept"))),
            cookies=[ODD],
            vary=["Accept"],
        ),
    ),
    case(
        "reading sends nothing",
        SAYS_NOTHING,
        LOGIN,
        visit(READ, ("get", "user"), results=[{"user": 7}, 7]),
        visit(("is new",), results=[False]),
    ),
    case(
        "a new session that stays empty is not sent",
        visit(("is new",), results=[True]),
        visit(("set", "a", 1), ("delete", "a")),
    ),
    case(
        "a change that is undone is not sent",
        LOGIN,
        visit(("set", "user", 8), ("set", "user", 7)),
        visit(("set", "cart", [1]), cookies=SAVED),
        visit(("append", "cart", 2), ("pop", "cart")),
        needs=[Feature.UNDONE],
    ),
)

CHANGES = (
    case(
        "views are counted",
        *(visit(COUNT, results=[views], cookies=SAVED) for views in (1, 2, 3)),
        visit(READ, results=[{"views": 3}]),
    ),
    case(
        "a nested change is saved",
        visit(("set", "cart", {"items": []}), cookies=SAVED),
        visit(("set", "list", [1]), cookies=SAVED),
        visit(("append", "list", {"a": None}), cookies=SAVED),
        visit(READ, results=[{"cart": {"items": []}, "list": [1, {"a": None}]}]),
    ),
    case(
        "text, numbers and empty values come back unchanged",
        visit(
            ("set", "all", ['Zoë 漢字 😀 ;,\\"\u2028\u0000', 0.1, -1, 2**53 - 1, None, [], {}]),
            cookies=SAVED,
        ),
        visit(
            READ,
            results=[{"all": ['Zoë 漢字 😀 ;,\\"\u2028\u0000', 0.1, -1, 2**53 - 1, None, [], {}]}],
        ),
    ),
    case(
        "an emptied session is saved as empty",
        LOGIN,
        visit(("delete", "user"), cookies=SAVED),
        visit(READ, ("is new",), results=[{}, False]),
        needs=[Feature.KEPT_EMPTY],
    ),
    case(
        "clearing is not a logout",
        LOGIN,
        visit(("clear",), cookies=SAVED),
        visit(("is new",), results=[False]),
        needs=[Feature.KEPT_EMPTY],
    ),
    case(
        "a destroyed session is gone",
        LOGIN,
        visit(("destroy",), cookies=EXPIRED),
        visit(READ, ("is new",), results=[{}, True]),
    ),
    case(
        "a write after destroy() starts a new session",
        LOGIN,
        visit(
            ("destroy",),
            ("set", "greeting", "bye"),
            cookies=SAVED,
            node={"status": 500, "results": (), "cookies": EXPIRED, "body": "sorry"},
        ),
        visit(READ, results=[{"greeting": "bye"}], node={"results": ({},)}),
        deviation="a write starts a fresh session",
    ),
    case(
        "replacing drops the old contents",
        visit(("set", "old", 1), cookies=SAVED),
        visit(("replace", {"user": 7}), cookies=SAVED),
        SAYS_LOGGED_IN,
    ),
    case(
        "replacing with nothing destroys",
        LOGIN,
        visit(("replace", {}), cookies=EXPIRED, node={"cookies": ()}),
        visit(READ, results=[{}], node={"results": ({"user": 7},)}),
        deviation="req.session = {} with a loaded session sends nothing",
    ),
    case(
        "keys that Node reserves are kept",
        visit(("replace", {"isNew": 1, "a": 1}), cookies=SAVED),
        visit(READ, results=[{"isNew": 1, "a": 1}], node={"results": ({"a": 1},)}),
        deviation="keys such as isNew and constructor are dropped",
    ),
    case(
        "the options of one request do not affect another",
        visit(
            ("option", "secure", False), ("option", "path", "/"), ("set", "user", 7), cookies=SAVED
        ),
        visit(
            ("set", "user", 8),
            ("option", "domain", "127.0.0.1"),
            cookies=[f"{name}; path=/; domain=127.0.0.1; httponly" for name in SAVED],
        ),
        visit(("set", "user", 9), cookies=SAVED),
    ),
    case(
        "max_age is sent as a date",
        visit(
            ("set", "user", 7),
            cookies=[f"{name}; path=/; expires=*; samesite=lax; httponly" for name in SAVED],
        ),
        SAYS_LOGGED_IN,
        setup=options(max_age=3600, same_site="lax"),
    ),
)

RESPONSES = (
    case(
        "cookies of the application are kept, in order",
        visit(
            COUNT,
            reply=Reply(headers=(("Set-Cookie", ODD), ("X-Other", "a"), ("Set-Cookie", "b=2"))),
            results=[1],
            cookies=[ODD, "b=2", *SAVED],
        ),
        visit(COUNT, results=[2], cookies=SAVED),
    ),
    case(
        "an earlier cookie of our name is overwritten",
        visit(
            COUNT,
            reply=Reply(headers=(("Set-Cookie", "session=mine; path=/"), ("Set-Cookie", "a=1"))),
            results=[1],
            cookies=["a=1", *SAVED],
            logged="has a cookie 'session' that is not ours",
        ),
        setup=options(signed=True),
    ),
    case(
        "without overwrite an earlier cookie of our name stays",
        visit(
            COUNT,
            reply=Reply(headers=(("Set-Cookie", "session=mine; path=/x"),)),
            results=[1],
            cookies=["session; path=/x", *SAVED],
            logged="has a cookie 'session' that is not ours",
        ),
        setup=options(overwrite=False),
    ),
    case(
        "Cookie is added to the application's Vary",
        visit(
            READ, reply=Reply(headers=(("Vary", "Accept"),)), results=[{}], vary=["Accept, Cookie"]
        ),
        visit(
            READ,
            reply=Reply(headers=(("Vary", "Accept, cookie"),)),
            results=[{}],
            vary=["Accept, cookie"],
        ),
        visit(READ, reply=Reply(headers=(("Vary", "*"),)), results=[{}], vary=["*"]),
        needs=[Feature.VARY],
    ),
    *(
        case(
            f"a response of {status} carries the session",
            visit(
                ("set", "user", 7),
                reply=Reply(status=status, headers=(("Location", "/"),)),
                cookies=SAVED,
                body="[]" if status in (302, 404) else "",
            ),
            SAYS_LOGGED_IN,
        )
        for status in (204, 302, 304, 404)
    ),
    case(
        "a response to HEAD carries the session",
        visit(("set", "user", 7), cookies=SAVED, body="", method="HEAD"),
        SAYS_LOGGED_IN,
    ),
    case(
        "a stream carries the session",
        visit(
            ("set", "user", 7),
            reply=Reply(chunks=("one, ", "two, ", "three")),
            cookies=SAVED,
            body="one, two, three",
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.STREAMING],
    ),
    case(
        "a write after the headers is an error, and reading goes on",
        LOGIN,
        visit(
            COUNT,
            reply=Reply(
                chunks=("one, ", "two, "),
                late=(COUNT, ("destroy",), ("replace", {}), ("option", "max_age", 60), READ),
            ),
            cookies=SAVED,
            body='one, two, ["SessionCommittedError", "SessionCommittedError", '
            '"SessionCommittedError", "SessionCommittedError", {"user": 7, "views": 1}]',
        ),
        visit(READ, results=[{"user": 7, "views": 1}]),
        needs=[Feature.STREAMING, Feature.REPORTS],
    ),
    case(
        "a session first touched after the headers can be read alone",
        LOGIN,
        visit(
            reply=Reply(chunks=("one, ", "two, "), late=(READ, ("set", "user", 8))),
            body='one, two, [{"user": 7}, "SessionCommittedError"]',
            vary=(),
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.STREAMING, Feature.REPORTS],
    ),
    case(
        "a client that disconnects affects nobody else",
        LOGIN,
        visit(
            COUNT,
            reply=Reply(chunks=("x" * 2**10,), repeat=2**13),
            cookies=SAVED,
            body=ANYTHING,
            leaves=True,
        ),
        visit(READ, results=[{"user": 7, "views": 1}]),
        needs=[Feature.STREAMING],
    ),
    case(
        "an error page carries the session",
        LOGIN,
        visit(COUNT, reply=Reply(fails=True), brings=500, cookies=SAVED, body=ANYTHING),
        visit(READ, results=[{"user": 7, "views": 1}]),
        needs=[Feature.FAILURE, Feature.ERROR_PAGE],
    ),
)

REFUSALS = (
    case(
        "a session too large is an error, and the client keeps the old one",
        LOGIN,
        visit(
            ("fill", "text", 4096),
            brings=500,
            body=ANYTHING,
            logged="'session' was not sent: CookieTooLargeError",
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.ERROR_PAGE, Feature.REPORTS],
    ),
    case(
        "a session that cannot be written is an error, and the client keeps the old one",
        LOGIN,
        visit(
            ("spoil", "price"),
            brings=500,
            body=ANYTHING,
            logged="'session' was not sent: SessionEncodeError: session['price']",
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.ERROR_PAGE, Feature.REPORTS],
    ),
    case(
        "a stream whose session is too large becomes an error",
        LOGIN,
        visit(
            ("fill", "text", 4096),
            reply=Reply(chunks=("one", "two")),
            brings=500,
            body=ANYTHING,
            logged="CookieTooLargeError",
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.STREAMING, Feature.ERROR_PAGE, Feature.REPORTS],
    ),
    case(
        "an error page goes out without a session that cannot be sent",
        LOGIN,
        visit(
            ("fill", "text", 4096),
            reply=Reply(fails=True),
            brings=500,
            body=ANYTHING,
            logged="CookieTooLargeError",
            vary=None,
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.FAILURE, Feature.ERROR_PAGE, Feature.REPORTS],
    ),
    case(
        "a secure cookie over plain HTTP is refused and reported",
        visit(COUNT, results=[1], logged="secure=True over plain HTTP"),
        visit(COUNT, results=[1], logged="secure=True over plain HTTP"),
        setup=options(secure=True),
        needs=[Feature.REPORTS],
    ),
    case(
        "behind a proxy that ends TLS, a secure cookie is sent",
        visit(
            COUNT,
            results=[1],
            cookies=[f"{name}; path=/; secure; httponly" for name in SAVED],
            https=True,
        ),
        visit(
            COUNT,
            results=[2],
            cookies=[f"{name}; path=/; secure; httponly" for name in SAVED],
            https=True,
        ),
        setup=options(secure=True),
        needs=[Feature.SCHEME],
    ),
    case(
        "over HTTPS a cookie is secure by default",
        visit(
            COUNT,
            results=[1],
            cookies=[f"{name}; path=/; secure; httponly" for name in SAVED],
            https=True,
        ),
        visit(COUNT, results=[1], cookies=SAVED, node={}),
        needs=[Feature.SCHEME],
    ),
)

SIGNATURES = (
    case(
        "reading a forged signature loads and deletes nothing",
        visit(READ, results=[{}], header=FORGED, node=NODE_EXPIRES),
        deviation=EXPIRED_WHEN_READ,
    ),
    case(
        "a save replaces a forged session",
        visit(("set", "user", 7), cookies=SAVED, header=FORGED),
        SAYS_LOGGED_IN,
    ),
    case(
        "an untouched session with a forged signature sends nothing",
        visit(vary=(), header=FORGED),
    ),
    case(
        "a cookie without a signature is not a session",
        visit(READ, results=[{}], header="session=eyJ1c2VyIjo3fQ=="),
    ),
    case(
        "a session of another name is not loaded",
        visit(READ, results=[{}], header=header({"user": 7}, name="other")),
    ),
    case(
        "a session signed by an older key is signed again",
        visit(
            READ,
            results=[{"user": 7}],
            cookies=SAVED,
            node={"cookies": ("session.sig",)},
            header=header({"user": 7}, OLDER),
        ),
        visit(("get", "user"), results=[7], node={"results": ("nothing",)}),
        deviation="re-signing after rotation sends .sig alone",
    ),
    case(
        "a session signed by a dropped key is not loaded",
        visit(READ, results=[{}], header=header({"user": 7}, OTHER), node=NODE_EXPIRES),
        deviation=EXPIRED_WHEN_READ,
    ),
    case(
        "a forged cookie beside the real one does not log the visitor out",
        visit(
            READ,
            results=[{"user": 7}],
            header=f"{FORGED}; {header({'user': 7})}",
            node={"results": ({},), "cookies": ("-session.sig",)},
        ),
        deviation="the first wins, and a forged one logs the user out",
    ),
    case(
        "a percent-encoded session is loaded",
        visit(
            READ,
            results=[{"user": 7}],
            header=header({"user": 7}).replace("==;", "%3D%3D;"),
            node={"results": ({},), "cookies": ("-session.sig",)},
        ),
        deviation="a percent-encoded pair does not verify",
    ),
    case(
        "only a space is skipped before a cookie's name",
        visit(READ, results=[{}], header=behind_white_space(header({"user": 8}))),
        visit(
            READ,
            results=[{"user": 7}],
            header=f"{behind_white_space(header({'user': 8}))};   {header({'user': 7})}",
        ),
    ),
    case(
        "the outcome tells what the cookies held",
        visit(("outcome",), results=["ABSENT"]),
        visit(("outcome",), results=["UNSIGNED"], header="session=e30="),
        visit(("outcome",), results=["BAD_SIGNATURE"], header=FORGED),
        visit(("outcome",), results=["MALFORMED"], header=signed("bm90IGpzb24=")),
        visit(
            ("outcome",),
            ("key index",),
            results=["LOADED", 1],
            cookies=SAVED,
            header=header({"user": 7}, OLDER),
        ),
        needs=[Feature.REPORTS],
    ),
    *(
        case(
            f"a Cookie header of {what} is not a session",
            visit(READ, results=[{}], header=text, node=NODE_EXPIRES),
            deviation=EXPIRED_WHEN_READ,
        )
        for what, text in {
            "odd bytes": "\x80\xff=\xfe; session=\xff\xc3\xa4; \xa0session=e30=; session.sig=\x80",
            "separators": "; ;;= ; =; session; session=; session.sig==; ==; ; session=;;",
            "quotes": 'session="e30="; session.sig="x"; a="b',
            "8 kB": f"session.sig={'A' * 27}; session={'A' * 8000}",
        }.items()
    ),
    case(
        "a signed value that holds no session gives an empty one",
        *(
            visit(READ, results=[{}], header=signed(value))
            for value in ("bm90IGpzb24=", "eyJhIjo=", "////", "eyJhIjogTmFOfQ==")
        ),
    ),
)

DELETIONS = (
    *(
        case(
            f"re-signing gives way to a deletion of {what}",
            brought(header({"user": 7}, OLDER)),
            visit(
                READ,
                results=[{"user": 7}],
                reply=Reply(deletes=names),
                cookies=[f"deleted {name}" for name in names],
                node={"cookies": ("session.sig", *(f"deleted {name}" for name in names))}
                if names == ("session",)
                else {},
            ),
            SAYS_NOTHING,
            needs=needs,
            deviation=deviation,
        )
        for what, names, needs, deviation in (
            ("the session", ("session",), (), "re-signing after rotation sends .sig alone"),
            ("all cookies", SAVED, (Feature.REPORTS,), None),
        )
    ),
    case(
        "refreshing gives way to a deletion of the session",
        brought(IDLE.cookie_header({"user": 7})),
        visit(READ, results=[{"user": 7}], cookies=SAVED),
        brought(IDLE.cookie_header({"user": 7})),
        visit(
            READ,
            results=[{"user": 7}],
            reply=Reply(deletes=("session",)),
            cookies=["deleted session"],
        ),
        SAYS_NOTHING,
        setup=options(idle_timeout=TEN_DAYS),
        needs=[Feature.LIFETIME],
    ),
    *(
        case(
            f"migrating gives way to a deletion of {what}",
            brought(OLD_COOKIE),
            visit(
                READ,
                results=[{"user": 7}],
                reply=Reply(deletes=(name,)),
                cookies=[f"deleted {name}"],
            ),
            *((SAYS_NOTHING,) if name == "old" else ()),
            setup=options(legacy=(OldSessions(),)),
            needs=[Feature.LEGACY],
        )
        for what, name in (("our cookie", "session"), ("the legacy cookie", "old"))
    ),
    case(
        "a save replaces a deletion by the application",
        brought(header({"user": 7}, OLDER)),
        visit(COUNT, reply=Reply(deletes=("session",)), results=[1], cookies=SAVED),
        visit(READ, results=[{"user": 7, "views": 1}]),
    ),
)

LATE_WRITES = (
    case(
        "a list that changes after the headers is reported",
        CART,
        visit(
            ("get", "cart"),
            reply=Reply(chunks=("one, ",), late=(APPEND, ("pop", "cart"))),
            body="one, []",
        ),
        visit(
            ("get", "cart"),
            reply=Reply(chunks=("one, ",), late=(APPEND,)),
            body="one, []",
            logged=CHANGED_LATE,
        ),
        visit(
            ("append", "cart", 2),
            reply=Reply(chunks=("one, ",), late=(("append", "cart", 3),)),
            cookies=SAVED,
            body="one, []",
            logged=CHANGED_LATE,
        ),
        visit(READ, results=[{"cart": [1, 2]}]),
        needs=[Feature.STREAMING, Feature.REPORTS],
    ),
    case(
        "a list that is first touched and changed after the headers is reported",
        CART,
        visit(
            reply=Reply(chunks=("one, ",), late=(APPEND,)),
            body="one, []",
            vary=(),
            logged=CHANGED_LATE,
        ),
        visit(READ, results=[{"cart": [1]}]),
        needs=[Feature.STREAMING, Feature.REPORTS],
    ),
    case(
        "with late_writes='log' a write after the headers is reported and passes",
        visit(
            COUNT,
            reply=Reply(chunks=("one, ",), late=(COUNT,)),
            cookies=SAVED,
            body="one, [2]",
            logged=AFTER_HEADERS,
        ),
        visit(READ, results=[{"views": 1}]),
        setup=options(late_writes="log"),
        needs=[Feature.STREAMING, Feature.REPORTS],
    ),
    case(
        "after a page of 500 or more, a late write is reported and passes",
        visit(
            COUNT,
            reply=Reply(status=503, chunks=("sorry, ",), late=(COUNT,)),
            brings=503,
            cookies=SAVED,
            body="sorry, [2]",
            logged=AFTER_HEADERS,
        ),
        visit(READ, results=[{"views": 1}]),
        needs=[Feature.FAILURE, Feature.STREAMING, Feature.REPORTS],
    ),
    case(
        "a write while an error page is made is sent with the page",
        LOGIN,
        visit(
            COUNT,
            reply=Reply(fails=True, sorry=(("set", "error", 1),)),
            brings=500,
            cookies=SAVED,
            body="sorry",
        ),
        visit(READ, results=[{"user": 7, "views": 1, "error": 1}]),
        needs=[Feature.FAILURE, Feature.ERROR_PAGE],
    ),
)

NO_RESPONSE = (
    *(
        case(
            name,
            LOGIN,
            visit(
                READ,
                reply=Reply(unanswered=why),
                brings=500,
                body=ANYTHING,
                vary=None,
            ),
            visit(
                COUNT,
                reply=Reply(unanswered=why),
                brings=500,
                body=ANYTHING,
                vary=None,
                logged=logged,
            ),
            SAYS_LOGGED_IN,
            needs=[feature],
        )
        for name, why, logged, feature in (
            (
                "a write lost by an exception that leaves the application is reported",
                "exception",
                LOST_BY_AN_EXCEPTION,
                Feature.SILENCE,
            ),
            (
                "a write of an application that ends without a response is reported",
                "silence",
                "was not sent: the application ended without a response",
                Feature.SILENCE,
            ),
            (
                "a write of a handler that is cancelled is reported",
                "cancelled",
                "was not sent: ",
                Feature.CANCELLATION,
            ),
        )
    ),
)

LAYERS = (
    *(
        case(
            f"two layers with {what} share the session",
            visit(
                ("set", "inner", 2),
                between=[("set", "outer", 1)],
                cookies=SAVED,
            ),
            visit(
                READ,
                results=[{"outer": 1, "inner": 2}],
                node={"results": ({"outer": 1},)},
            ),
            visit(
                ("destroy",),
                between=[COUNT],
                cookies=EXPIRED,
                node={"cookies": SAVED},
            ),
            visit(READ, results=[{}], node={"results": ({"outer": 1, "views": 1},)}),
            setup=setup,
            needs=[Feature.LAYERS],
            deviation=CORRUPTED,
        )
        for what, setup in (
            ("the same CookieSession", Setup(PLAIN, is_one=True)),
            ("equal options", Setup(PLAIN, PLAIN)),
        )
    ),
    case(
        "two layers of one name with different options are an error",
        visit(
            READ,
            brings=500,
            body=ANYTHING,
            vary=None,
            node={"status": 200, "body": None, "results": ({},)},
        ),
        setup=Setup(PLAIN, (("keys", (OTHER,)),)),
        needs=[Feature.LAYERS],
        deviation=CORRUPTED,
    ),
)

TOGETHER = (
    case(
        "a session of another library under our name is replaced only by a save",
        visit(
            READ,
            reply=Reply(headers=(("Set-Cookie", OTHERS),)),
            results=[{}],
            cookies=["session; Path=/; HttpOnly"],
            logged="has a cookie 'session' that is not ours",
        ),
        visit(
            READ,
            reply=Reply(headers=(("Set-Cookie", OTHERS),)),
            results=[{}],
            cookies=["session; Path=/; HttpOnly"],
        ),
        visit(("set", "user", 7), reply=Reply(headers=(("Set-Cookie", OTHERS),)), cookies=SAVED),
        SAYS_LOGGED_IN,
        setup=options(http_only=True),
    ),
    case(
        "two sessions on one application are independent",
        visit(
            ("set", "a", 1),
            ("in", "other", "set", "b", 2),
            cookies=frozenset({*SAVED, "other", "other.sig"}),
        ),
        visit(READ, ("in", "other", "read"), results=[{"a": 1}, {"b": 2}]),
        visit(("in", "other", "destroy"), cookies=["-other", "-other.sig"]),
        visit(READ, ("in", "other", "read"), results=[{"a": 1}, {}]),
        setup=Setup(PLAIN, (("keys", (OTHER,)), ("name", "other"))),
        needs=[Feature.TWO_SESSIONS],
    ),
    case(
        "visitors at the same time do not share a session",
        visit(("set", "me", "$n"), cookies=SAVED),
        visit(("set", "again", "$n"), READ, results=[{"me": "$n", "again": "$n"}], cookies=SAVED),
        visit(READ, results=[{"me": "$n", "again": "$n"}]),
        visitors=60,
    ),
)

HANDSHAKES = (
    case(
        "a WebSocket reads the session, and a write before it is accepted is saved",
        LOGIN,
        visit(
            COUNT,
            READ,
            reply=Reply(headers=(("Set-Cookie", "a=1"),), late=(READ, COUNT)),
            brings=101,
            cookies=["a=1", *SAVED],
            body='[1, {"user": 7, "views": 1}][{"user": 7, "views": 1}, "SessionCommittedError"]',
            websocket=True,
        ),
        visit(READ, results=[{"user": 7, "views": 1}]),
        needs=[Feature.WEBSOCKET],
    ),
    case(
        "a WebSocket that does not touch its session sends no cookie",
        LOGIN,
        visit(brings=101, body="[][]", vary=(), websocket=True),
        visit(
            reply=Reply(late=(READ, COUNT)),
            brings=101,
            body='[][{"user": 7}, "SessionCommittedError"]',
            vary=(),
            websocket=True,
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.WEBSOCKET],
    ),
    case(
        "a list that changes after a WebSocket is accepted is reported",
        CART,
        visit(
            ("get", "cart"),
            reply=Reply(late=(APPEND, ("pop", "cart"))),
            brings=101,
            body="[[1]][]",
            websocket=True,
        ),
        visit(
            ("get", "cart"),
            reply=Reply(late=(APPEND,)),
            brings=101,
            body="[[1]][]",
            logged=CHANGED_LATE,
            websocket=True,
        ),
        needs=[Feature.WEBSOCKET],
    ),
    case(
        "a write lost with a handshake that is refused without headers is reported",
        LOGIN,
        visit(
            COUNT,
            reply=Reply(close=True),
            brings=403,
            body=ANYTHING,
            vary=None,
            logged="was not sent: a handshake refused by websocket.close has no headers",
            websocket=True,
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.REFUSAL],
    ),
    case(
        "a WebSocket denied by a response carries the session",
        visit(
            COUNT, reply=Reply(deny=True), brings=403, cookies=SAVED, results=[1], websocket=True
        ),
        visit(READ, results=[{"views": 1}]),
        needs=[Feature.WEBSOCKET],
    ),
    case(
        "a WebSocket whose session is too large is denied by an error",
        LOGIN,
        visit(
            ("fill", "text", 4096),
            brings=500,
            body=ANYTHING,
            logged="CookieTooLargeError",
            vary=None,
            websocket=True,
        ),
        SAYS_LOGGED_IN,
        needs=[Feature.WEBSOCKET, Feature.FAILED_HANDSHAKE],
    ),
)

CASES = (
    *NOTHING_TO_DO,
    *CHANGES,
    *RESPONSES,
    *REFUSALS,
    *SIGNATURES,
    *DELETIONS,
    *LATE_WRITES,
    *NO_RESPONSE,
    *LAYERS,
    *TOGETHER,
    *HANDSHAKES,
)
