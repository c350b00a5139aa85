"""Finding a request by number, reference or exact address."""

import re
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from access.requests import SignedInRequest
from accounts.facts import Fact as AccountFact
from accounts.selectors import find_subject_by_email
from personal_data.scope import processing
from subject_requests import services
from subject_requests.desk.guards import ONE, QUEUE
from subject_requests.forms import FindForm
from subject_requests.models import Request

NUMBER: Final = re.compile(r"\d{4}-\d{6,}")


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
