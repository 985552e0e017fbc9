from pyramid_app import application, sessions
from webtest import TestApp as Browser


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = Browser(application, {"HTTP_HOST": "shop.test"})
    for name, value in sessions.encode({"user": "ada", "cart": []}).items():
        client.set_cookie(name, value)

    response = client.post("/cart/tea")

    assert sessions.decode(response.headers.getall("Set-Cookie")) == {
        "user": "ada",
        "cart": ["tea"],
    }
    assert client.get("/").text == "ada: tea"
