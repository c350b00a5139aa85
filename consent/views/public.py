"""The published texts, for anybody, in the reader's language."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from access.rules import open_to_all
from consent import selectors
from consent.in_force import coming_policies, day_of
from consent.models import ConsentTextVersion, PolicyVersion
from consent.policy_data import policy_as_data
from law import clock
from profiles import current


@open_to_all
def policy(request: HttpRequest) -> HttpResponse:
    return _policy_page(request, _newest_or_404())


@open_to_all
def version(request: HttpRequest, number: int) -> HttpResponse:
    return _policy_page(request, get_object_or_404(PolicyVersion, number=number))


@open_to_all
def policy_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse(policy_as_data(_newest_or_404()), json_dumps_params={"ensure_ascii": False, "indent": 1})


@open_to_all
def policy_text(request: HttpRequest, number: int, language: str) -> HttpResponse:
    """Exactly the bytes whose SHA-256 the page shows."""
    row = get_object_or_404(PolicyVersion, number=number)
    return _plain(row.document.in_language(language).canonical())


@open_to_all
def by_hash(request: HttpRequest, sha256: str) -> HttpResponse:
    """The text with exactly this hash, in the language it is of, whatever came after it."""
    row, language = _published_or_404(sha256)
    if isinstance(row, PolicyVersion):
        return _policy_page(request, row, language)
    return _consent_page(request, row, language)


@open_to_all
def text_by_hash(request: HttpRequest, sha256: str) -> HttpResponse:
    row, language = _published_or_404(sha256)
    return _plain(row.document.in_language(language).canonical())


@open_to_all
def consent_text(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    rows = ConsentTextVersion.objects.filter(slug=slug).order_by("-version")
    in_use = rows.filter(effective_on__lte=day_of(clock.now())).first() or rows.last()
    row = in_use if number is None else rows.filter(version=number).first()
    if row is None:
        raise Http404
    return _consent_page(request, row, selectors.language_of(get_language()))


@open_to_all
def consent_plain_text(request: HttpRequest, slug: str, number: int, language: str) -> HttpResponse:
    row = get_object_or_404(ConsentTextVersion, slug=slug, version=number)
    return _plain(row.document.in_language(language).canonical())


def _newest_or_404() -> PolicyVersion:
    row = selectors.newest_policy()
    if row is None:
        raise Http404("no policy is published")
    return row


def _published_or_404(sha256: str) -> tuple[PolicyVersion | ConsentTextVersion, str]:
    """A translation may be the same in two versions: the first one is meant."""
    row = selectors.published_by_hash(sha256)
    if row is None:
        raise Http404
    return row, "ru" if row.sha256 == sha256 else "en"


def _policy_page(request: HttpRequest, row: PolicyVersion, language: str = "") -> HttpResponse:
    in_force = _newest_or_404()
    language = language or selectors.language_of(get_language())
    operator = current().operator
    context = {
        "shown": selectors.show_policy(row, language, is_newest=row == in_force),
        "newest": in_force,
        "coming": coming_policies(clock.now()).exclude(pk=row.pk).first() if row == in_force else None,
        "responsible": operator.responsible,
        "responsible_title": operator.responsible.title.in_language(get_language() or language),
    }
    return render(request, "consent/policy.html", context)


def _consent_page(request: HttpRequest, row: ConsentTextVersion, language: str) -> HttpResponse:
    rows = ConsentTextVersion.objects.filter(purpose=row.purpose).order_by("-version")
    day = day_of(clock.now())
    in_use = rows.filter(effective_on__lte=day).first()
    context = {
        "shown": selectors.show_consent(row, language),
        "versions": rows,
        "is_newest": row == in_use,
        "is_coming": row.effective_on > day,
        "is_offered": row.purpose in current().consents,
    }
    return render(request, "consent/consent_text.html", context)


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text.encode(), content_type="text/plain; charset=utf-8")
