"""The pages behind the links of a mail. No sign-in, no cookie, no CSRF token, no redirect: the token in the address is
all it takes, and whoever has it has the mail. To look changes nothing, whoever looks and however often."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from access.rules import open_to_all
from consent import links
from consent.leaving import is_advertising, leave
from consent.links import NotALink, WayOut
from consent.selectors import language_of
from consent.suppressed import Suppression
from law import clock
from profiles import current

#: RFC 8058: what the mail program sends, and nothing else.
ONE_CLICK: Final = {"List-Unsubscribe": ["One-Click"]}
#: What the button of our own page sends.
PRESSED: Final = {"stop": ["yes"]}
LONGEST_BODY: Final = 2048
#: The address of the page is the secret: it goes to nobody with the next click, and no search engine keeps it.
HEADERS: Final = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@open_to_all
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "OPTIONS", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """`List-Unsubscribe` points here."""
    with translation.override(_language(request)):
        return _door(request, token)


@open_to_all
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "OPTIONS", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """The link at the foot of every mail that rests on a consent."""
    with translation.override(_language(request)):
        return _door(request, token)


def _door(request: HttpRequest, token: str) -> HttpResponse:
    try:
        way_out = links.read(token)
    except NotALink:
        return _page(request, "unknown", status=404)
    if request.method != "POST":
        return _page(request, "ask", **_about(way_out))
    channel = _channel(request)
    if channel is None:
        return _page(request, "ask", status=400, **_about(way_out))
    leave(way_out, channel=channel, at=clock.now())
    return _page(request, "done", **_about(way_out))


def _channel(request: HttpRequest) -> Suppression.Channel | None:
    """Which of the two sends; None for a body that is neither."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        return None
    body = {name: request.POST.getlist(name) for name in request.POST}
    if body == ONE_CLICK and not request.FILES:
        return Suppression.Channel.ONE_CLICK
    if body == PRESSED and not request.FILES:
        return Suppression.Channel.PAGE
    return None


def _language(request: HttpRequest) -> str | None:
    """The page links to itself in the other language: to keep the choice would take a cookie."""
    wanted = request.GET.get("language", "")
    return wanted if wanted in ("ru", "en") else get_language()


def _about(way_out: WayOut) -> dict[str, Any]:
    """Nothing of the person, known or not: the page says the same of somebody who is long gone."""
    purpose = current().purposes.get(way_out.purpose)
    language = language_of(get_language())
    return {
        "purpose_title": purpose.title.in_language(language) if purpose else "",
        "rests_on_consent": purpose.needs_consent if purpose else True,
        "is_advertising": is_advertising(way_out.purpose),
    }


def _page(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    response = render(request, f"consent/way_out_{name}.html", context, status=status)
    for header, value in {**HEADERS, "Content-Language": get_language() or "ru"}.items():
        response[header] = value
    return response
