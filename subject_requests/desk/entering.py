"""What came by post or telephone, put in by staff with the day of its receipt."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from access.requests import SignedInRequest
from law import clock
from law.deadlines import operator_zone
from personal_data.errors import Destroyed
from personal_data.models import Subject
from personal_data.scope import processing
from subject_requests import services
from subject_requests.desk.guards import ONE, for_answering, frame
from subject_requests.forms import EnterForm
from subject_requests.kinds import Identity
from subject_requests.models import Request


@never_cache
@require_http_methods(["GET", "POST"])
@for_answering
def enter(request: SignedInRequest) -> HttpResponse:
    form = EnterForm(request.POST or None, initial={"person": request.GET.get("person"), "language": "ru"})
    if form.is_valid() and _knows_the_person(form):
        try:
            filed = _file(request, form.cleaned_data)
        except services.AlreadyAsked:
            form.add_error("kinds", _("A request to destroy everything is open already."))
        except Destroyed:
            form.add_error("person", _("The person's data is destroyed; enter the letter as one of a stranger."))
        else:
            messages.success(request, _("The request is entered. Its number is %(number)s.") % {"number": filed.number})
            return redirect(ONE, filed.pk)
    context = {**frame(request, _("Enter a letter or a call")), "form": form}
    return TemplateResponse(request, "admin/subject_requests/request/enter.html", context)


def _knows_the_person(form: EnterForm) -> bool:
    person = form.cleaned_data.get("person")
    if person and not Subject.objects.filter(pk=person).exclude(kind="staff").exists():
        form.add_error("person", _("There is nobody with this reference."))
        return False
    return True


def _file(request: SignedInRequest, entered: dict[str, Any]) -> Request:
    actor, now = request.user.actor, clock.now()
    received_at = min(datetime.combine(entered["received_on"], time(12), tzinfo=operator_zone()), now)
    paper = (
        services.Paper(place=entered["paper_place"], sheets=entered["paper_sheets"])
        if entered["paper_place"] and entered["paper_sheets"]
        else None
    )
    with processing(services.PURPOSE, actor=actor):
        return services.file_request(
            subject_id=entered["person"] or _stranger(request, entered["address"], received_at),
            kinds=entered["kinds"],
            text=entered["text"],
            language=entered["language"],
            actor=actor,
            at=received_at,
            entered_at=now,
            channel=entered["channel"],
            identity=Identity.DOCUMENT if entered["document_seen"] else Identity.NONE,
            by_representative=entered["by_representative"],
            paper=paper,
        )


def _stranger(request: SignedInRequest, address: str, at: datetime) -> UUID:
    return services.subject_for_stranger(at=at, actor=request.user.actor, address=address).pk
