from flask_app import app, sessions


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = app.test_client()
    for name, value in sessions.encode({"user": "ada", "cart": []}).items():
        client.set_cookie(name, value)

    response = client.post("/cart/tea")

    assert sessions.decode(response.headers.getlist("Set-Cookie")) == {
        "user": "ada",
        "cart": ["tea"],
    }
    assert client.get("/").text == "ada: tea"
