"""The auditor's pages on consents: the ledger by person, and the evidence of one entry. Every look is an event."""

from typing import Final
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from consent.evidence import evidence_of
from consent.facts import Fact
from consent.models import LedgerEntry
from consent.receipts import issuing
from consent.receipts.reading import ReceiptInWords, in_words
from consent.views.receipts import as_download, made_or_404
from personal_data.scope import processing
from processing_log import words
from processing_log.actors import Actor
from processing_log.gate import AuditRequest, for_auditors
from processing_log.scopes import Scope

SHOWN: Final = 50


class PersonForm(forms.Form):
    """The reference is an address, not a secret: it names nobody."""

    subject = forms.UUIDField(label=_("Person, by reference"), required=False)


@for_auditors
@never_cache
@require_GET
def consents(request: AuditRequest) -> HttpResponse:
    """All entries, or those of one person; the newest first."""
    form = PersonForm(request.GET)
    if not form.is_valid():
        return render(request, "consent/audit_list.html", {"form": form, "entries": []}, status=400)
    subject_id = form.cleaned_data["subject"]
    entries = _within(request.scope).select_related("text").order_by("-at", "-turn", "pk")
    if subject_id:
        entries = entries.filter(subject_id=subject_id)
    page = Paginator(entries, SHOWN).get_page(request.GET.get("page"))
    rows = [(entry, words.of_purpose(entry.purpose)) for entry in page]
    _note(request.user.actor, subject_id, "list")
    context = {"form": form, "rows": rows, "page": page, "is_of_one": subject_id is not None}
    return render(request, "consent/audit_list.html", context)


@for_auditors
@never_cache
@require_GET
def consent(request: AuditRequest, consent_id: UUID) -> HttpResponse:
    _seen_or_404(consent_id, request.scope)
    evidence = evidence_of(consent_id)
    _note(request.user.actor, evidence.entry.subject_id, str(consent_id))
    lines = [(event, words.what_happened(event)) for event in evidence.events if request.scope.shows(event)]
    context = {
        "evidence": evidence,
        "purpose": words.of_purpose(evidence.entry.purpose),
        "lines": lines,
        "receipt": _receipt_of(consent_id),
    }
    return render(request, "consent/audit_one.html", context)


@for_auditors
@never_cache
@require_GET
def receipt_file(request: AuditRequest, consent_id: UUID) -> HttpResponse:
    _seen_or_404(consent_id, request.scope)
    made = made_or_404(consent_id)
    _note(request.user.actor, LedgerEntry.objects.get(pk=consent_id).subject_id, f"rcp_{consent_id}")
    return as_download(made)


def _within(scope: Scope) -> QuerySet[LedgerEntry]:
    """The entries of the mandate's period and purposes. A consent has no operation and no category."""
    entries = LedgerEntry.objects.filter(at__gte=scope.since)
    entries = entries.filter(at__lt=scope.until) if scope.until else entries
    return entries.filter(purpose__in=scope.purposes) if scope.purposes else entries


def _seen_or_404(consent_id: UUID, scope: Scope) -> None:
    if not _within(scope).filter(pk=consent_id).exists():
        raise Http404


def _receipt_of(consent_id: UUID) -> ReceiptInWords | None:
    try:
        return in_words(issuing.receipt_of(consent_id))
    except issuing.CannotBeMade:
        return None


def _note(actor: Actor, subject_id: UUID | None, what: str) -> None:
    with processing("rights", actor=actor) as act:
        act.record(Fact.EVIDENCE_READ.value, subject=subject_id, reason=what)
