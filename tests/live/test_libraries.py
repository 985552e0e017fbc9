"""Libraries that need a session or bring one, in and beside ours.

Some are large, and the ordinary environment does not have them: their tests are skipped. To run
them, install the libraries in the versions of the page, and leave out their warnings and the
plugin of Dash:

pytest -p no:dash -W ignore tests/live/test_libraries.py
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import flask
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from sqladmin import Admin
from sqladmin.authentication import AuthenticationBackend
from sqlalchemy import create_engine
from werkzeug.serving import make_server

from cookiesession_adapters import asgi, wsgi
from cookiesession_adapters.flask import setup as flask_setup
from cookiesession_adapters.testing import log_in, read
from cookiesession_core import CookieSession, SessionCommittedError
from tests.support.keys import KEYS
from tests.support.servers import PYTHON, ROOT
from tests.support.user_agent import UserAgent

PAGE = (ROOT / "docs" / "how-to" / "libraries-with-sessions.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", PAGE, re.MULTILINE))
THEIRS = "a key of the library, not a session key"


@pytest.fixture
def sessions() -> CookieSession:
    return CookieSession(keys=KEYS)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Some of the libraries write files where they are."""
    monkeypatch.chdir(tmp_path)


def installed(library: str) -> str | None:
    """Return the version of a library, if it is installed."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def test_the_page_names_the_version_that_is_tested() -> None:
    assert len(ROWS) == 12
    assert ROWS == {library: installed(library) or tried for library, tried in ROWS.items()}


def names(response: Any) -> list[str]:
    """Return the names of the cookies that a response sets."""
    return [line.partition("=")[0] for line in response.headers.get_list("Set-Cookie")]


def site() -> FastAPI:
    """Return the part of a site that uses our session."""
    app = FastAPI()

    @app.get("/who")
    def who(request: Request) -> Any:
        return request.session.get("user")

    return app


# --- sqladmin --------------------------------------------------------------------------------


class Trusting(AuthenticationBackend):
    """Lets everybody in, and leaves Starlette's SessionMiddleware where sqladmin puts it."""

    async def login(self, request: Any) -> bool:
        request.session["admin"] = "ada"
        return True

    async def authenticate(self, request: Any) -> bool:
        return "admin" in request.session


@pytest.mark.parametrize(
    ("options", "user"), [({}, None), ({"session_cookie": "admin"}, "ada")], ids=["same", "named"]
)
def test_sqladmin_beside_ours_needs_a_cookie_name_of_its_own(
    sessions: CookieSession, options: dict[str, str], user: str | None
) -> None:
    app = site()
    engine = create_engine("sqlite://")
    Admin(app, engine, authentication_backend=Trusting(THEIRS, **options))
    client = TestClient(asgi.CookieSessionMiddleware(app, sessions), follow_redirects=False)
    log_in(client, sessions, {"user": "ada"})

    refused = client.get("/admin/")
    client.post("/admin/login")

    assert (302, 200) == (refused.status_code, client.get("/admin/").status_code)
    assert user == client.get("/who").json()
    engine.dispose()


# --- FastHTML --------------------------------------------------------------------------------

FASTHTML = """
import sys

from fasthtml.common import FastHTML
from starlette.testclient import TestClient

from cookiesession_adapters.asgi import CookieSessionMiddleware

app = FastHTML(secret_key="a key of the library, not a session key", **eval(sys.argv[1]))


@app.get("/in")
def log_in(session):
    session["user"] = "ada"
    return "welcome"


@app.get("/who")
def who(session):
    return session.get("user", "nobody")


client = TestClient(CookieSessionMiddleware(app, keys=["newest key, of thirty-two bytes."]))
client.get("/in")
print(*client.cookies, client.get("/who").text)
"""


@pytest.mark.parametrize(
    ("options", "seen"), [({}, "session_ ada"), ({"sess_cls": None}, "session session.sig ada")]
)
def test_fasthtml_without_its_middleware_uses_ours(options: dict[str, None], seen: str) -> None:
    """In a process of its own, because FastHTML changes Starlette."""
    if installed("python-fasthtml") is None:
        pytest.skip("python-fasthtml is not installed")
    command = [PYTHON, "-c", FASTHTML, repr(options)]

    assert f"{seen}\n" == subprocess.run(command, stdout=-1, text=True, check=True).stdout


