from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application
from tornado_app import make_app, sessions


class CartTest(AsyncHTTPTestCase):
    def get_app(self) -> Application:
        return make_app()

    def test_a_logged_in_visitor_fills_the_cart(self) -> None:
        header = sessions.cookie_header({"user": "ada", "cart": []})

        response = self.fetch("/cart/tea", method="POST", body="", headers={"Cookie": header})

        changed = sessions.decode(response.headers.get_list("Set-Cookie"))
        assert changed == {"user": "ada", "cart": ["tea"]}
