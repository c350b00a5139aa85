"""The auditor's desk: the log with filters, one event, and the log as a file. Every look is an event itself."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from processing_log import export, orders, proofs, selectors, services, tasks, words
from processing_log.export import CONTENT_TYPES, Format
from processing_log.filters import LogFilter
from processing_log.forms import ExportForm, LogFilterForm
from processing_log.gate import AuditRequest, for_auditors
from processing_log.lines import line_of
from processing_log.selectors import Counts

BARS = 8


@for_auditors
@never_cache
@require_GET
def events(request: AuditRequest) -> HttpResponse:
    form = LogFilterForm(request.GET)
    if not form.is_valid():
        return render(request, "processing_log/events.html", _asking(form, is_open=True), status=400)
    wanted, before = form.within(request.scope), form.cleaned_data["before"]
    page = selectors.page_of_events(wanted, before=before)
    counts = selectors.counts(wanted)
    past = selectors.past_the_application(request.scope)
    services.record_reading(actor=request.user.actor, what=wanted.in_codes(with_typed=bool(page.events)))
    context = {
        **_asking(form, is_open=form.asks_more_than_a_period),
        "lines": [line_of(event) for event in page.events],
        "older": page.older,
        "is_first": before is None,
        "past_the_application": past,
        "number": _number(counts),
        "bars": _bars(counts),
        "formats": Format.choices,
    }
    return render(request, "processing_log/events.html", context)


@for_auditors
@never_cache
@require_GET
def event(request: AuditRequest, number: int) -> HttpResponse:
    found = selectors.one_event(number, request.scope)
    if found is None:
        raise Http404
    others = selectors.events_of_one_act(found, request.scope)
    services.record_reading(actor=request.user.actor, what=f"id={number}")
    index = proofs.index_of(found)
    context = {
        "line": line_of(found),
        "others": [line_of(other) for other in others],
        "index": index,
        "is_signed": proofs.is_signed(index),
        "neighbours": selectors.neighbours(index, request.scope),
    }
    return render(request, "processing_log/event.html", context)


@for_auditors
@require_POST
def download(request: AuditRequest) -> HttpResponseBase:
    form = ExportForm(request.POST)
    if not form.is_valid():
        return render(request, "processing_log/events.html", _asking(form, is_open=True), status=400)
    wanted, kind = form.within(request.scope), Format(form.cleaned_data["form"])
    if kind not in export.STREAMED:
        return _ordered(request, wanted, kind, form.cleaned_data["size"])
    services.record_export(actor=request.user.actor, wanted=wanted, form=kind)
    response = StreamingHttpResponse(
        (text for _number, text in export.blocks(wanted, kind)), content_type=CONTENT_TYPES[kind]
    )
    response["Content-Disposition"] = f'attachment; filename="processing-log.{kind.value}"'
    response["Cache-Control"] = "no-store"
    return response


def _ordered(request: AuditRequest, wanted: LogFilter, kind: Format, since: int | None) -> HttpResponse:
    ordered = orders.order(actor=request.user.actor, wanted=wanted, form=kind, since=since)
    tasks.make_export.delay_on_commit(str(ordered.pk))  # type: ignore[attr-defined]  # celery-types: our task class
    return redirect("audit:order", ordered.pk)


def _asking(form: LogFilterForm, *, is_open: bool) -> dict[str, Any]:
    return {
        "form": form,
        "is_filter_open": is_open,
        "known_purposes": words.known_purposes(),
        "known_facts": words.known_facts(),
    }


def _number(counts: Counts) -> str:
    if counts.is_cut:
        return _("more than %(number)s events, of which the newest are counted") % {"number": selectors.COUNTED}
    return ngettext("%(number)s event", "%(number)s events", counts.total) % {"number": counts.total}


def _bars(counts: Counts) -> list[tuple[str, int]]:
    bars = [(words.what(*kind), number) for kind, number in counts.by_kind[:BARS]]
    rest = sum(number for _kind, number in counts.by_kind[BARS:])
    return [*bars, (_("all others"), rest)] if rest else bars
