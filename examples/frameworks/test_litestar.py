from litestar.testing import TestClient
from litestar_app import app, config


def test_a_logged_in_visitor_fills_the_cart() -> None:
    with TestClient(app, session_config=config) as client:
        client.set_session_data({"user": "ada", "cart": []})

        client.post("/cart/tea")

        assert client.get_session_data() == {"user": "ada", "cart": ["tea"]}
        assert client.get("/").text == "ada: tea"
        assert client.get("/account").text == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    with TestClient(app) as client:
        assert client.get("/account").status_code == 401