# --- NiceGUI ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "user"),
    [({}, None), ({"session_middleware_kwargs": {"session_cookie": "nicegui"}}, "ada")],
    ids=["same", "named"],
)
def test_nicegui_beside_ours_needs_a_cookie_name_of_its_own(
    sessions: CookieSession, options: dict[str, Any], user: str | None
) -> None:
    nicegui = pytest.importorskip("nicegui")
    app = site()
    seen: list[object] = []

    def page(request: Request) -> None:
        seen.append(asgi.get_session(request).get("user"))
        nicegui.app.storage.user["visits"] = nicegui.app.storage.user.get("visits", 0) + 1
        seen.append(nicegui.app.storage.user["visits"])

    nicegui.ui.page("/page")(page)
    nicegui.core.app.user_middleware.clear()
    nicegui.core.app.middleware_stack = None
    nicegui.ui.run_with(app, mount_path="/gui", storage_secret=THEIRS, **options)

    with TestClient(asgi.CookieSessionMiddleware(app, sessions)) as client:
        log_in(client, sessions, {"user": "ada"})
        client.get("/gui/page")
        client.get("/gui/page")

        assert ["ada", 1, user, 2] == seen
        assert user == client.get("/who").json()


# --- Gradio ----------------------------------------------------------------------------------


def test_gradio_reads_ours_and_a_write_in_its_queue_raises(sessions: CookieSession) -> None:
    gradio = pytest.importorskip("gradio")
    seen: list[object] = []

    def greet(text: str, request: Any) -> str:
        session = asgi.get_session(request.request)
        seen.append(session["user"])
        with pytest.raises(SessionCommittedError):
            session["text"] = text
        return text

    greet.__annotations__["request"] = gradio.Request
    with gradio.Blocks() as blocks:
        box = gradio.Textbox()
        box.submit(greet, box, box, api_name="greet")
    app = gradio.mount_gradio_app(
        site(), blocks, "/gui", auth_dependency=lambda request: request.session.get("user")
    )

    with TestClient(asgi.CookieSessionMiddleware(app, sessions)) as client:
        assert 401 == client.get("/gui/").status_code
        log_in(client, sessions, {"user": "ada"})
        assert 200 == client.get("/gui/").status_code
        event = client.post("/gui/gradio_api/call/greet", json={"data": ["tea"]}).json()
        answer = client.get(f"/gui/gradio_api/call/greet/{event['event_id']}").text

    assert (["ada"], "event: complete") == (seen, answer.partition("\n")[0])


def test_the_login_button_of_gradio_takes_the_name_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gradio = pytest.importorskip("gradio")
    oauth = importlib.import_module("gradio.oauth")
    ada = {"userinfo": dict.fromkeys(["sub", "name", "preferred_username", "picture"], "ada")}
    monkeypatch.setattr(oauth, "_get_mocked_oauth_info", lambda: ada)  # it asks a server

    def user_after_the_log_in(name: str) -> Any:
        with gradio.Blocks() as blocks:
            gradio.LoginButton()
        app = gradio.mount_gradio_app(site(), blocks, "/gui")
        sessions = CookieSession(keys=KEYS, name=name)
        wrapped = asgi.CookieSessionMiddleware(app, sessions)
        client = TestClient(wrapped, "https://testserver", follow_redirects=False)
        log_in(client, sessions, {"user": "ada"})
        assert ["session"] == names(client.get("/gui/login/callback"))
        return client.get("/who").json()

    assert (None, "ada") == (user_after_the_log_in("session"), user_after_the_log_in("site"))


# --- Flask -----------------------------------------------------------------------------------


