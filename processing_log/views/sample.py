"""A sample of the log, drawn so that anybody can draw it again."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from processing_log import proofs, sampling, services, words
from processing_log.filters import LogFilter
from processing_log.forms import SampleForm
from processing_log.gate import AuditRequest, for_auditors
from processing_log.lines import line_of
from processing_log.models import Checkpoint
from processing_log.sampling import Sample
from processing_log.scopes import eyes


@for_auditors
@never_cache
@require_GET
def sample(request: AuditRequest) -> HttpResponse:
    asked = _asked(request)
    if isinstance(asked, HttpResponse):
        return asked
    form, checkpoint = asked
    context = _asking(form)
    if "number" in request.GET and checkpoint:
        wanted, drawn = _draw(request, form, checkpoint)
        what = f"sample={form.cleaned_data['number']} checkpoint={checkpoint.size}"
        codes = wanted.in_codes(with_typed=bool(drawn.drawn))
        services.record_reading(actor=request.user.actor, what=f"{what} {codes}")
        again = {
            **request.GET.dict(),
            "size": checkpoint.size,
            **dict(zip(("since", "until"), form.period, strict=True)),
        }
        context |= {
            "sample": drawn,
            "rows": _rows(drawn, wanted),
            "way": sampling.WAY,
            "again": urlencode(again),
        }
    return render(request, "processing_log/sample.html", context)


@for_auditors
@never_cache
@require_GET
def take(request: AuditRequest) -> HttpResponse:
    """The same sample as a ZIP that proves itself."""
    asked = _asked(request)
    if isinstance(asked, HttpResponse):
        return asked
    form, checkpoint = asked
    if checkpoint is None:
        raise Http404
    wanted, drawn = _draw(request, form, checkpoint)
    return proofs.of_sample(drawn, wanted=wanted, number=form.cleaned_data["number"], actor=request.user.actor)


def _asked(request: AuditRequest) -> tuple[SampleForm, Checkpoint | None] | HttpResponse:
    """The question and the checkpoint it names, or the page with what is wrong with it."""
    form = SampleForm({"number": "25", **request.GET.dict()})
    if form.is_valid():
        checkpoint = _checkpoint(form.cleaned_data["size"])
        if checkpoint or "number" not in request.GET:
            return form, checkpoint
        form.add_error(
            "size", _("There is no checkpoint of this size. They are listed under “Checkpoints and witnesses”.")
        )
    return render(request, "processing_log/sample.html", _asking(form), status=HTTPStatus.BAD_REQUEST)


def _asking(form: SampleForm) -> dict[str, object]:
    known = {"known_purposes": words.known_purposes(), "known_facts": words.known_facts()}
    return {"form": form, "few": sampling.FEW, **known}


def _draw(request: AuditRequest, form: SampleForm, checkpoint: Checkpoint) -> tuple[LogFilter, Sample]:
    wanted, asked = form.within(request.scope), form.cleaned_data
    return wanted, sampling.draw(wanted, checkpoint, number=asked["number"], word=asked["word"])


def _rows(sample: Sample, wanted: LogFilter) -> list[tuple[object, object]]:
    numbers = [each.event_id for each in sample.drawn]
    with eyes(wanted.within):
        events = {event.pk: event for event in wanted.events().filter(pk__in=numbers)}
    return [(each, line_of(events[each.event_id])) for each in sample.drawn if each.event_id in events]


def _checkpoint(size: int | None) -> Checkpoint | None:
    found = Checkpoint.objects.filter(size=size) if size else Checkpoint.objects.order_by("-size")
    return found.first()
