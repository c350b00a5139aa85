"""The versions of a text one beside the other: what differs, and what it means for who is signed in."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language

from access.roles import Role
from access.rules import open_to_all
from consent import changes, selectors
from consent.differences import between
from consent.feed import PolicyFeed
from consent.forms import CompareForm
from consent.in_force import day_of
from consent.models import ConsentTextVersion, PolicyVersion
from law import clock
from profiles import current

V = TypeVar("V", PolicyVersion, ConsentTextVersion)


@open_to_all
def policy(request: HttpRequest) -> HttpResponse:
    rows = list(PolicyVersion.objects.order_by("-number"))
    context = _compared(request, rows, lambda row: row.number)
    context |= {"in_force": selectors.newest_policy(), "today": day_of(clock.now()), "operator": current().operator}
    if context["older"] and context["newer"]:
        context["reach"] = changes.all_changes(
            context["older"].data_map, context["newer"].data_map, context["language"]
        )
    is_person = request.user.is_authenticated and request.user.role == Role.USER
    if is_person and rows:
        context |= _for_person(request, context["language"])
    response = render(request, "consent/policy_history.html", context, status=400 if context["form"].errors else 200)
    if request.user.is_authenticated:
        add_never_cache_headers(response)
    return response


@open_to_all
def consent(request: HttpRequest, slug: str) -> HttpResponse:
    rows = list(ConsentTextVersion.objects.filter(slug=slug).order_by("-version"))
    if not rows:
        raise Http404
    context = _compared(request, rows, lambda row: row.version)
    context |= {"shown": selectors.show_consent(rows[0], context["language"]), "slug": slug}
    return render(request, "consent/consent_history.html", context, status=400 if context["form"].errors else 200)


@open_to_all
def feed(request: HttpRequest, language: str = "") -> HttpResponse:
    return PolicyFeed(language or selectors.language_of(get_language()))(request)


def _compared(request: HttpRequest, rows: Sequence[V], number_of: Callable[[V], int]) -> dict[str, Any]:
    """The two versions that were asked for; without a wish, the newest and the one before."""
    language = selectors.language_of(get_language())
    by_number = {number_of(row): row for row in rows}
    newest = max(by_number, default=0)
    wish = request.GET if {"from", "to"} & set(request.GET) else {"from": newest - 1, "to": newest}
    form = CompareForm(wish, numbers=sorted(by_number)) if len(rows) > 1 else CompareForm(numbers=sorted(by_number))
    older = newer = difference = None
    if form.is_valid():
        older, newer = by_number[form.cleaned_data["from"]], by_number[form.cleaned_data["to"]]
        difference = between(older.document.in_language(language), newer.document.in_language(language))
    return {
        "versions": rows,
        "language": language,
        "form": form,
        "older": older,
        "newer": newer,
        "difference": difference,
    }


def _for_person(request: HttpRequest, language: str) -> dict[str, Any]:
    assert request.user.is_authenticated
    subject_id = request.user.subject_id
    return {
        "is_person": True,
        "notice": changes.notice_for(subject_id, language),
        "holds": changes.holds_of(subject_id, language),
    }
