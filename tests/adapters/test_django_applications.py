"""The applications of Django that stand on its sessions: auth, the admin, messages, CSRF."""

from __future__ import annotations

import asyncio
import io
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cookiesession_adapters.testing import log_in, read
from cookiesession_core import CookieSession
from tests.node.express import EXPRESS
from tests.support.keys import KEYS, OTHER
from tests.support.servers import ROOT, running
from tests.support.user_agent import UserAgent

pytest.importorskip("django_app")  # it sets Django up

from django.conf import settings
from django.contrib import auth, messages
from django.core.management import call_command
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path

SITE: dict[str, Any] = {
    "INSTALLED_APPS": [
        *(f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "sessions")),
        *(f"django.contrib.{name}" for name in ("messages", "staticfiles")),
    ],
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "cookiesession_adapters.django.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "STATIC_URL": "static/",
    "COOKIESESSION": {"keys": KEYS},
    "ROOT_URLCONF": "tests.adapters.test_django_applications",
}


@pytest.fixture(scope="module", autouse=True)
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Add a database and the applications to the site that is set up already."""
    file = tmp_path_factory.mktemp("django") / "db.sqlite3"
    before = connections.settings
    connections.settings = connections.configure_settings(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}}
    )
    with suppress(AttributeError):  # nothing was asked for a database before
        del connections["default"]
    with override_settings(**SITE):
        call_command("migrate", verbosity=0)
        urlpatterns.append(path("admin/", import_module("django.contrib.admin").site.urls))
        yield
        urlpatterns.pop()
        connections["default"].close()
    del connections["default"]
    connections.settings = before


@pytest.fixture
def ada() -> Any:
    users = auth.get_user_model().objects
    users.all().delete()
    return users.create_superuser("ada", "", "secret")


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username() or "nobody")


def log_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return HttpResponse("bye")


async def alog_in(request: HttpRequest) -> HttpResponse:
    user = await auth.aauthenticate(request, username="ada", password="secret")
    await auth.alogin(request, user)
    return HttpResponse((await request.auser()).get_username())


async def alog_out(request: HttpRequest) -> HttpResponse:
    await auth.alogout(request)
    return HttpResponse("bye")


def tell(request: HttpRequest) -> HttpResponse:
    messages.success(request, "well done, Zoë")
    return HttpResponse("told")


def note(request: HttpRequest) -> HttpResponse:
    request.session["note"] = request.META["QUERY_STRING"]
    return HttpResponse("noted")


def hear(request: HttpRequest) -> HttpResponse:
    return HttpResponse(", ".join(map(str, messages.get_messages(request))))


urlpatterns = [
    path("who", who),
    path("log-out", log_out),
    path("alog-in", alog_in),
    path("alog-out", alog_out),
    path("tell", tell),
    path("hear", hear),
    path("note", note),
]


OWN = "django.contrib.sessions.middleware"
SHARED = CookieSession(name="sessionid", keys=[OTHER])
ADD_GROUP = "/admin/auth/group/add/"
STORAGES = ["session.SessionStorage", "fallback.FallbackStorage"]


def token_of(client: Client, page: str) -> dict[str, str]:
    """Return the field of a form against forged requests."""
    text = client.get(page).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert token is not None
    return {"csrfmiddlewaretoken": token[1]}


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("in_session", [False, True])
@pytest.mark.usefixtures("ada")
def test_a_user_logs_into_the_admin_by_its_form_adds_a_group_and_logs_out(
    client: Client, *, in_session: bool, storage: str
) -> None:
    storage = f"django.contrib.messages.storage.{storage}"
    with override_settings(CSRF_USE_SESSIONS=in_session, MESSAGE_STORAGE=storage):
        form = {"username": "ada", "password": "secret", **token_of(client, "/admin/login/")}
        assert 302 == client.post("/admin/login/?next=/admin/", form).status_code
        assert "ada" == client.get("/who").content.decode()

        form = {"name": f"editors {in_session} {storage}", **token_of(client, ADD_GROUP)}
        added = client.post(ADD_GROUP, form, follow=True)
        assert "was added successfully" in added.content.decode()
        assert "was added successfully" not in client.get("/admin/").content.decode()

        client.post("/admin/logout/", token_of(client, "/admin/"))
        assert "nobody" == client.get("/who").content.decode()


def test_the_test_client_logs_in_and_out(client: Client, ada: Any) -> None:
    assert client.login(username="ada", password="secret")
    assert "ada" == client.get("/who").content.decode()
    client.get("/tell")  # the session is in two cookies from here on

    client.logout()
    assert "nobody" == client.get("/who").content.decode()

    client.force_login(ada)
    client.get("/tell")
    client.force_login(auth.get_user_model().objects.create_user("eve"))
    assert "eve" == client.get("/who").content.decode()


def test_a_new_password_ends_the_other_sessions(client: Client, ada: Any) -> None:
    client.force_login(ada)
    ada.set_password("another")
    ada.save()

    assert "nobody" == client.get("/who").content.decode()
    assert {} == dict(client.session)


def test_a_message_is_shown_once(client: Client) -> None:
    storage = "django.contrib.messages.storage.session.SessionStorage"
    with override_settings(MESSAGE_STORAGE=storage):
        client.get("/tell")

        assert "well done, Zoë" == client.get("/hear").content.decode()
        assert "" == client.get("/hear").content.decode()


@pytest.mark.usefixtures("ada")
@pytest.mark.skipif(not hasattr(auth, "alogin"), reason="Django 5")
def test_an_asynchronous_view_logs_in_and_out() -> None:
    async def visit() -> list[str]:
        client = AsyncClient()
        answers = [await client.get(page) for page in ("/alog-in", "/who", "/alog-out", "/who")]
        await client.alogin(username="ada", password="secret")
        return [each.content.decode() for each in [*answers, await client.get("/who")]]

    assert ["ada", "ada", "bye", "nobody", "ada"] == asyncio.run(visit())


@pytest.mark.parametrize("deploy", [False, True])
def test_the_checks_of_django_find_nothing(*, deploy: bool) -> None:
    safe = {
        *("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"),
        *("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"),
    }
    hsts = {"SECURE_HSTS_SECONDS": 60, "SECRET_KEY": "".join(map(chr, range(35, 95)))}
    with override_settings(**dict.fromkeys(safe, True), **hsts, ALLOWED_HOSTS=["example.com"]):
        call_command("check", deploy=deploy, fail_level="WARNING", stdout=io.StringIO())


@pytest.fixture(scope="module")
def example(node: str) -> Iterator[str]:
    """Run the server of the how-to on shared logins."""
    env = {"COOKIESESSION_KEYS": OTHER, "NODE_PATH": str(EXPRESS / "node_modules")}
    folder = ROOT / "examples" / "express_and_django"
    with running([node, "server.js", "{port}"], env=env, cwd=folder) as server:
        yield server.url


@pytest.fixture
def express(example: str) -> Iterator[str]:
    """Give Django the same keys."""
    with override_settings(COOKIESESSION={"keys": [OTHER]}):
        yield example


def move_to_express(client: Client, url: str) -> UserAgent:
    """Return a browser with the session that the client has."""
    agent = UserAgent()
    contents = read(client, SHARED)
    for name, value in SHARED.encode(contents).items() if contents else ():
        agent.jar.store(f"{name}={value}; path=/", url, now=agent.clock())
    return agent


def move_back(agent: UserAgent, url: str) -> Client:
    """Return a client with the session that the browser has."""
    client = Client()
    contents = SHARED.decode(agent.jar.header(url, now=agent.clock()))
    if contents is not None:
        log_in(client, SHARED, contents)
    return client


def test_express_knows_the_user_of_the_admin_and_logs_out(
    express: str, client: Client, ada: Any
) -> None:
    form = {"username": "ada", "password": "secret", **token_of(client, "/admin/login/")}
    client.post("/admin/login/?next=/admin/", form)
    agent = move_to_express(client, express)

    assert str(ada.pk) == agent.get(f"{express}/new").body.decode()
    assert b"tea" == agent.post(f"{express}/new/cart/tea").body
    assert 200 == move_back(agent, express).get("/admin/").status_code
    assert ["tea"] == move_back(agent, express).session["cart"]

    agent.post(f"{express}/new/log-out")
    assert [] == agent.jar.cookies(time.time())
    assert "nobody" == move_back(agent, express).get("/who").content.decode()


def test_a_log_out_at_django_is_one_at_express(express: str, client: Client, ada: Any) -> None:
    client.force_login(ada)
    before = move_to_express(client, express).get(f"{express}/new").body
    client.get("/log-out")

    assert str(ada.pk) == before.decode()
    assert b"nobody" == move_to_express(client, express).get(f"{express}/new").body


def test_express_does_not_see_a_new_password_until_django_reads_the_session(
    express: str, client: Client, ada: Any
) -> None:
    client.force_login(ada)
    client.get("/tell")
    ada.set_password("another")
    ada.save()
    agent = move_to_express(client, express)
    assert str(ada.pk) == agent.get(f"{express}/new").body.decode()

    client.get("/who")
    assert b"nobody" == move_to_express(client, express).get(f"{express}/new").body


def test_a_user_without_the_hash_of_the_password_is_nobody(ada: Any) -> None:
    backend = "django.contrib.auth.backends.ModelBackend"
    client = Client()
    session = client.session
    session.update({"_auth_user_id": str(ada.pk), "_auth_user_backend": backend})
    client.cookies["sessionid"] = session.session_key

    assert "nobody" == client.get("/who").content.decode()


@pytest.mark.usefixtures("express")
def test_log_in_and_read_know_the_session_of_djangos_own_place(client: Client, ada: Any) -> None:
    client.force_login(ada)
    forced = read(client, SHARED)
    client.get("/note?tea")
    noted = read(client, SHARED)
    assert forced is not None
    assert {**forced, "note": "tea"} == noted == dict(client.session)

    log_in(client, SHARED, forced)
    assert forced == read(client, SHARED) == dict(client.session)
    assert "ada" == client.get("/who").content.decode()

    client.get("/log-out")
    assert read(client, SHARED) is None


def test_expired_sessions_are_cleared_by_doing_nothing() -> None:
    call_command("clearsessions")


BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE = Path(__file__).parents[2] / "docs" / "frameworks" / "django.md"


def settings_of_the_page(heading: str) -> dict[str, Any]:
    """Return what the settings of a part of the page on Django define."""
    text = PAGE.read_text("utf-8").partition("\n## Use")[0]
    before, _, after = text.partition(f"### {heading}\n")
    names: dict[str, Any] = {"SESSION_COOKIE_AGE": 14 * 86400, "SECRET_KEY": settings.SECRET_KEY}
    for block in [BLOCK.findall(before)[0], *BLOCK.findall(after.partition("\n### ")[0])]:
        exec(block.replace('SECRET_KEY = "as before"', ""), names)
    return names


@pytest.mark.parametrize(
    ("engine", "heading"),
    [
        ("signed_cookies", "Change from signed cookies"),
        ("db", "Change from the database or the cache"),
    ],
)
def test_the_sessions_of_djangos_engines_go_on_as_ours_under_the_same_name(
    ada: Any, engine: str, heading: str
) -> None:
    client = Client()
    before = [each.replace("cookiesession_adapters.django", OWN) for each in SITE["MIDDLEWARE"]]
    own = {"SESSION_ENGINE": f"django.contrib.sessions.backends.{engine}", "MIDDLEWARE": before}
    with override_settings(**own):
        client.force_login(ada)
        assert "ada" == client.get("/who").content.decode()
    moved = Client()
    moved.cookies["sessionid"] = client.cookies["sessionid"].value

    with override_settings(COOKIESESSION=settings_of_the_page(heading)["COOKIESESSION"]):
        response = moved.get("/who")
        assert "ada" == response.content.decode()
        assert ["sessionid", "sessionid.sig"] == [*response.cookies]
        moved.get("/log-out")
        assert "nobody" == moved.get("/who").content.decode()


def test_the_page_finds_sessions_that_do_not_fit() -> None:
    stores = import_module("django.contrib.sessions.backends.db")
    fits, too_large = stores.SessionStore(), stores.SessionStore()
    fits["note"], too_large["note"] = "x" * 2700, "x" * 2900
    fits.save()
    too_large.save()

    found = settings_of_the_page("Change from the database or the cache")["too_large"]()

    assert [too_large.session_key] == [*found]
    with override_settings(SESSION_COOKIE_DOMAIN="a-long-name.of-a-shop.example.com"):
        client = Client()
        assert 200 == client.get("/note?" + "x" * 2700).status_code
