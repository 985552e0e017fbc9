"""A chat that knows its visitors, with Django Channels. The whole project is in this file."""

from __future__ import annotations

import os

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")

# settings.py
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="Django's own, not a session key",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
)
django.setup()
from channels.auth import AuthMiddlewareStack  # noqa: E402 - it needs the settings


# views.py
async def home(request: ASGIRequest) -> HttpResponse:
    """Show how often the visitor has come to the chat."""
    return HttpResponse(str(get_session(request).get("visits", 0)))


@require_POST
async def log_in(request: ASGIRequest, user: str) -> HttpResponse:
    """Begin a session. A real application checks a password first."""
    get_session(request).replace({"user": user})
    return HttpResponse(f"hello, {user}")


# consumers.py
class Chat(AsyncWebsocketConsumer):
    """Says the visitor's name before each message."""

    async def connect(self) -> None:
        """Count the visit. The session is sent when the WebSocket is accepted."""
        session = get_session(self.scope)
        if "user" not in session:
            await self.close()
            return
        session["visits"] = session.get("visits", 0) + 1
        await self.accept()

    async def receive(self, text_data: str) -> None:
        """Answer. From here on, the session can be read only."""
        await self.send(f"{get_session(self.scope)['user']}: {text_data}")


# urls.py
urlpatterns = [path("", home), path("log-in/<user>", log_in)]

# asgi.py
application = CookieSessionMiddleware(
    ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": AuthMiddlewareStack(URLRouter([path("chat", Chat.as_asgi())])),
        }
    ),
    sessions,
    scope_key=None,  # Channels keeps Django's session in scope["session"]
)
