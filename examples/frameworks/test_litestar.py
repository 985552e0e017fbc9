from litestar.testing import TestClient
from litestar_app import app, config


def test_a_logged_in_visitor_fills_the_cart() -> None:
    with TestClient(app, session_config=config) as client:
        client.set_session_data({"user": "ada", "cart": []})

        client.post("/cart/tea")

        assert client.get_session_data() == {"user": "ada", "cart": ["tea"]}
        assert client.get("/").text == "ada: tea"
