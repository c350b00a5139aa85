"""The desk's pages of made answers: made, watched, looked at without values, opened for a reason, chosen, printed."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access.requests import SignedInRequest
from accounts.reasons import RevealReason
from law import clock
from personal_data.errors import Destroyed
from personal_data.scope import Scope, processing
from subject_requests.answering import WhoIsIt
from subject_requests.answers import giving, making, selectors
from subject_requests.answers.archive import unpack
from subject_requests.answers.facts import Fact
from subject_requests.answers.forms import GapForm, LetterForm, OpenForm
from subject_requests.answers.pdf import Addressee, make_pdf
from subject_requests.answers.telling import sections
from subject_requests.course import NotInYourHands
from subject_requests.desk.guards import ONE, for_answering, for_looking, frame, may_answer
from subject_requests.models import AnswerSet, Request
from subject_requests.thread import PURPOSE

ANSWER: Final = "admin:subject_requests_answer"
EXTRACT: Final = "extract"
LOOK_AGAIN_SECONDS: Final = 3


def urls(wrap: Callable[..., Callable[..., HttpResponse]]) -> list[URLPattern]:
    """Under the addresses of requests in the admin."""
    acts = {"stop": stop, "attach": attach, "detach": detach, "open": open_it, "gaps": leave_out, "letter": letter}
    return [
        path("<uuid:request_id>/make/", wrap(make), name="subject_requests_answer_make"),
        path("made/<uuid:answer_id>/", wrap(show), name="subject_requests_answer"),
        *(
            path(f"made/<uuid:answer_id>/{name}/", wrap(view), name=f"subject_requests_answer_{name}")
            for name, view in acts.items()
        ),
    ]


@require_POST
@for_answering
def make(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    filed = get_object_or_404(Request, pk=request_id)
    return _ask(request, filed, left_out=())


def _ask(request: SignedInRequest, filed: Request, *, left_out: "tuple[UUID, ...]") -> HttpResponse:
    try:
        made = making.ask_for(request_id=filed.pk, actor=request.user.actor, at=clock.now(), left_out=left_out)
    except making.NotAskedFor:
        messages.error(request, _("This request does not ask what is held."))
    except WhoIsIt:
        messages.error(
            request,
            _("Nothing is disclosed before it is known who asks, and by what right."),
        )
    except NotInYourHands:
        messages.error(request, _("Only the one who has taken the request makes the answer."))
    except making.AtWork:
        messages.error(request, _("The answer is being made already."))
    except Destroyed:
        messages.error(request, _("The person's data is destroyed; there is nobody to answer."))
    else:
        return redirect(ANSWER, made.pk)
    return redirect(ONE, filed.pk)


@never_cache
@for_looking
def show(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    return _page(request, _found(answer_id))


@require_POST
@for_answering
def stop(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    answer = _found(answer_id)
    if making.stop(answer_id=answer.pk, at=clock.now()):
        messages.success(request, _("It is stopped, or stops at the next step."))
    return redirect(ANSWER, answer.pk)


@require_POST
@for_answering
def attach(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    answer = _found(answer_id)
    try:
        giving.attach(answer_id=answer.pk, actor=request.user.actor, at=clock.now())
    except NotInYourHands:
        messages.error(request, _("Only the one who has taken the request does this."))
    except giving.NotReady:
        messages.error(request, _("It is not ready, or its archive is destroyed already."))
    else:
        messages.success(request, _("It goes out with the answer. Write the answer now."))
        return redirect(ONE, answer.request_id)
    return redirect(ANSWER, answer.pk)


@require_POST
@for_answering
def detach(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    answer = _found(answer_id)
    try:
        giving.detach(answer_id=answer.pk, actor=request.user.actor)
    except NotInYourHands:
        messages.error(request, _("Only the one who has taken the request does this."))
    return redirect(ANSWER, answer.pk)


@never_cache
@require_POST
@for_answering
def open_it(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    """The values, once, for a reason that the person sees in their log."""
    answer = _found(answer_id)
    form = OpenForm(request.POST)
    if not form.is_valid():
        return _page(request, answer, open_form=form)
    return _opened(request, answer, RevealReason(form.cleaned_data["reason"]))


def _opened(request: SignedInRequest, answer: AnswerSet, reason: RevealReason) -> HttpResponse:
    with processing(PURPOSE, actor=request.user.actor, reason=reason.for_log(answer.request.number)) as act:
        try:
            document = unpack(giving.read(answer).content)
        except giving.NotReady:
            return _page(request, answer)
        _record(act, Fact.OPENED, answer)
        with translation.override(answer.language):
            told = sections(document)
        texts = [
            {"row": document["records"][value["record"]].get("id"), **value}
            for category in document["data"]
            for value in category["values"]
            if value.get("is_text") or value.get("withheld") == "another_person"
        ]
        return _page(request, answer, sections=told, texts=texts).render()


@require_POST
@for_answering
def leave_out(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    """Made once more, with gaps where texts speak of other people."""
    answer = _found(answer_id)
    form = GapForm(request.POST)
    if not form.is_valid():
        return redirect(ANSWER, answer.pk)
    return _ask(request, answer.request, left_out=tuple(form.cleaned_data["rows"]))


@never_cache
@require_POST
@for_answering
def letter(request: SignedInRequest, answer_id: UUID) -> HttpResponse:
    """For the envelope. The addressee is typed and kept nowhere."""
    answer = _found(answer_id)
    form = LetterForm(request.POST)
    if not form.is_valid():
        return _page(request, answer, letter_form=form)
    reason = RevealReason.ANSWER.for_log(answer.request.number)
    with processing(PURPOSE, actor=request.user.actor, reason=reason) as act:
        try:
            document = unpack(giving.read(answer).content)
        except giving.NotReady:
            return _page(request, answer)
        _record(act, Fact.PRINTED, answer)
    with translation.override(answer.language):
        content = make_pdf(document, addressee=Addressee(lines=form.lines()))
    disposition = f'attachment; filename="letter-{answer.request.number}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


def _record(act: Scope, fact: Fact, answer: AnswerSet) -> None:
    """Whoever opens the archive opens all that is in it."""
    act.record(fact.value, operation=EXTRACT, subject=answer.subject_id, categories=sorted(answer.counts))


def _found(answer_id: UUID) -> AnswerSet:
    return get_object_or_404(AnswerSet.objects.select_related("request", "file"), pk=answer_id)


def _page(request: SignedInRequest, answer: AnswerSet, **more: object) -> TemplateResponse:
    filed = answer.request
    context = {
        **frame(request, _("Answer to request %(number)s") % {"number": filed.number}),
        "answer": answer,
        "filed": filed,
        "made": selectors.make_up(answer),
        "is_mine": filed.is_open and filed.taken_by == request.user.pk and may_answer(request),
        "may_answer": may_answer(request),
        "goes_by_post": selectors.goes_by_post(filed),
        "open_form": OpenForm(),
        "letter_form": LetterForm(),
        **more,
    }
    response = TemplateResponse(request, "admin/subject_requests/answers/one.html", context)
    if answer.is_at_work:
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response
