"""The published texts, for anybody, in the reader's language."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from access.rules import open_to_all
from consent import selectors
from consent.models import ConsentTextVersion, PolicyVersion
from consent.policy_data import policy_as_data
from profiles import current


@open_to_all
def policy(request: HttpRequest) -> HttpResponse:
    return _policy_page(request, _newest_or_404())


@open_to_all
def version(request: HttpRequest, number: int) -> HttpResponse:
    return _policy_page(request, get_object_or_404(PolicyVersion, number=number))


@open_to_all
def history(request: HttpRequest) -> HttpResponse:
    versions = PolicyVersion.objects.order_by("-number")
    return render(request, "consent/policy_history.html", {"versions": versions, "operator": current().operator})


@open_to_all
def policy_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse(policy_as_data(_newest_or_404()), json_dumps_params={"ensure_ascii": False, "indent": 1})


@open_to_all
def policy_text(request: HttpRequest, number: int, language: str) -> HttpResponse:
    """Exactly the bytes whose SHA-256 the page shows."""
    row = get_object_or_404(PolicyVersion, number=number)
    return _plain(row.document.in_language(language).canonical())


@open_to_all
def consent_text(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    rows = ConsentTextVersion.objects.filter(slug=slug).order_by("-version")
    row = rows.filter(version=number).first() if number else rows.first()
    if row is None or row.purpose not in current().purposes:
        raise Http404
    shown = selectors.show_consent(row, selectors.language_of(get_language()))
    return render(
        request, "consent/consent_text.html", {"shown": shown, "versions": rows, "is_newest": row == rows.first()}
    )


@open_to_all
def consent_plain_text(request: HttpRequest, slug: str, number: int, language: str) -> HttpResponse:
    row = get_object_or_404(ConsentTextVersion, slug=slug, version=number)
    return _plain(row.document.in_language(language).canonical())


def _newest_or_404() -> PolicyVersion:
    row = selectors.newest_policy()
    if row is None:
        raise Http404("no policy is published")
    return row


def _policy_page(request: HttpRequest, row: PolicyVersion) -> HttpResponse:
    newest = _newest_or_404()
    language = selectors.language_of(get_language())
    operator = current().operator
    context = {
        "shown": selectors.show_policy(row, language, is_newest=row == newest),
        "newest": newest,
        "responsible": operator.responsible,
        "responsible_title": operator.responsible.title.in_language(language),
    }
    return render(request, "consent/policy.html", context)


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text.encode(), content_type="text/plain; charset=utf-8")
