import django_app
from django.test import Client

from cookiesession_adapters.django import configured
from cookiesession_adapters.testing import log_in, read


def test_a_logged_in_visitor_fills_the_cart() -> None:
    assert django_app.urlpatterns
    client = Client()
    log_in(client, configured(), {"user": "ada", "cart": []})

    client.post("/cart/tea")

    assert read(client, configured()) == {"user": "ada", "cart": ["tea"]}
    assert client.session["cart"] == ["tea"]
    assert client.get("/").content == b"ada: tea"
    assert client.get("/account").content == b"the account of ada"


def test_nobody_else_sees_the_account() -> None:
    assert Client().get("/account").status_code == 401
