"""The page about cookies, the choice, and the two small files that tell a page from a cache what was chosen."""

import json
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from access.floods import limited
from access.origin import stands_on_our_page
from access.rules import open_to_all
from cookies import choice_cookie, removal, screens, selectors
from cookies.choice_cookie import Choice
from cookies.models import CookieChoice, Shown
from cookies.registry import Registry, registry
from cookies.services import NotShown, record_choice
from cookies.state import State, sends_gpc, state_of
from law import clock
from profiles.cookie_checks import METRICA_HOST
from profiles.wording import Language

GPC_SINCE = "2026-11-22"
ASKED = ".cookie-banner { display: block; }\nhtml { scroll-padding-bottom: 20rem; }\n"


@open_to_all
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    known, state, language = registry(), state_of(request), _language()
    last = selectors.last_choice(state.choice.consent_id) if state.choice else None
    context = {
        "groups": selectors.groups(known, language),
        "has_choice": bool(known.optional),
        "screen": screens.page(known, language, state.accepted) if known.optional else None,
        "state": state,
        "last": last,
        "accepted": [group.title.in_language(language) for group in known.optional if group.code in state.accepted],
        "refused": [group.title.in_language(language) for group in known.optional if group.code not in state.accepted],
        "was_outdated": "outdated" in request.GET,
    }
    return render(request, "cookies/page.html", context)


@open_to_all
@limited("choose_cookies")
@csrf_exempt  # a page from a cache has no token; where the form stands is asked of the browser instead
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    known = registry()
    if not known.optional:
        raise Http404("all cookies are necessary")
    if not stands_on_our_page(request):
        raise PermissionDenied
    state = state_of(request)
    accepted = _accepted(request, known)
    screen = screens.find(request.POST.get("screen", ""), known, state)
    try:
        row = record_choice(
            registry=known,
            accepted=accepted,
            screen=screen,
            consent_id=state.choice.consent_id if state.choice else None,
            method=screen.form if screen else CookieChoice.Method.PAGE.value,
            language=screen.language if screen else _language(),
            at=clock.now(),
        )
    except NotShown:
        return redirect(f"{reverse('privacy:cookies')}?outdated")
    response = redirect(_page_to_return_to(request))
    _give(request, response, known, row)
    return response


@open_to_all
@require_GET
def choice_css(request: HttpRequest) -> HttpResponse:
    """Shows the banner to whoever is to be asked. Empty for everybody else."""
    state = state_of(request)
    response = _for_this_visitor(ASKED if state.is_asked else "", "text/css")
    if state.withdrawn and state.choice:
        _give(request, response, registry(), _taken_back(state.choice.consent_id))
    return response


def _taken_back(consent_id: UUID) -> CookieChoice:
    """Written down once: an old cookie that is sent again and again says nothing new."""
    last = selectors.last_choice(consent_id)
    if last and not last.accepted:
        return last
    return record_choice(
        registry=registry(),
        accepted=(),
        screen=None,
        consent_id=consent_id,
        method=CookieChoice.Method.GPC.value,
        language=_language(),
        at=clock.now(),
    )


@open_to_all
@require_GET
def choice_js(request: HttpRequest) -> HttpResponse:
    """Starts what was chosen. Empty for everybody who has chosen nothing."""
    return _for_this_visitor("".join(_starts(registry(), state_of(request))), "text/javascript")


def _starts(known: Registry, state: State) -> list[str]:
    starts = []
    for group in known.optional:
        if group.code in state.accepted and group.metrica:
            module = json.dumps(static("js/metrica.js"))
            told = json.dumps(
                {
                    "counter": group.metrica.counter,
                    "host": f"https://{METRICA_HOST}",
                    "choice": reverse("privacy:cookies_js"),
                }
            )
            starts.append(f"import({module}).then((metrica) => metrica.start({told}));\n")
    return starts


@open_to_all
@require_GET
def registry_json(request: HttpRequest) -> JsonResponse:
    data = selectors.registry_as_data(registry())
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})


@open_to_all
@require_GET
def shown(request: HttpRequest, sha256: str) -> HttpResponse:
    """Exactly the bytes that were hashed."""
    row = get_object_or_404(Shown, pk=sha256)
    return HttpResponse(row.content.encode(), content_type="application/json")


@open_to_all
@require_GET
def gpc_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"gpc": True, "lastUpdate": GPC_SINCE})


def _accepted(request: HttpRequest, known: Registry) -> frozenset[str]:
    """Anything but a clear yes is a no."""
    decision = request.POST.get("decision")
    if decision == screens.ACCEPT:
        return known.optional_codes
    return frozenset(request.POST.getlist("groups")) if decision == screens.SAVE else frozenset()


def _give(request: HttpRequest, response: HttpResponse, known: Registry, row: CookieChoice) -> None:
    choice = Choice(
        consent_id=row.consent_id,
        accepted=frozenset(row.accepted),
        version=known.version,
        despite_gpc=sends_gpc(request) and row.method != CookieChoice.Method.GPC,
    )
    choice_cookie.write(response, choice)
    removal.remove_groups(request, response, known, row.refused)


def _page_to_return_to(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else reverse("privacy:cookies")


def _for_this_visitor(text: str, content_type: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _language() -> Language:
    return "en" if (get_language() or "").startswith("en") else "ru"
