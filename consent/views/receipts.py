"""Receipts of consents: a page and a file for their owner, and for everybody a way to verify one."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from access.floods import limited
from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only, open_to_all
from consent.models import LedgerEntry
from consent.receipts import issuing, namespace, takeaway
from consent.receipts.checking import check
from consent.receipts.forms import VerifyForm
from consent.receipts.reading import in_words


@only(Role.USER)
@never_cache
@require_safe
def receipt(request: SignedInRequest, entry_id: UUID) -> HttpResponse:
    made = _own_or_404(request, entry_id)
    context = {
        "receipt": in_words(made),
        "entry_id": entry_id,
        "is_sound": issuing.is_sound(made),
        "verify_url": f"{settings.BASE_URL}/privacy/verify-receipt/",
    }
    return render(request, "consent/receipt.html", context)


@only(Role.USER)
@never_cache
@require_safe
def receipt_file(request: SignedInRequest, entry_id: UUID) -> HttpResponse:
    return as_download(_own_or_404(request, entry_id))


def _own_or_404(request: SignedInRequest, entry_id: UUID) -> dict[str, object]:
    """404 for somebody else's entry and for one that has no receipt."""
    if not LedgerEntry.objects.filter(pk=entry_id, subject_id=request.user.subject_id).exists():
        raise Http404
    return made_or_404(entry_id)


def made_or_404(entry_id: UUID) -> dict[str, object]:
    try:
        return issuing.receipt_of(entry_id)
    except (issuing.CannotBeMade, LedgerEntry.DoesNotExist):
        raise Http404 from None


def as_download(made: dict[str, object]) -> HttpResponse:
    name = f"{made['dct:identifier']}.jsonld"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(issuing.as_file(made), content_type="application/ld+json", headers=headers)


@open_to_all
@require_safe
def by_number(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """The address that a receipt bears leads its owner to its page; nobody is told whether there is one."""
    return redirect("consents:receipt", entry_id)


@open_to_all
@limited("verify_receipt")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """What is handed in is looked at and forgotten: it is neither stored nor logged, nor written back into the form."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    checked = check(form.cleaned_data["receipt"]) if form.is_valid() else None
    context = {
        "form": VerifyForm() if checked else form,
        "checked": checked,
        "receipt": in_words(checked.receipt) if checked and checked.receipt else None,
    }
    return render(request, "consent/verify_receipt.html", context)


@open_to_all
@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The very file that the portal itself verifies with."""
    headers = {"Content-Disposition": f'attachment; filename="{takeaway.VERIFIER.name}"'}
    return HttpResponse(takeaway.VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8", headers=headers)


@open_to_all
@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    return JsonResponse(takeaway.key_set(), content_type="application/jwk-set+json")


@open_to_all
@require_safe
def vocabulary(request: HttpRequest) -> HttpResponse:
    """Our own words in receipts, for people; programs ask for JSON-LD, here or beside it."""
    if "application/ld+json" in request.headers.get("Accept", ""):
        return _vocabulary_as_json_ld()
    response = render(request, "consent/namespace.html", {"terms": namespace.TERMS, "members": namespace.MEMBERS})
    response.headers["Vary"] = "Accept, Accept-Language, Cookie"
    return response


@open_to_all
@require_safe
def vocabulary_for_programs(request: HttpRequest) -> HttpResponse:
    return _vocabulary_as_json_ld()


def _vocabulary_as_json_ld() -> HttpResponse:
    return JsonResponse(
        namespace.as_json_ld(settings.BASE_URL),
        content_type="application/ld+json",
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )


@open_to_all
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    return render(request, "consent/receipt_profile.html")
