from starlette.testclient import TestClient
from starlette_app import application, sessions


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = TestClient(application)
    for name, value in sessions.encode({"user": "ada", "cart": []}).items():
        client.cookies.set(name, value, domain="testserver.local")

    response = client.post("/cart/tea")

    assert sessions.decode(response.headers.get_list("Set-Cookie")) == {
        "user": "ada",
        "cart": ["tea"],
    }
    assert client.get("/").text == "ada: tea"
