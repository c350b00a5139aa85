"""A consent to be printed, filled in by hand and signed: the operator's part is filled in, the person's is blank."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from access.rules import open_to_all
from consent import selectors
from consent.models import ConsentTextVersion
from profiles import current
from profiles.consent_sections import IN_WRITING

WITH_BLANKS: Final = frozenset(IN_WRITING)


@open_to_all
def form_to_print(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    row = get_object_or_404(ConsentTextVersion, slug=slug, version=number)
    if row.purpose not in current().purposes:
        raise Http404
    shown = selectors.show_consent(row, selectors.language_of(get_language()))
    context = {"shown": shown, "blanks": WITH_BLANKS, "has_signature": "signature" in shown.text.codes}
    return render(request, "consent/form_to_print.html", context)
