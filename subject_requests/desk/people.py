"""Who has what, by name; who is away; handing a request over; a calendar of one's own."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from access.requests import SignedInRequest
from law import clock
from subject_requests import board, calendar_feed, services, staff
from subject_requests.desk.guards import ONE, for_answering, found, frame
from subject_requests.forms import AbsenceForm, HandOverForm
from subject_requests.models import Absence, CalendarFeed

PEOPLE = "admin:subject_requests_request_people"


@never_cache
@require_http_methods(["GET", "POST"])
@for_answering
def people(request: SignedInRequest) -> HttpResponse:
    """Names are opened here and on the next page, and nowhere else at the desk; the log keeps that."""
    colleagues = staff.colleagues(actor=request.user.actor, at=clock.now())
    form = AbsenceForm(request.POST or None, colleagues=colleagues)
    if form.is_valid():
        try:
            staff.enter_absence(**form.cleaned_data, actor=request.user.actor, at=clock.now())
        except staff.BadDays:
            form.add_error("until_on", _("The last day is before the first, or the deputy is who is away."))
        else:
            messages.success(request, _("The absence is entered."))
            return redirect(PEOPLE)
    return _page(request, colleagues, form)


@require_POST
@for_answering
def cancel_absence(request: SignedInRequest, absence_id: int) -> HttpResponse:
    if staff.cancel_absence(absence_id=absence_id, actor=request.user.actor, at=clock.now()):
        messages.success(request, _("The absence is cancelled."))
    return redirect(PEOPLE)


@never_cache
@require_http_methods(["GET", "POST"])
@for_answering
def hand_over(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    filed = found(request_id)
    if not filed.is_open:
        messages.error(request, _("The request is closed."))
        return redirect(ONE, filed.pk)
    colleagues = staff.colleagues(actor=request.user.actor, at=clock.now())
    form = HandOverForm(request.POST or None, colleagues=colleagues)
    if form.is_valid():
        try:
            services.hand_over(
                request_id=filed.pk, to=form.cleaned_data["to"], actor=request.user.actor, at=clock.now()
            )
        except services.NotOpen:
            messages.error(request, _("Somebody has moved the request meanwhile; look again."))
        else:
            messages.success(request, _("The request is handed over."))
        return redirect(ONE, filed.pk)
    context = {**frame(request, _("Hand over request %(number)s") % {"number": filed.number}), "filed": filed}
    return TemplateResponse(request, "admin/subject_requests/request/hand_over.html", {**context, "form": form})


@never_cache
@require_POST
@for_answering
def make_calendar(request: SignedInRequest) -> HttpResponse:
    """Shown once; a new one ends the old."""
    code = calendar_feed.make(user_id=request.user.pk, actor=request.user.actor, at=clock.now())
    url = f"{settings.BASE_URL}/desk/calendar/{code}.ics"
    context = {**frame(request, _("Your calendar of due dates")), "url": url}
    return TemplateResponse(request, "admin/subject_requests/request/calendar.html", context)


def _page(request: SignedInRequest, colleagues: Any, form: AbsenceForm) -> HttpResponse:
    at = clock.now()
    held = {holding.holder: holding for holding in board.board(at=at).holders}
    names = {each.id: each.name for each in colleagues}
    absences = [
        {"row": row, "absentee": names.get(row.absentee, row.absentee), "deputy": names.get(row.deputy, row.deputy)}
        for row in Absence.objects.filter(cancelled_at=None, until_on__gte=staff.today(at)).order_by("from_on")
    ]
    context = {
        **frame(request, _("Who has what")),
        "colleagues": [{"who": each, "held": held.get(each.id)} for each in colleagues],
        "nobody": held.get(None),
        "absences": absences,
        "form": form,
        "has_calendar": CalendarFeed.objects.filter(user=request.user.pk).exists(),
    }
    return TemplateResponse(request, "admin/subject_requests/request/people.html", context)
