from django.test import Client
from django_app import application, sessions
from werkzeug.test import Client as WholeStack

from cookiesession_adapters.testing import log_in, read
from cookiesession_core import SESSION_KEY


def test_a_view_gets_a_session_without_the_middleware() -> None:
    session = sessions.open()
    session.replace({"user": "ada", "cart": []})

    Client().post("/cart/tea", **{SESSION_KEY: session})

    assert session == {"user": "ada", "cart": ["tea"]}


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = WholeStack(application)
    log_in(client, sessions, {"user": "ada", "cart": []})

    client.post("/cart/tea")

    assert read(client, sessions) == {"user": "ada", "cart": ["tea"]}
    assert client.get("/").text == "ada: tea"
