from tornado.testing import AsyncHTTPTestCase
from tornado.web import Application
from tornado_app import make_app, sessions

from cookiesession_adapters.testing import log_in, read


class CartTest(AsyncHTTPTestCase):
    def get_app(self) -> Application:
        return make_app()

    def test_a_logged_in_visitor_fills_the_cart(self) -> None:
        log_in(self, sessions, {"user": "ada", "cart": []})

        self.fetch("/cart/tea", method="POST", body="")

        assert read(self, sessions) == {"user": "ada", "cart": ["tea"]}
        assert self.fetch("/account").body == b"the account of ada"

    def test_nobody_else_sees_the_account(self) -> None:
        assert self.fetch("/account").code == 401
