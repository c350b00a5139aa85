"""What came with a request, for staff: files to take away, each for a reason; whose request it is; mail of machines."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access.requests import SignedInRequest
from accounts.reasons import RevealReason
from law import clock
from personal_data.errors import Destroyed
from personal_data.scope import processing
from subject_requests import services
from subject_requests.desk.guards import ONE, for_answering, for_looking, found
from subject_requests.forms import RevealForm
from subject_requests.intake import mail
from subject_requests.intake.forms import KindsForm
from subject_requests.intake.models import Attachment, IncomingMail
from subject_requests.intake.serving import download, download_original

MAILS = "admin:subject_requests_incomingmail_changelist"


@never_cache
@require_POST
@for_looking
def file(request: SignedInRequest, request_id: UUID, attachment_id: UUID) -> HttpResponse:
    filed = found(request_id)
    attachment = get_object_or_404(Attachment, pk=attachment_id, request=filed)
    reason = _reason(request, filed.number)
    if reason is None:
        return redirect(ONE, filed.pk)
    with processing(services.PURPOSE, actor=request.user.actor, reason=reason):
        return download(attachment)


@never_cache
@require_POST
@for_looking
def original(request: SignedInRequest, mail_id: UUID) -> HttpResponse:
    """A mail as it came, without the headers of its way."""
    came = get_object_or_404(IncomingMail, pk=mail_id)
    reason = _reason(request, came.request.number if came.request else "")
    if reason is None:
        return redirect(ONE, came.request_id) if came.request_id else redirect(MAILS)
    with processing(services.PURPOSE, actor=request.user.actor, reason=reason):
        return download_original(came)


@require_POST
@for_answering
def make_request(request: SignedInRequest, mail_id: UUID) -> HttpResponse:
    """Staff have read what a machine seemed to send, and it is a request after all."""
    came, form = get_object_or_404(IncomingMail, pk=mail_id), KindsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please check what you have entered."))
        return redirect(MAILS)
    try:
        filed = mail.file_after_all(
            mail_id=came.pk, kinds=form.cleaned_data["kinds"], actor=request.user.actor, at=clock.now()
        )
    except mail.FiledAlready:
        messages.error(request, _("This mail is with a request already."))
    except Destroyed:
        messages.error(request, _("The mail is destroyed."))
    else:
        messages.success(request, _("The request is entered. Its number is %(number)s.") % {"number": filed.number})
        return redirect(ONE, filed.pk)
    return redirect(MAILS)


def _reason(request: HttpRequest, number: str) -> str | None:
    form = RevealForm(request.POST)
    if form.is_valid():
        return RevealReason(form.cleaned_data["reason"]).for_log(number)
    messages.error(request, _("Choose the reason first."))
    return None
