"""A person's own pages: what is held, and what they can do about it."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.views import EmailView
from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.requests import SignedInRequest
from access.roles import Role
from access.rules import only, signed_in
from accounts import diary, selectors, services
from accounts.copy import make_copy
from accounts.facts import Fact
from accounts.forms import EmptyForm, ProfileForm
from accounts.models import NAMES, Session
from accounts.sessions import digest, end_sessions, machine_now
from accounts.wording import reader_language
from consent.changes import holds_of, notice_for
from law import clock
from personal_data.models import Subject
from personal_data.scope import processing
from personal_data.views import declares
from processing_log import proofs
from processing_log.filters import LogFilter
from retention import receipts
from retention.ordering import StandsOnHold

LINES_A_PAGE = 25


@signed_in
@require_safe
@never_cache
@declares("rights")
def home(request: SignedInRequest) -> HttpResponse:
    context = {
        "overview": selectors.overview(request.user.subject_id),
        "pending": selectors.addresses_of(request.user).pending,
        **_news_of_policy(request),
    }
    return TemplateResponse(request, "accounts/home.html", context)


def _news_of_policy(request: SignedInRequest) -> dict[str, Any]:
    """For the people it is about; staff have no consents."""
    if request.user.role != Role.USER:
        return {}
    subject_id, language = request.user.subject_id, reader_language()
    return {"notice": notice_for(subject_id, language), "holds": holds_of(subject_id, language)}


# --- profile ------------------------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
@declares("rights")
def profile(request: SignedInRequest) -> HttpResponse:
    values = selectors.profile_values(request.user.subject_id)
    form = ProfileForm(request.POST or None, held={value.code: value.value for value in values})
    if form.is_valid():
        if services.change_names(user=request.user, names=form.given()):
            messages.success(request, _("Your changes are saved."))
        if form.emptied():
            return redirect("me:remove", form.emptied()[0])
        return redirect("me:profile")
    context = {
        "form": form,
        "held": [value for value in values if value.value],
        "addresses": selectors.addresses_of(request.user),
        "consequence_of_no_address": selectors.consequence_of_no_address(),
    }
    return TemplateResponse(request, "accounts/profile.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
@declares("rights")
def remove(request: SignedInRequest, name: str) -> HttpResponse:
    """Says what follows, then removes one value."""
    value = next(
        (v for v in selectors.profile_values(request.user.subject_id) if v.code == name and name in NAMES), None
    )
    if value is None:
        raise Http404
    if not value.value:
        return redirect("me:profile")
    if request.method == "POST" and EmptyForm(request.POST).is_valid():
        try:
            receipt = services.remove_name(user=request.user, name=name, at=clock.now())
        except StandsOnHold:
            messages.error(request, _("A law or a court keeps your data for now, so nothing can be removed yet."))
            return redirect("me:profile")
        return TemplateResponse(request, "accounts/removed.html", {"value": value, "receipt_url": receipt})
    return TemplateResponse(request, "accounts/remove.html", {"value": value})


class AddressView(EmailView):  # type: ignore[misc]
    """allauth's page for the address, with the addresses that allauth does not know."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        with processing("rights", actor=self.request.user.actor):
            addresses = selectors.addresses_of(self.request.user)
        shown = {"current_address": addresses.current, "new_address": addresses.pending}
        return {**super().get_context_data(**kwargs), **shown}


address = signed_in(never_cache(AddressView.as_view()))


# --- the log ------------------------------------------------------------------------------------------------------


@signed_in
@require_safe
@never_cache
def log(request: SignedInRequest) -> HttpResponse:
    part = request.GET.get("show", "")
    events = diary.events_about(request.user, part)
    page = Paginator(events, LINES_A_PAGE).get_page(request.GET.get("page"))
    teller = diary.Teller(request.user)
    lines = [teller.line(event) for event in page]
    parts = [(code, title, code == part) for code, (title, _which) in diary.PARTS.items()]
    return TemplateResponse(request, "accounts/log.html", {"page": page, "lines": lines, "parts": parts, "part": part})


@signed_in
@require_safe
@never_cache
def proof_of_log(request: SignedInRequest) -> HttpResponse:
    """All entries about the person that are signed, with what proves them."""
    try:
        return proofs.of_filter(LogFilter(subject=request.user.subject_id), name="my-log.zip")
    except proofs.NothingSigned:
        messages.info(request, _("The log is signed every minute: the proof is there in a moment."))
        return redirect("me:log")


# --- a copy -------------------------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def download(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST" or not EmptyForm(request.POST).is_valid():
        return TemplateResponse(request, "accounts/download.html")
    at = clock.now()
    with processing("rights", actor=request.user.actor) as act:
        content = make_copy(request.user, at=at)
        act.record(Fact.COPY_TAKEN.value, subject=request.user.subject_id)
    disposition = f'attachment; filename="my-data-{at:%Y-%m-%d}.zip"'
    return HttpResponse(content, content_type="application/zip", headers={"Content-Disposition": disposition})


# --- sessions -----------------------------------------------------------------------------------------------------


@signed_in
@require_safe
@never_cache
def sessions(request: SignedInRequest) -> HttpResponse:
    here = digest(request.session.session_key or "")
    rows = [(row, bytes(row.key_digest) == here) for row in selectors.sessions_of(request.user, at=machine_now())]
    rows.sort(key=lambda row: not row[1])  # this browser first
    return TemplateResponse(request, "accounts/sessions.html", {"sessions": rows})


@signed_in
@require_POST
def end_session(request: SignedInRequest, session_id: UUID) -> HttpResponse:
    row = get_object_or_404(Session, pk=session_id, user=request.user)
    if bytes(row.key_digest) == digest(request.session.session_key or ""):
        logout(request)
        return redirect("home")
    row.delete()
    messages.success(request, _("That browser is signed out."))
    return redirect("me:sessions")


@signed_in
@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    end_sessions(request.user, but_key=request.session.session_key)
    messages.success(request, _("All other browsers are signed out."))
    return redirect("me:sessions")


# --- the end ------------------------------------------------------------------------------------------------------


@signed_in
@require_safe
@never_cache
def delete(request: SignedInRequest) -> HttpResponse:
    """What goes now, what goes when, what stays by which norm."""
    subject = Subject.objects.get(pk=request.user.subject_id)
    context = {
        "ending": selectors.ending(subject),
        "is_possible": request.user.role in services.SERVICE_ROLES,
    }
    return TemplateResponse(request, "accounts/delete.html", context)


@only(Role.USER, Role.REPRESENTATIVE)
@require_http_methods(["GET", "POST"])
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
def confirm_delete(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST" or not EmptyForm(request.POST).is_valid():
        return TemplateResponse(request, "accounts/confirm_delete.html")
    user = request.user
    ends = services.delete_account(user=user, at=clock.now())
    logout(request)
    context = {"destroy_on": ends.destroy_on, "receipt_url": receipts.url_for(user.subject_id)}
    return TemplateResponse(request, "accounts/deleted.html", context)
