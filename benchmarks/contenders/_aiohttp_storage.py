"""aiohttp-session's cookie storages, without a running server."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp_session import AbstractStorage, Session

from benchmarks.contender import FUNCTIONS, LOAD, ROUND_TRIP, SAVE, Operation
from benchmarks.payloads import Payload, as_request


def operations_of(storage: AbstractStorage) -> Callable[[Payload], Iterator[Operation]]:
    """Return what gives the operations of a storage."""

    def operations(payload: Payload) -> Iterator[Operation]:
        contents = payload.contents
        empty = _request("none=1")

        def save() -> list[str]:
            session = Session(None, data=None, new=True)
            session.update(contents)
            return _saved_by(storage, empty, session)

        request = _request(as_request(save()))

        def round_trip() -> list[str]:
            session = _loaded_by(storage, request)
            session["views"] = session.get("views", 0) + 1
            return _saved_by(storage, request, session)

        def saved(set_cookies: list[str]) -> Any:
            return dict(_loaded_by(storage, _request(as_request(set_cookies))))

        yield Operation(FUNCTIONS, LOAD, lambda: _loaded_by(storage, request), dict)
        yield Operation(FUNCTIONS, SAVE, save, saved)
        yield Operation(FUNCTIONS, ROUND_TRIP, round_trip, saved)

    return operations


def _request(cookie: str) -> web.Request:
    return make_mocked_request("GET", "/", headers={"Cookie": cookie})


def _loaded_by(storage: AbstractStorage, request: web.Request) -> Session:
    request._cache.pop("cookies", None)  # noqa: SLF001 - a new request has not parsed them yet
    return _run(storage.load_session(request))


def _saved_by(storage: AbstractStorage, request: web.Request, session: Session) -> list[str]:
    response = web.Response()
    _run(storage.save_session(request, response, session))
    return [morsel.OutputString() for morsel in response.cookies.values()]


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as result:
        return result.value
    message = "the storage waited, and there is nothing to wait for"
    raise RuntimeError(message)
