from bottle_app import application, sessions
from webtest import TestApp as Browser

from cookiesession_adapters.testing import log_in, read


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = Browser(application)
    log_in(client, sessions, {"user": "ada", "cart": []})

    client.post("/cart/tea")

    assert read(client, sessions) == {"user": "ada", "cart": ["tea"]}
    assert client.get("/").text == "ada: tea"
    assert client.get("/account").text == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    Browser(application).get("/account", status=401)
