"""A sample of the log, drawn so that anybody can draw it again."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from processing_log import sampling, services, words
from processing_log.forms import SampleForm
from processing_log.gate import AuditRequest, for_auditors
from processing_log.lines import line_of
from processing_log.models import Checkpoint, Event
from processing_log.sampling import Sample
from processing_log.scopes import Scope, eyes


@for_auditors
@never_cache
@require_GET
def sample(request: AuditRequest) -> HttpResponse:
    is_asked = "number" in request.GET
    form = SampleForm({"number": "25", **request.GET.dict()})
    context = {"form": form, "known_purposes": words.known_purposes(), "known_facts": words.known_facts()}
    if not form.is_valid():
        return render(request, "processing_log/sample.html", context, status=HTTPStatus.BAD_REQUEST)
    checkpoint = _checkpoint(form.cleaned_data["size"])
    if is_asked and checkpoint is None:
        form.add_error(
            "size", _("There is no checkpoint of this size. They are listed under “Checkpoints and witnesses”.")
        )
        return render(request, "processing_log/sample.html", context, status=HTTPStatus.BAD_REQUEST)
    if is_asked and checkpoint:
        context |= _drawn(request, form, checkpoint)
    return render(request, "processing_log/sample.html", context)


def _drawn(request: AuditRequest, form: SampleForm, checkpoint: Checkpoint) -> dict[str, object]:
    wanted, asked = form.within(request.scope), form.cleaned_data
    drawn = sampling.draw(wanted, checkpoint, number=asked["number"], word=asked["word"])
    what = f"sample={asked['number']} checkpoint={checkpoint.size} {wanted.in_codes(with_typed=bool(drawn.drawn))}"
    services.record_reading(actor=request.user.actor, what=what)
    return {"sample": drawn, "rows": _rows(drawn, request.scope), "way": sampling.WAY}


def _rows(sample: Sample, scope: Scope) -> list[tuple[object, object]]:
    numbers = [each.event_id for each in sample.drawn]
    with eyes(scope):
        events = {event.pk: event for event in scope.narrow(Event.objects.filter(pk__in=numbers))}
    return [(each, line_of(events[each.event_id])) for each in sample.drawn if each.event_id in events]


def _checkpoint(size: int | None) -> Checkpoint | None:
    found = Checkpoint.objects.filter(size=size) if size else Checkpoint.objects.order_by("-size")
    return found.first()
