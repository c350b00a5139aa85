"""What came by post or telephone, put in by staff with the day of its receipt."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from access.requests import SignedInRequest
from law import clock
from personal_data.errors import Destroyed
from personal_data.models import Subject
from subject_requests import services
from subject_requests.desk.guards import ONE, for_answering, frame
from subject_requests.intake import papers
from subject_requests.intake.forms import PaperForm


@never_cache
@require_http_methods(["GET", "POST"])
@for_answering
def enter(request: SignedInRequest) -> HttpResponse:
    initial = {"person": request.GET.get("person"), "language": "ru"}
    form = PaperForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid() and _knows_the_person(form):
        now = clock.now()
        try:
            filed = papers.enter(form.entering(now=now), actor=request.user.actor, at=now)
        except services.AlreadyAsked:
            form.add_error("kinds", _("A request to destroy everything is open already."))
        except Destroyed:
            form.add_error("person", _("The person's data is destroyed; enter the letter as one of a stranger."))
        else:
            messages.success(request, _("The request is entered. Its number is %(number)s.") % {"number": filed.number})
            return redirect(ONE, filed.pk)
    if request.FILES:
        messages.warning(request, _("Your words are kept. Please choose the files again: a browser cannot keep them."))
    context = {**frame(request, _("Enter a letter or a call")), "form": form}
    return TemplateResponse(request, "admin/subject_requests/request/enter.html", context)


def _knows_the_person(form: PaperForm) -> bool:
    person = form.cleaned_data.get("person")
    if person and not Subject.objects.filter(pk=person).exclude(kind="staff").exists():
        form.add_error("person", _("There is nobody with this reference."))
        return False
    return True
