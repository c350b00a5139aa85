"""Invitations to audit on the desk: by reference. The address opens for whoever has to agree, and that is an event."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

import profiles
from access.requests import SignedInRequest
from accounts import auditors, border
from accounts.auditor_forms import InviteForm
from accounts.models import User
from accounts.services import AddressTaken
from accounts.wording import reader_language
from law import clock
from personal_data.scope import processing
from processing_log import mandates, words
from processing_log.models import Mandate

ONE = "admin:processing_log_mandate_change"
WHY_NOT: dict[type[Exception], Any] = {
    auditors.SecondPersonNeeded: gettext_lazy("Another person has to agree: a privacy officer or the administrator."),
    auditors.NothingWaits: gettext_lazy("It is over already: agreed to, ended, or older than a day."),
}


@admin.register(Mandate)
class MandateAdmin(admin.ModelAdmin[Any]):
    actions = None
    list_display = ("reference", "state", "begins_at", "ends_at", "proposed_at")
    ordering = ("-proposed_at",)
    change_list_template = "accounts/admin/mandates.html"
    list_per_page = 50
    fields = ("auditor",)

    @admin.display(description=gettext_lazy("auditor"))
    def reference(self, mandate: Mandate) -> str:
        return str(mandate.auditor)[:8]

    @admin.display(description=pgettext_lazy("column", "state"))
    def state(self, mandate: Mandate) -> SafeString:
        return format_html('<span class="tag tag-{}">{}</span>', *state_of(mandate, clock.now()))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("invite/", wrap(self.invite), name="processing_log_mandate_invite"),
            path("<uuid:mandate_id>/agree/", wrap(self.agree), name="processing_log_mandate_agree"),
            path("<uuid:mandate_id>/end/", wrap(self.end), name="processing_log_mandate_end"),
        ]
        return own + super().get_urls()

    def invite(self, request: SignedInRequest) -> HttpResponse:
        form = InviteForm(request.POST or None, categories=_categories())
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            try:
                mandate = auditors.propose(
                    address=asked["address"],
                    language=asked["language"],
                    mandate=form.mandate,
                    by=request.user.actor,
                    at=clock.now(),
                )
            except AddressTaken:
                form.add_error("address", _("Somebody who is not an auditor has an account with this address."))
            except auditors.InvitedAlready:
                form.add_error("address", _("This auditor has an invitation already. End it first."))
            else:
                messages.success(
                    request, _("Proposed. A second person has a day to agree; then the auditor gets a mail.")
                )
                return redirect(ONE, mandate.pk)
        context = {**self._frame(request, _("Invite an auditor")), "form": form}
        return TemplateResponse(request, "accounts/admin/invite_auditor.html", context)

    def agree(self, request: SignedInRequest, mandate_id: UUID) -> HttpResponse:
        return self._act(request, mandate_id, auditors.agree, _("Agreed. The invitation is on its way."))

    def end(self, request: SignedInRequest, mandate_id: UUID) -> HttpResponse:
        return self._act(request, mandate_id, auditors.end, _("Ended. The auditor sees nothing any more."))

    def _act(self, request: SignedInRequest, mandate_id: UUID, act: Any, done: str) -> HttpResponse:
        if request.method != "POST" or not may_decide(request):
            raise PermissionDenied
        get_object_or_404(Mandate, pk=mandate_id)
        try:
            act(mandate_id=mandate_id, by=request.user.actor, at=clock.now())
        except tuple(WHY_NOT) as refused:
            messages.error(request, str(WHY_NOT[type(refused)]))
        else:
            messages.success(request, done)
        return redirect(ONE, mandate_id)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        mandate = self.get_object(request, object_id)
        if mandate is None or not self.has_view_permission(request):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        return self._show(request, mandate)  # type: ignore[arg-type]

    def _show(self, request: SignedInRequest, mandate: Mandate) -> HttpResponse:
        at = clock.now()
        tone, state = state_of(mandate, at)
        is_open = mandate.ended_at is None and mandate.ends_at > at
        waits = is_open and mandate.confirmed_at is None and mandate.proposed_at > at - mandates.ANSWERED_WITHIN
        is_mine = str(mandate.proposed_by) == request.user.actor.id
        context = {
            **self._frame(request, _("Invitation to audit")),
            "mandate": mandate,
            "tone": tone,
            "state": state,
            "operations": [words.of_operation(code) for code in mandate.operations],
            "purposes": [words.of_purpose(code) for code in mandate.purposes],
            "categories": [words.of_category(code) for code in mandate.categories],
            "is_mine": is_mine,
            "waits": waits,
            "may_agree": waits and may_decide(request) and not is_mine,
            "may_end": mandate.ended_at is None and may_decide(request),
            "address": _address_of(mandate, request) if waits and may_decide(request) else "",
        }
        return TemplateResponse(request, "accounts/admin/mandate.html", context)

    def _frame(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}


def may_decide(request: HttpRequest) -> bool:
    return getattr(request.user, "role", None) in auditors.DECIDING


def state_of(mandate: Mandate, at: datetime) -> tuple[str, str]:
    """Tone and words; whoever sees no colour reads the words."""
    if mandate.ended_at:
        return "info", str(Mandate.End(mandate.how).label)
    if mandate.confirmed_at is None:
        is_late = mandate.proposed_at <= at - mandates.ANSWERED_WITHIN
        return ("info", str(Mandate.End.LAPSED.label)) if is_late else ("warn", _("waits for a second person"))
    if mandate.begins_at > at:
        return "info", _("not begun yet")
    return ("good", _("in force")) if mandate.ends_at > at else ("info", str(Mandate.End.OVER.label))


def _address_of(mandate: Mandate, request: SignedInRequest) -> str:
    """Who agrees has to know to whom. Opened in the name of the one who looks."""
    user = User.objects.get(pk=mandate.auditor)
    with processing(auditors.PURPOSE, actor=request.user.actor, reason=f"mandate={mandate.pk}"):
        return border.address_of(user.subject_id) or ""


def _categories() -> list[tuple[str, str]]:
    language = reader_language()
    return [(code, one.title.in_language(language)) for code, one in profiles.current().categories.items()]
