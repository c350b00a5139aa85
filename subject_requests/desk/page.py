"""The page of one request: masked words, opened for a reason; its clocks; the buttons that are allowed now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access.requests import SignedInRequest
from accounts.reasons import RevealReason
from law import clock
from personal_data.errors import Destroyed
from personal_data.scope import processing
from subject_requests import corrections, selectors, services
from subject_requests.desk.acts import ACTS, Act, Standing, allowed
from subject_requests.desk.guards import ONE, for_answering, for_looking, found, frame, may_answer
from subject_requests.desk.obstacles import OBSTACLES, why_not
from subject_requests.forms import RevealForm
from subject_requests.models import Correction, RecipientNotice, Request


@dataclass(frozen=True, kw_only=True)
class Button:
    act: Act
    form: forms.Form | None


def show(request: SignedInRequest, filed: Request) -> HttpResponse:
    return _page(request, filed)


@never_cache
@require_POST
@for_looking
def reveal(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    """The same page with the words opened, once: the reason is in the log, and the person sees it."""
    filed = found(request_id)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _page(request, filed, reveal_form=form)
    reason = RevealReason(form.cleaned_data["reason"]).for_log(filed.number)
    with processing(services.PURPOSE, actor=request.user.actor, reason=reason):
        differences = corrections.differences(filed)
        return _page(request, filed, is_opened=True, differences=differences).render()


@never_cache
@require_POST
@for_answering
def act(request: SignedInRequest, request_id: UUID, code: str) -> HttpResponse:
    """One button. Not there, or not there any longer: the page says so and shows how things stand now."""
    filed, pressed = found(request_id), ACTS[code]
    standing = _standing(request, filed)
    if pressed not in allowed(standing, may_act=True):
        messages.error(request, _("This is not possible now: somebody else has the request, or it has moved on."))
        return redirect(ONE, filed.pk)
    form = pressed.form(request.POST, **_bound(pressed, standing)) if pressed.form else None
    if form is not None and not form.is_valid():
        return _page(request, filed, tried=Button(act=pressed, form=form))
    try:
        pressed.run(standing, form.cleaned_data if form else {})
    except tuple(OBSTACLES) as obstacle:
        messages.error(request, why_not(obstacle))
    else:
        messages.success(request, str(pressed.done))
    return redirect(ONE, filed.pk)


@require_POST
@for_answering
def see_proof(request: SignedInRequest, request_id: UUID, correction_id: UUID) -> HttpResponse:
    filed = found(request_id)
    if Correction.objects.filter(pk=correction_id, request=filed).exists() and filed.is_open:
        try:
            services.see_proof(correction_id=correction_id, actor=request.user.actor, at=clock.now())
        except Destroyed as obstacle:
            messages.error(request, str(OBSTACLES[type(obstacle)]))
        else:
            messages.success(request, _("It is noted that you have seen the proof."))
    return redirect(ONE, filed.pk)


@require_POST
@for_answering
def note_told(request: SignedInRequest, request_id: UUID, notice_id: int) -> HttpResponse:
    filed = found(request_id)
    if RecipientNotice.objects.filter(pk=notice_id, request=filed).exists():
        try:
            services.note_told(notice_id=notice_id, actor=request.user.actor, at=clock.now())
        except corrections.AlreadyTold:
            messages.warning(request, _("That was noted before."))
        else:
            messages.success(request, _("It is noted that the recipient was told."))
    return redirect(ONE, filed.pk)


def _standing(request: SignedInRequest, filed: Request) -> Standing:
    return Standing(request=filed, clocks=tuple(filed.clocks.all()), user=request.user, at=clock.now())


def _bound(act: Act, standing: Standing) -> dict[str, Any]:
    return {name: value for name, value in act.options(standing).items() if name != "initial"}


def _page(
    request: HttpRequest,
    filed: Request,
    *,
    is_opened: bool = False,
    reveal_form: RevealForm | None = None,
    tried: Button | None = None,
    differences: list[corrections.Difference] | None = None,
) -> TemplateResponse:
    at = clock.now()
    standing = _standing(request, filed)  # type: ignore[arg-type]
    context = {
        **frame(request, _("Request %(number)s") % {"number": filed.number}),
        "shown": selectors.one_request(filed, at=at, for_staff=True),
        "held": selectors.held_of(filed.person_id),
        "is_opened": is_opened,
        "differences": differences,
        "corrections": filed.corrections.order_by("field"),
        "field_labels": corrections.labels(),
        "notices": filed.recipient_notices.all(),
        "is_gone": filed.subject.destroyed_at is not None,
        "is_mine": standing.is_mine,
        "may_act": may_answer(request),
        "buttons": [
            tried if tried and tried.act is each else Button(act=each, form=_blank(each, standing))
            for each in allowed(standing, may_act=may_answer(request))
        ],
        "tried": tried,
        "reveal_form": reveal_form or RevealForm(),
    }
    return TemplateResponse(request, "admin/subject_requests/request/one.html", context)


def _blank(act: Act, standing: Standing) -> forms.Form | None:
    return act.form(**act.options(standing)) if act.form else None
