from flask_app import app


def test_a_logged_in_visitor_fills_the_cart() -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(user="ada", cart=[])

    client.post("/cart/tea")

    with client.session_transaction() as session:
        assert session == {"user": "ada", "cart": ["tea"]}
    assert client.get("/").text == "ada: tea"
    assert client.get("/account").text == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    assert app.test_client().get("/account").status_code == 401
