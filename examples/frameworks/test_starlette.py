from starlette.testclient import TestClient
from starlette_app import application, sessions

from cookiesession_adapters.testing import log_in, read


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = TestClient(application)
    log_in(client, sessions, {"user": "ada", "cart": []})

    client.post("/cart/tea")

    assert read(client, sessions) == {"user": "ada", "cart": ["tea"]}
    assert client.get("/").text == "ada: tea"
    assert client.get("/account").text == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    assert TestClient(application).get("/account").status_code == 401
