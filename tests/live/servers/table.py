"""The servers, and the behaviour of each one: the tests assert it, and the documentation shows it.

``python -m tests.live.servers.table`` prints the table for ``docs/servers.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from tests.support.servers import ROOT

_HERE = "tests.live.servers.applications"
_WSGI = f"{_HERE}:wsgi_application"
_ASGI = f"{_HERE}:asgi_application"
_GUNICORN = ("-m", "gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}")
_GRANIAN = ("-m", "granian", "--port={port}")
_UVICORN = ("-m", "uvicorn", "--port={port}")
_UWSGI = ("-c", "import pyuwsgi; pyuwsgi.run()", "--http-socket=127.0.0.1:{port}", "--die-on-term")

NONE = "\N{EN DASH}"
LOADED, LOST = "loaded", "lost"
LAST = "loaded from the last line"
DROPPED = "lost: the line is dropped"
SENT, LOGGED = "sent", "lost, and logged"


@attrs.frozen
class Behaviour:
    """What a server does; the fields are the columns of the table."""

    lines: str
    """How two ``Cookie`` lines of a request arrive."""
    beside: str
    """Whether a session is loaded that stands alone in one of two lines, or in both."""
    not_ascii: str
    """Whether a session is loaded if another cookie of its line has bytes beyond ASCII."""
    version: str = NONE
    """The ``spec_version`` of a WebSocket's scope."""
    handshake: str = NONE
    """Whether the client gets a session that is written before the WebSocket is accepted."""


@attrs.frozen
class Server:
    """A server with the options that matter."""

    name: str
    adapter: str
    package: str | None
    """The package to install, if there is one."""
    arguments: tuple[str, ...]
    """The arguments of Python that start the server; ``{port}`` is its port."""
    behaviour: Behaviour
    is_extra: bool = False
    """Whether only the environment of ``make servers`` has what the server needs."""


_JOINED = Behaviour("joined by a comma", LOST, LOADED)
_JOINED_WITH_A_SPACE = attrs.evolve(_JOINED, lines="joined by a comma and a space")
_BOTH = Behaviour("both arrive", LOADED, LOADED, handshake=SENT)
_VERSION_2_3 = attrs.evolve(_BOTH, version="2.3")
_VERSION_2_4 = attrs.evolve(_BOTH, version="2.4")

SERVERS = (
    Server("gunicorn, worker `sync`", "WSGI", "gunicorn", (*_GUNICORN, _WSGI), _JOINED),
    Server(
        "gunicorn, worker `gthread`",
        "WSGI",
        "gunicorn",
        (*_GUNICORN, "--worker-class=gthread", _WSGI),
        _JOINED,
    ),
    Server(
        "gunicorn, worker `gevent`",
        "WSGI",
        "gunicorn",
        (*_GUNICORN, "--worker-class=gevent", _WSGI),
        _JOINED,
        is_extra=True,
    ),
    Server(
        "waitress",
        "WSGI",
        "waitress",
        ("-m", "waitress", "--listen=127.0.0.1:{port}", _WSGI),
        _JOINED_WITH_A_SPACE,
    ),
    Server(
        "uWSGI",
        "WSGI",
        "pyuwsgi",
        (*_UWSGI, f"--module={_WSGI}"),
        _JOINED_WITH_A_SPACE,
        is_extra=True,
    ),
    Server("wsgiref", "WSGI", None, ("-m", _HERE, "wsgiref", "{port}"), _JOINED),
    Server(
        "cheroot",
        "WSGI",
        "cheroot",
        ("-m", "cheroot", "--bind=127.0.0.1:{port}", _WSGI),
        Behaviour("the last one arrives", LAST, LOADED),
        is_extra=True,
    ),
    Server(
        "Granian, interface `wsgi`",
        "WSGI",
        "granian",
        (*_GRANIAN, "--interface=wsgi", _WSGI),
        Behaviour("joined by a semicolon", LOADED, DROPPED),
    ),
    Server(
        "Granian, interface `asgi`",
        "ASGI",
        "granian",
        (*_GRANIAN, "--interface=asgi", _ASGI),
        attrs.evolve(_VERSION_2_3, handshake=LOST),
    ),
    *(
        Server(
            f"uvicorn, `--http={http} --ws={websockets}`",
            "ASGI",
            "uvicorn",
            (*_UVICORN, f"--http={http}", f"--ws={websockets}", _ASGI),
            _VERSION_2_4,
            is_extra=http == "httptools",
        )
        for http in ("h11", "httptools")
        for websockets in ("websockets", "websockets-sansio", "wsproto")
    ),
    Server(
        "Hypercorn",
        "ASGI",
        "hypercorn",
        ("-m", "hypercorn", "--bind=127.0.0.1:{port}", _ASGI),
        _VERSION_2_3,
    ),
    Server(
        "gunicorn, worker `asgi`",
        "ASGI",
        "gunicorn",
        (*_GUNICORN, "--worker-class=asgi", _ASGI),
        _VERSION_2_4,
    ),
    Server(
        "Daphne",
        "ASGI",
        "daphne",
        ("-m", "daphne", "--bind=127.0.0.1", "--port={port}", _ASGI),
        attrs.evolve(_BOTH, version="none", handshake=LOGGED),
        is_extra=True,
    ),
    Server("aiohttp", "aiohttp", "aiohttp", ("-m", _HERE, "aiohttp", "{port}"), _BOTH),
    Server("Tornado", "Tornado", "tornado", ("-m", _HERE, "tornado", "{port}"), _BOTH),
)

_COLUMNS = (
    "server",
    "version",
    "adapter",
    "two `Cookie` lines",
    "a session beside another line",
    "a session beside bytes beyond ASCII",
    "`spec_version`",
    "a write before a WebSocket is accepted",
)


def pinned(package: str | None) -> str:
    """Return the version of a package in ``constraints.txt``, for the newest Pythons."""
    if package is None:
        return NONE
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = re.findall(rf"(?im)^{package}==([^;\s]+)", constraints)
    version: str = pins[-1]
    return version


def table(servers: Iterable[Server] = SERVERS) -> str:
    """Return the table in Markdown."""
    rows = [_COLUMNS, ("---",) * len(_COLUMNS)]
    for each in servers:
        version = pinned(each.package)
        rows.append((each.name, version, each.adapter, *attrs.astuple(each.behaviour)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    print(table())  # noqa: T201
