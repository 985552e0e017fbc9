from falcon.testing import TestClient as Client
from falcon_app import application, sessions


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = Client(application)
    visitor = sessions.encode({"user": "ada", "cart": []})

    response = client.simulate_post("/cart/tea", cookies=visitor)
    visitor = {name: cookie.value for name, cookie in response.cookies.items()}

    assert sessions.decode(visitor) == {"user": "ada", "cart": ["tea"]}
    assert client.simulate_get("/account", cookies=visitor).text == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    assert Client(application).simulate_get("/account").status_code == 401
