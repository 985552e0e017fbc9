"""Sessions over HTTP/2, where clients may split the Cookie header and names are in lower case."""

from __future__ import annotations

import httpx

from tests.support.servers import PYTHON, running


def test_hypercorn_carries_sessions_over_http2() -> None:
    command = [PYTHON, "-m", "hypercorn", "--bind=127.0.0.1:{port}"]
    application = "tests.live.frameworks.starlette_app:application"
    with (
        running([*command, application]) as server,
        httpx.Client(http1=False, http2=True) as client,
    ):
        views = [client.get(f"{server.url}/count") for _ in range(3)]
        pairs = [("cookie", f"{name}={value}") for name, value in client.cookies.items()]
        client.cookies.clear()
        split = client.get(f"{server.url}/count", headers=[*pairs, ("cookie", "theme=dark")])

    assert ["1", "2", "3", "4"] == [view.text for view in (*views, split)]
    assert {"HTTP/2"} == {view.http_version for view in (*views, split)}
    assert 2 == len(split.headers.get_list("set-cookie"))
