"""The person's side: the answer on a page, and its archive by a link that works once."""

from datetime import datetime
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only
from accounts.forms import EmptyForm
from law import clock
from personal_data.views import declares
from subject_requests.answers import giving, heading
from subject_requests.answers.archive import unpack
from subject_requests.answers.telling import sections
from subject_requests.models import AnswerLink, AnswerSet, Request
from subject_requests.thread import PURPOSE


@require_safe
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
@declares(PURPOSE)
def show(request: SignedInRequest, answered_id: UUID) -> HttpResponse:
    """What was given, in the language in which it was."""
    answer = _given(request, answered_id)
    try:
        document = unpack(giving.read(answer).content)
    except giving.NotReady:
        return TemplateResponse(request, "subject_requests/answers/gone.html", {"answer": answer}, status=410)
    with translation.override(answer.language):
        context = {"answer": answer, "lead": heading.lead(document), "title": heading.title()}
        return TemplateResponse(
            request, "subject_requests/answers/page.html", {**context, "sections": sections(document)}
        )


@require_POST
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
def new_link(request: SignedInRequest, answered_id: UUID) -> HttpResponse:
    """Who is signed in needs no mail for another link."""
    answer = _given(request, answered_id)
    return redirect(giving.issue_link(answer, to=request.user.subject_id, at=clock.now()))


@require_http_methods(["GET", "POST"])
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def taking(request: SignedInRequest, code: str) -> HttpResponse:
    """Looking shows a button and uses nothing up."""
    at = clock.now()
    link = giving.link_of(code, request.user, at=at)
    if link is None:
        raise Http404
    if request.method != "POST" or not EmptyForm(request.POST).is_valid():
        return _about(request, link, at)
    try:
        archive = giving.take(code, user=request.user, at=at)
    except (giving.LinkDead, giving.NotReady):
        return _about(request, link, at, status=410)
    disposition = f'attachment; filename="{archive.name}"'
    return HttpResponse(archive.content, content_type="application/zip", headers={"Content-Disposition": disposition})


def _about(request: SignedInRequest, link: AnswerLink, at: datetime, *, status: int = 200) -> HttpResponse:
    is_usable = AnswerLink.objects.usable(at).filter(pk=link.pk).exists()
    is_there = hasattr(link.answer, "file")
    context = {"link": link, "answer": link.answer, "is_usable": is_usable and is_there, "is_there": is_there}
    return TemplateResponse(request, "subject_requests/answers/taking.html", context, status=status)


def _given(request: SignedInRequest, answered_id: UUID) -> AnswerSet:
    filed = get_object_or_404(Request.objects.of(request.user.subject_id), pk=answered_id)
    return get_object_or_404(AnswerSet.objects.select_related("request"), request=filed, given_at__isnull=False)