@pytest.fixture
def serve() -> Iterator[Callable[[flask.Flask], str]]:
    servers = []

    def serve(app: flask.Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("is_managed", [True, False], ids=["a copy", "no copy"])
def test_a_handler_of_flask_socketio_reads_ours_and_does_not_change_the_cookie(
    sessions: CookieSession, serve: Callable[[flask.Flask], str], *, is_managed: bool
) -> None:
    socketio = pytest.importorskip("flask_socketio")
    app = flask.Flask("chat")
    flask_setup(app, sessions)
    chat = socketio.SocketIO(app, async_mode="threading", manage_session=is_managed)

    def greet() -> None:
        flask.session["greeted"] = True

    def tell() -> None:
        chat.emit("seen", [flask.session["user"], "greeted" in flask.session])

    chat.on("connect")(greet)
    chat.on("who")(tell)
    polling = f"{serve(app)}/socket.io/?EIO=4&transport=polling"
    agent = UserAgent()
    for name, value in sessions.encode({"user": "ada"}).items():
        agent.jar.store(f"{name}={value}; path=/", polling, now=agent.clock())
    polling += f"&sid={json.loads(agent.get(polling).body[1:])['sid']}"
    agent.request("POST", polling, [("Content-Type", "text/plain")], b"40")
    agent.get(polling)

    agent.request("POST", polling, [("Content-Type", "text/plain")], b'42["who"]')

    assert f'42["seen",["ada",{str(is_managed).lower()}]]' == agent.get(polling).body.decode()
    assert {"user": "ada"} == sessions.decode(agent.jar.header(polling, now=agent.clock()))


def test_a_callback_of_dash_reads_and_writes_ours(sessions: CookieSession) -> None:
    dash = pytest.importorskip("dash")
    app = flask.Flask("board")
    board = dash.Dash(server=app)
    board.layout = dash.html.Div([dash.dcc.Input(id="text"), dash.html.Div(id="user")])

    def show(text: str) -> str:
        session = wsgi.get_session(flask.request)
        session["text"] = text
        return str(session["user"])

    board.callback(dash.Output("user", "children"), dash.Input("text", "value"))(show)
    app.wsgi_app = wsgi.CookieSessionMiddleware(app.wsgi_app, sessions)  # type: ignore[method-assign]
    client = app.test_client()
    log_in(client, sessions, {"user": "ada"})
    change = {
        "output": "user.children",
        "outputs": {"id": "user", "property": "children"},
        "inputs": [{"id": "text", "property": "value", "value": "tea"}],
        "changedPropIds": ["text.value"],
    }

    answer = client.post("/_dash-update-component", json=change).get_json()

    assert {"user": {"children": "ada"}} == answer["response"]
    assert {"user": "ada", "text": "tea"} == read(client, sessions)


# --- cookies of their own --------------------------------------------------------------------


def test_fastapi_users_has_a_cookie_of_its_own(sessions: CookieSession) -> None:
    pytest.importorskip("fastapi_users")
    transport = importlib.import_module("fastapi_users.authentication").CookieTransport()
    app = FastAPI()

    @app.post("/log-in")
    async def enter(request: Request) -> Any:
        request.session["user"] = "ada"
        return await transport.get_login_response("token")

    client = TestClient(asgi.CookieSessionMiddleware(app, sessions))

    assert ["fastapiusersauth", "session", "session.sig"] == names(client.post("/log-in"))


def test_starlette_csrf_has_a_cookie_of_its_own(sessions: CookieSession) -> None:
    csrf = pytest.importorskip("starlette_csrf")
    app = FastAPI()
    app.add_middleware(csrf.CSRFMiddleware, secret=THEIRS)

    @app.post("/log-in")
    async def enter(request: Request) -> None:
        request.session["user"] = "ada"

    client = TestClient(asgi.CookieSessionMiddleware(app, sessions))
    cookies = names(client.get("/log-in"))
    token = {"x-csrftoken": client.cookies["csrftoken"]}

    assert (["csrftoken"], 403) == (cookies, client.post("/log-in", cookies={}).status_code)
    assert ["session", "session.sig"] == names(client.post("/log-in", headers=token))


def test_streamlit_has_a_cookie_of_its_own() -> None:
    pytest.importorskip("streamlit")
    server = importlib.import_module("streamlit.web.server.starlette.starlette_app")
    brought = [each.kwargs.get("session_cookie") for each in server.create_streamlit_middleware()]

    assert ["_streamlit_session"] == [name for name in brought if name]
