"""Pages for somebody without an account: to ask, to show that the mailbox is theirs, to follow one request."""

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.floods import limited
from access.rules import open_to_all
from accounts.wording import reader_language
from law import clock
from personal_data.scope import processing
from subject_requests import selectors
from subject_requests.answers import giving
from subject_requests.forms import MoreForm
from subject_requests.intake import guests, inside, once, passes
from subject_requests.intake.attaching import found
from subject_requests.intake.forms import CodeForm, GuestForm, SendAgainForm
from subject_requests.intake.serving import as_file, download
from subject_requests.models import Request
from subject_requests.services import PURPOSE, NothingWritten, NotOpen


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = GuestForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if before := once.filed_before(request.POST.get("once", "")):
            return redirect("guest:one", before)
        is_admitted = bool(ratelimit.consume(request, action="guest_request"))
        if form.is_valid() and is_admitted:
            return _filed(request, form)
        if not is_admitted:
            form.add_error(
                None, _("Too many requests have come from where you are. Try again in an hour, or write to us by mail.")
            )
        if request.FILES:
            messages.warning(
                request, _("Your words are kept. Please choose the files again: a browser cannot keep them.")
            )
    return TemplateResponse(request, "subject_requests/guest/new.html", {"form": form})


def _filed(request: HttpRequest, form: GuestForm) -> HttpResponse:
    filed = guests.file(form.asking(reader_language()), at=clock.now())
    if code := form.cleaned_data["once"]:
        once.remember(code, filed.number)
    inside.note_filed(request, filed)
    return redirect("guest:one", filed.number)


@open_to_all
@never_cache
@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """The request, for whoever has shown that the mailbox is theirs; for all others the same page, whatever number they
    ask for."""
    at = clock.now()
    filed = inside.opened(request, number, at)
    if filed is None:
        return _door(request, number)
    return _opened(request, filed, at)


@open_to_all
@limited("guest_pass")
@never_cache
@require_POST
def enter(request: HttpRequest, number: str) -> HttpResponse:
    form, at = CodeForm(request.POST), clock.now()
    if not form.is_valid():
        return _door(request, number, code_form=form)
    filed = guests.enter_by_code(number=number, code=form.cleaned_data["code"], at=at)
    if filed is None:
        form.add_error(
            "code", _("This code does not open the request. It may be too old, or another one was sent since.")
        )
        return _door(request, number, code_form=form)
    inside.let_in(request, filed, at)
    return redirect("guest:one", number)


@open_to_all
@limited("guest_pass")
@never_cache
@require_POST
def send(request: HttpRequest, number: str) -> HttpResponse:
    form = SendAgainForm(request.POST)
    if not form.is_valid():
        return _door(request, number, send_form=form)
    guests.send_again(number=number, address=form.cleaned_data["address"], at=clock.now())
    messages.success(
        request,
        _(
            "If a request with this number came from this address, a mail is on its way. There is one a minute at "
            "most, and five a day."
        ),
    )
    return redirect("guest:one", number)


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, number: str, link: str) -> HttpResponse:
    """Looking changes nothing: programs look at links before people do. The button uses the link up."""
    at = clock.now()
    filed = guests.of_number(number)
    is_good = filed is not None and passes.is_link_good(filed, link, at=at)
    if request.method != "POST" or not is_good:
        context = {"filed": filed if is_good else None, "number": number}
        return TemplateResponse(request, "subject_requests/guest/open.html", context, status=200 if is_good else 410)
    if "not_mine" in request.POST:
        guests.disown(number=number, link=link, at=at)
        return TemplateResponse(request, "subject_requests/guest/disowned.html", {"number": number})
    entered = guests.enter_by_link(number=number, link=link, at=at)
    if entered is not None:
        inside.let_in(request, entered, at)
    return redirect("guest:one", number)


@open_to_all
@never_cache
@require_POST
def write(request: HttpRequest, number: str) -> HttpResponse:
    at = clock.now()
    filed = inside.opened(request, number, at)
    if filed is None:
        return _door(request, number)
    form = MoreForm(request.POST, request.FILES)
    if not form.is_valid():
        return _opened(request, filed, at, more_form=form)
    try:
        guests.add(request=filed, text=form.cleaned_data["text"], files=form.cleaned_data["files"], at=at)
    except NotOpen:
        messages.error(request, _("The request is closed. You can send a new one."))
    except NothingWritten:
        form.add_error("text", _("Write a few words, please."))
        return _opened(request, filed, at, more_form=form)
    else:
        messages.success(request, _("Received. It is with your request."))
    return redirect("guest:one", number)


@open_to_all
@never_cache
@require_safe
def file(request: HttpRequest, number: str, attachment_id: UUID) -> HttpResponse:
    filed = inside.opened(request, number, clock.now())
    attachment = found(filed.pk, attachment_id, subject_id=filed.subject_id) if filed else None
    if filed is None or attachment is None:
        raise Http404
    with processing(PURPOSE, actor=inside.actor_of(filed)):
        return download(attachment)


@open_to_all
@never_cache
@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """The answer in full, as an archive, for whoever has opened the request."""
    filed = inside.opened(request, number, clock.now())
    if filed is None:
        return _door(request, number)
    try:
        archive = giving.take_inside(filed, actor=inside.actor_of(filed))
    except giving.NotReady:
        messages.error(request, _("There is nothing to take, or its time is over. You can ask anew."))
        return redirect("guest:one", number)
    return as_file(archive.content, archive.name)


@open_to_all
@never_cache
@require_POST
def leave(request: HttpRequest, number: str) -> HttpResponse:
    inside.let_out(request, number)
    messages.success(request, _("This browser has forgotten the request."))
    return redirect("guest:one", number)


def _door(request: HttpRequest, number: str, **forms: Any) -> HttpResponse:
    context = {
        "number": number,
        "just_filed": inside.just_filed(request, number),
        "code_form": CodeForm(),
        "send_form": SendAgainForm(),
        **forms,
    }
    return TemplateResponse(request, "subject_requests/guest/door.html", context)


def _opened(request: HttpRequest, filed: Request, at: datetime, more_form: MoreForm | None = None) -> HttpResponse:
    with processing(PURPOSE, actor=inside.actor_of(filed)):
        shown = selectors.one_request(filed, at=at)
        context = {
            "shown": shown,
            "filed": filed,
            "files": guests.files_of(filed.pk),
            "for_customer": guests.customer_of(filed),
            "has_answer": filed.answer_sets.filter(given_at__isnull=False).exists(),
            "more_form": more_form or MoreForm(),
        }
        return TemplateResponse(request, "subject_requests/guest/one.html", context).render()
