"""What a frame says about cookies. The same for every visitor: whatever differs is asked for by two small files, so
that a whole page can be kept in a cache."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.translation import get_language

from cookies import screens
from cookies.middleware import is_counted
from cookies.registry import registry
from profiles.wording import Language

register = template.Library()

PAGE = "privacy:cookies"


@register.inclusion_tag("cookies/head.html", takes_context=True)
def cookie_head(context: Context) -> dict[str, Any]:
    request: HttpRequest | None = context.get("request")
    has_choice = request is not None and bool(registry().optional)
    return {"has_choice": has_choice, "is_counted": request is not None and has_choice and is_counted(request)}


@register.inclusion_tag("cookies/banner.html", takes_context=True)
def cookie_banner(context: Context) -> dict[str, Any]:
    """Not on the page about cookies: there the same form stands in the text."""
    request: HttpRequest | None = context.get("request")
    if request is None or not registry().optional or _is_the_page(request):
        return {"screen": None}
    language: Language = "en" if (get_language() or "").startswith("en") else "ru"
    # A published page may be kept in a cache for others, and a query may tell of whoever came with it.
    came_from = request.path if is_counted(request) else request.get_full_path()
    return {"screen": screens.banner(registry(), language), "next": came_from}


def _is_the_page(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.view_name == PAGE
