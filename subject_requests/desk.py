"""The desk's pages of one request: masked words, opened for a reason; take, answer, refuse; find."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access.requests import SignedInRequest
from access.roles import DESK_ROLES, Role
from accounts.facts import Fact as AccountFact
from accounts.reasons import RevealReason
from accounts.selectors import find_subject_by_email
from law import clock
from personal_data.errors import Destroyed
from personal_data.scope import processing
from subject_requests import drafts, services
from subject_requests.forms import AnswerForm, FindForm, RefusalForm, RevealForm
from subject_requests.kinds import State
from subject_requests.models import Request
from subject_requests.selectors import one_request

P = ParamSpec("P")
QUEUE: Final = "admin:subject_requests_request_changelist"
ONE: Final = "admin:subject_requests_request_change"
#: Those whose work the answers are; an administrator may look at the queue.
ANSWERING: Final = frozenset({Role.STAFF, Role.OFFICER})
NUMBER: Final = re.compile(r"\d{4}-\d{6,}")


def may_look(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in DESK_ROLES


def may_answer(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in ANSWERING


def short(reference: UUID | str | None) -> str:
    """Enough of a pseudonymous reference to tell rows apart."""
    return str(reference)[:8] if reference else ""


def _for_answering(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponse],
) -> Callable[Concatenate[SignedInRequest, P], HttpResponse]:
    @require_POST
    @wraps(view)
    def checked(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_answer(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def show(request: SignedInRequest, filed: Request) -> HttpResponse:
    return _page(request, filed)


@never_cache
@require_POST
def reveal(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    """The same page with the words opened, once: the reason is in the log, and the person sees it."""
    filed = _found(request, request_id)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _page(request, filed, reveal_form=form)
    reason = RevealReason(form.cleaned_data["reason"]).for_log(filed.number)
    with processing(services.PURPOSE, actor=request.user.actor, reason=reason):
        return _page(request, filed, is_opened=True).render()


@_for_answering
def take(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    filed = _found(request, request_id)
    try:
        services.take(request_id=filed.pk, actor=request.user.actor, at=clock.now())
    except services.NotFree:
        messages.error(request, _("Somebody else has taken this request, or it is closed."))
    else:
        messages.success(request, _("The request is yours now."))
    return redirect(ONE, filed.pk)


@never_cache
@_for_answering
def answer(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    filed = _found(request, request_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, filed, answer_form=form)
    text = form.cleaned_data["text"]
    return _closing(
        request,
        lambda: services.answer(request_id=filed.pk, text=text, actor=request.user.actor, at=clock.now()),
        filed,
    )


@never_cache
@_for_answering
def refuse(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    filed = _found(request, request_id)
    form = RefusalForm(request.POST, kinds=filed.asked)
    if not form.is_valid():
        return _page(request, filed, refusal_form=form)
    norm, text = form.cleaned_data["norm"], form.cleaned_data["text"]
    return _closing(
        request,
        lambda: services.propose_refusal(
            request_id=filed.pk, norm=norm, text=text, actor=request.user.actor, at=clock.now()
        ),
        filed,
    )


@require_POST
def find(request: SignedInRequest) -> HttpResponse:
    """By POST, so that no address of a person ends up in a URL."""
    form = FindForm(request.POST)
    if form.is_valid():
        needle = form.cleaned_data["needle"].strip()
        if NUMBER.fullmatch(needle) and (filed := Request.objects.filter(number=needle).first()):
            return redirect(ONE, filed.pk)
        if subject_id := _subject_of(request, needle):
            return redirect(f"{reverse(QUEUE)}?subject={subject_id}&shown=all")
    messages.warning(request, _("Nothing found. The e-mail address must be exact."))
    return redirect(QUEUE)


def _subject_of(request: SignedInRequest, needle: str) -> UUID | None:
    if "@" not in needle:
        try:
            return UUID(needle)
        except ValueError:
            return None
    subject_id = find_subject_by_email(needle)
    if subject_id:
        with processing(services.PURPOSE, actor=request.user.actor) as act:
            act.record(AccountFact.FOUND_BY_ADDRESS.value, subject=subject_id)
    return subject_id


def _found(request: SignedInRequest, request_id: UUID) -> Request:
    if not may_look(request):
        raise PermissionDenied
    return get_object_or_404(Request, pk=request_id)


def _closing(request: SignedInRequest, act: Callable[[], None], filed: Request) -> HttpResponse:
    try:
        act()
    except Destroyed:
        messages.error(request, _("The person's data is destroyed; there is nobody to answer."))
    except services.NotInYourHands:
        messages.error(request, _("Only the one who has taken the request closes it, and only once."))
    else:
        messages.success(request, _("Request %(number)s is closed; the person is told.") % {"number": filed.number})
    return redirect(ONE, filed.pk)


def _page(
    request: HttpRequest,
    filed: Request,
    *,
    is_opened: bool = False,
    reveal_form: RevealForm | None = None,
    answer_form: AnswerForm | None = None,
    refusal_form: RefusalForm | None = None,
) -> TemplateResponse:
    is_gone = filed.subject.destroyed_at is not None
    context = {
        **admin.site.each_context(request),
        "title": _("Request %(number)s") % {"number": filed.number},
        "opts": Request._meta,
        "shown": one_request(filed, at=clock.now(), for_staff=True),
        "is_opened": is_opened,
        "is_gone": is_gone,
        "can_take": filed.state == State.NEW and may_answer(request) and not is_gone,
        "is_mine": filed.state == State.TAKEN and filed.taken_by == request.user.pk and not is_gone,
        "reveal_form": reveal_form or RevealForm(),
        "answer_form": answer_form or AnswerForm(initial={"text": drafts.answer_to(filed)}),
        "refusal_form": refusal_form or RefusalForm(kinds=filed.asked),
    }
    return TemplateResponse(request, "admin/subject_requests/request/one.html", context)
