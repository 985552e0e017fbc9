import django_app
from django.test import Client


def test_a_logged_in_visitor_fills_the_cart() -> None:
    assert django_app.urlpatterns
    client = Client()
    client.post("/log-in/ada")

    client.post("/cart/tea")

    assert client.session["cart"] == ["tea"]
    assert client.get("/").content == b"ada: tea"
    assert client.get("/account").content == b"the account of ada"


def test_nobody_else_sees_the_account() -> None:
    assert Client().get("/account").status_code == 401
