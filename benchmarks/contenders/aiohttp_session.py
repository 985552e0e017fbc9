"""aiohttp-session's ``EncryptedCookieStorage``, without a running server."""

from functools import cache
from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp_session import Session
from aiohttp_session.cookie_storage import EncryptedCookieStorage

from benchmarks.apps import run
from benchmarks.contenders import Library
from benchmarks.payloads import KEY

STORAGE = EncryptedCookieStorage(KEY.encode()[:32], cookie_name="session")


@cache
def _request(header: str) -> web.Request:
    return make_mocked_request("GET", "/", headers={"Cookie": header})


def load(header: str) -> Any:
    """Find, decrypt, decode."""
    request = _request(header)
    request._cache.pop("cookies", None)  # noqa: SLF001 - a new request has not parsed them yet
    return run(STORAGE.load_session(request))


def save(contents: Any) -> list[str]:
    """Encode, encrypt, format."""
    session, response = Session(None, data=None, new=True), web.Response()
    session.update(contents)
    run(STORAGE.save_session(_request(""), response, session))
    return [morsel.OutputString() for morsel in response.cookies.values()]


CONTENDER = Library("aiohttp-session", load, save)
