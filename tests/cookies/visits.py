"""A visitor with Django's client: what their page says, and the form they send."""

import re
from typing import Any, Final

from django.test import Client

from cookies.models import CookieChoice

OURS: Final = {"origin": "http://testserver"}
GPC: Final = {"sec-gpc": "1"}
CSS: Final = "/privacy/cookies/choice.css"
JS: Final = "/privacy/cookies/choice.js"
PAGE: Final = "/privacy/cookies/"
CHOOSE: Final = "/privacy/cookies/choose/"
HOST: Final = "https://mc.yandex.ru"
#: changes of the registry after which an earlier yes is not enough
MATTERS: Final = {
    "a host": ('hosts.img = ["mc.yandex.ru"]', 'hosts.img = ["mc.yandex.ru", "mc.yandex.by"]'),
    "a purpose": ('purposes = ["count_visits"]', 'purposes = ["count_visits", "map_clicks"]'),
    "a longer term": ('group = "analytics"\ndays = 365', 'group = "analytics"\ndays = 366'),
}


def text(response: Any) -> str:
    return str(response.content, "utf-8")


def screen_on(client: Client, path: str = "/", **headers: str) -> str:
    found = re.search(r'name="screen" value="(\w+)"', text(client.get(path, headers=headers)))
    assert found, f"no form on {path}"
    return found[1]


def choose(client: Client, decision: str, *groups: str, path: str = "/", **headers: str) -> Any:
    """Sends the form that stands on the page."""
    data: dict[str, Any] = {"decision": decision, "groups": groups, "next": path}
    data["screen"] = screen_on(client, path, **headers)
    return client.post(CHOOSE, data, headers={**OURS, **headers})


def is_asked(client: Client, **headers: str) -> bool:
    return "display: block" in text(client.get(CSS, headers=headers))


def policy_of(client: Client, path: str = "/", **headers: str) -> str:
    return str(client.get(path, headers=headers).headers["Content-Security-Policy"])


def only_choice() -> CookieChoice:
    return CookieChoice.objects.get()
