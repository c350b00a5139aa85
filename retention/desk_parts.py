"""The desk's page of one person: what is held until when, what has ended, what goes of it. And changed rules."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from access.requests import SignedInRequest
from law import clock
from personal_data.errors import Destroyed, HeldElsewhere
from personal_data.models import Subject
from retention import changing, ending, ordering
from retention.desk import for_deciding, frame, may_decide
from retention.ending import Found
from retention.erasure import LeftBehind
from retention.forms_parts import EndForm, PartForm
from retention.models import Norm, PartOrder, RuleVersion
from retention.person import person as person_of
from retention.rules import NotForThisKind
from retention.values import NotAlone

PERSON: Final = "admin:retention_person"
ONE_VERSION: Final = "admin:retention_ruleversion_change"
LINES: Final = 100
WHY_NOT: Final[dict[type[Exception], str | Promise]] = {
    ordering.NothingHeld: gettext_lazy("There is no such value any more."),
    ordering.StandsOnHold: gettext_lazy("A hold keeps this person's data. Release it first."),
    ordering.SecondPersonNeeded: gettext_lazy("You have ordered it. A second person has to agree."),
    ordering.NoOrder: gettext_lazy("The order waits for nobody any more."),
    NotAlone: gettext_lazy("This cannot be destroyed alone: without it there is no account. Report an end instead."),
    LeftBehind: gettext_lazy("It could not be destroyed alone; nothing was changed."),
    IntegrityError: gettext_lazy("It could not be destroyed alone; nothing was changed."),
    Destroyed: gettext_lazy("The person's data is destroyed already."),
    HeldElsewhere: gettext_lazy(
        "Somebody was changing this person's data in that moment. Nothing was done: try again."
    ),
    ending.InTheFuture: gettext_lazy("This day is still to come."),
    ending.UnknownPurpose: gettext_lazy("This purpose is ended by its owner alone."),
    NotForThisKind: gettext_lazy("There is no such rule for people of this kind."),
    changing.NothingChanged: gettext_lazy("The profile says what is in force: there is nothing to look at."),
    changing.OtherRulesNow: gettext_lazy("The profile has changed since: it has to be looked at again."),
    changing.SecondPersonNeeded: gettext_lazy("You have looked first. A second person has to confirm."),
    changing.NoVersion: gettext_lazy("This change waits for nobody any more."),
}


@never_cache
@require_safe
def person(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    return show_person(request, get_object_or_404(Subject, pk=subject_id))


def show_person(
    request: HttpRequest, subject: Subject, *, part: PartForm | None = None, end: EndForm | None = None
) -> HttpResponse:
    shown = person_of(subject, clock.now())
    context = {
        **frame(request, _("Until when a person's data is held")),
        "person": shown,
        "part": part or PartForm(person=shown),
        "end": end or EndForm(kind=subject.kind),
        "may_decide": may_decide(request) and subject.destroyed_at is None,
        "found": set(Found.values),
        "opts": PartOrder._meta,
    }
    return TemplateResponse(request, "admin/retention/person.html", context)


@for_deciding
@require_POST
def order(request: SignedInRequest, subject_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Subject, pk=subject_id)
    form = PartForm(request.POST, person=person_of(subject, clock.now()))
    if not form.is_valid():
        return show_person(request, subject, part=form)
    try:
        made = ordering.order_part(
            subject_id=subject_id, norm=Norm(form.cleaned_data["norm"]), portion=form.portion,
            actor=request.user.actor, at=clock.now(),
        )  # fmt: skip
    except tuple(WHY_NOT) as refused:
        messages.error(request, _why(refused))
    else:
        said = _("Destroyed.") if made.done_at else _("So much goes only when a second person has agreed.")
        messages.success(request, said)
    return redirect(PERSON, subject_id)


@for_deciding
@require_POST
def agree(request: SignedInRequest, order_id: UUID) -> HttpResponse:
    waiting = get_object_or_404(PartOrder, pk=order_id)
    try:
        agreed = ordering.agree_to_part(order_id=order_id, actor=request.user.actor, at=clock.now())
    except tuple(WHY_NOT) as refused:
        messages.error(request, _why(refused))
    else:
        said = _("Destroyed.") if agreed.done_at else _("Agreed: it goes when its day has come and no hold keeps it.")
        messages.success(request, said)
    return redirect(PERSON, waiting.subject_id)


@for_deciding
@require_POST
def take_order_back(request: SignedInRequest, order_id: UUID) -> HttpResponse:
    waiting = get_object_or_404(PartOrder, pk=order_id)
    try:
        ordering.take_back(order_id=order_id, actor=request.user.actor, at=clock.now())
    except ordering.NoOrder as refused:
        messages.error(request, _why(refused))
    else:
        messages.success(request, _("Taken back: nothing is destroyed for it."))
    return redirect(PERSON, waiting.subject_id)


@for_deciding
@require_POST
def end(request: SignedInRequest, subject_id: UUID) -> HttpResponse:
    subject = get_object_or_404(Subject, pk=subject_id)
    form = EndForm(request.POST, kind=subject.kind)
    if not form.is_valid():
        return show_person(request, subject, end=form)
    try:
        ending.report_end(
            subject_id=subject_id, found=Found(form.cleaned_data["found"]), at=form.at, actor=request.user.actor,
            purpose=form.cleaned_data["purpose"],
        )  # fmt: skip
    except tuple(WHY_NOT) as refused:
        messages.error(request, _why(refused))
    else:
        messages.success(request, _("The term runs."))
    return redirect(PERSON, subject_id)


@for_deciding
@require_POST
def take_back(request: SignedInRequest, subject_id: UUID) -> HttpResponse:
    get_object_or_404(Subject, pk=subject_id)
    found, purpose = request.POST.get("found", ""), request.POST.get("purpose", "")
    if found in Found.values and ending.take_back(
        subject_id=subject_id, found=Found(found), actor=request.user.actor, purpose=purpose
    ):
        messages.success(request, _("Taken back: the term does not run any more."))
    else:
        messages.error(request, _("No such term runs."))
    return redirect(PERSON, subject_id)


# --- changed rules ----------------------------------------------------------------------------------------------------


@for_deciding
def preview(request: SignedInRequest) -> HttpResponse:
    """Who would go sooner and who would stay longer. A POST keeps what was seen, for a second person."""
    if request.method == "POST":
        try:
            version = changing.look(actor=request.user.actor, at=clock.now())
        except changing.NothingChanged as refused:
            messages.error(request, _why(refused))
            return redirect("admin:retention_ruleversion_preview")
        messages.success(request, _("Kept. A second person has to confirm; until then nothing changes."))
        return redirect(ONE_VERSION, version.pk)
    return _effects(request, None)


def show_version(request: SignedInRequest, version: RuleVersion) -> HttpResponse:
    return _effects(request, version)


def _effects(request: SignedInRequest, version: RuleVersion | None) -> HttpResponse:
    """Of a change that is over only the numbers are left."""
    waits = changing.is_waiting() and (version is None or version.in_force_at is None)
    effects = list(changing.preview(clock.now())) if waits else []
    context = {
        **frame(request, _("Change of the retention rules")),
        "version": version,
        "waits": waits,
        "summary": version.preview if version else (changing.summary(clock.now()) if waits else {}),
        "page": Paginator(effects, LINES).get_page(request.GET.get("page")),
        "may_look": waits and version is None,
        "may_confirm": bool(
            waits and version and not version.confirmed_at and may_decide(request)
            and str(version.previewed_by) != request.user.actor.id
        ),
        "opts": RuleVersion._meta,
    }  # fmt: skip
    return TemplateResponse(request, "admin/retention/rules.html", context)


@for_deciding
@require_POST
def confirm(request: SignedInRequest, number: int) -> HttpResponse:
    version = get_object_or_404(RuleVersion, number=number)
    try:
        changing.confirm(number=number, actor=request.user.actor, at=clock.now())
    except tuple(WHY_NOT) as refused:
        messages.error(request, _why(refused))
    else:
        messages.success(request, _("Confirmed: the next run brings the rules into force."))
    return redirect(ONE_VERSION, version.pk)


def _why(refused: Exception) -> str:
    return next(str(words) for kind, words in WHY_NOT.items() if isinstance(refused, kind))
