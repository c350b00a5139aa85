"""The map of addresses, and the way from one line of it to an address that somebody can ask for."""

import re
from typing import Any, Final

from tests.architecture.test_addresses import addresses

#: The admin's page of one app names all apps in its address.
ALL_APPS: Final = re.compile(r"\(\?P<app_label>[^)]*\)")
PLACE: Final = re.compile(r"<(?:\w+:)?(\w+)>")
PLACE_IN_PATTERN: Final = re.compile(r"\(\?P<(\w+)>[^)]*\)")


def routes() -> list[str]:
    return sorted({ALL_APPS.sub("(?P<app_label>…)", route) for route, _view in addresses()})


def path_to(route: str, things: dict[str, Any]) -> str:
    """`things` fill the places of the route: by the name of the place, or by the route so far and that name."""
    if "(?P<" in route:
        return "/" + re.sub(r"[\^$]", "", PLACE_IN_PATTERN.sub(lambda place: str(things[place[1]]), route))
    return "/" + PLACE.sub(lambda place: str(_thing(place[1], route[: place.start()], things)), route)


def _thing(name: str, before: str, things: dict[str, Any]) -> Any:
    return things[before + name] if before + name in things else things[name]
