"""A person's own requests."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only
from law import clock
from personal_data.views import declares
from subject_requests import selectors, services
from subject_requests.forms import FileForm, MoreForm
from subject_requests.models import Request
from subject_requests.services import PURPOSE, AlreadyAsked, file_request


@require_safe
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
@declares(PURPOSE)
def list_requests(request: SignedInRequest) -> HttpResponse:
    rows = selectors.rows_of(request.user.subject_id, at=clock.now())
    return TemplateResponse(request, "subject_requests/list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
@declares(PURPOSE)
def new(request: SignedInRequest) -> HttpResponse:
    form = FileForm(request.POST or None, initial={"kinds": request.GET.getlist("kind")})
    if form.is_valid():
        try:
            filed = file_request(
                subject_id=request.user.subject_id,
                kinds=form.cleaned_data["kinds"],
                text=form.cleaned_data["text"],
                language=get_language(),
                actor=request.user.actor,
                at=clock.now(),
                corrections=form.wanted,
            )
        except AlreadyAsked:
            form.add_error("kinds", _("You have asked us to destroy your data already; that request is still open."))
        else:
            messages.success(
                request, _("Your request is received. Its number is %(number)s.") % {"number": filed.number}
            )
            return redirect("requests:one", filed.pk)
    return TemplateResponse(request, "subject_requests/new.html", {"form": form})


@require_safe
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
@declares(PURPOSE)
def one(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    filed = get_object_or_404(Request.objects.of(request.user.subject_id), pk=request_id)
    return _page(request, filed, MoreForm())


@require_POST
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
@declares(PURPOSE)
def add(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    """More words to an open request; whoever waited for them has it on the desk again."""
    filed = get_object_or_404(Request.objects.of(request.user.subject_id), pk=request_id)
    form = MoreForm(request.POST)
    if not form.is_valid():
        return _page(request, filed, form)
    try:
        services.add_words(
            request_id=filed.pk, text=form.cleaned_data["text"], actor=request.user.actor, at=clock.now()
        )
    except services.NotOpen:
        messages.error(request, _("The request is closed; file a new one."))
    else:
        messages.success(request, _("Your message is added."))
    return redirect("requests:one", filed.pk)


@require_POST
@only(Role.USER, Role.REPRESENTATIVE)
@never_cache
@declares(PURPOSE)
def take_back(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    filed = get_object_or_404(Request.objects.of(request.user.subject_id), pk=request_id)
    try:
        services.withdraw(request_id=filed.pk, actor=request.user.actor, at=clock.now())
    except services.NotOpen:
        messages.error(request, _("The request is closed already."))
    else:
        messages.success(request, _("You have taken the request back. What was carried out already stays so."))
    return redirect("requests:one", filed.pk)


def _page(request: SignedInRequest, filed: Request, form: MoreForm) -> HttpResponse:
    context = {"shown": selectors.one_request(filed, at=clock.now()), "form": form}
    return TemplateResponse(request, "subject_requests/one.html", context)
