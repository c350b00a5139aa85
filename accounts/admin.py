"""Accounts on the desk: by reference, never by value. A value opens for a reason, and its owner sees who opened it."""

from typing import Any, Final
from uuid import UUID

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django.contrib import admin, messages
from django.contrib.auth import admin as registers_groups  # noqa: F401
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from accounts import auditor_admin, selectors, services  # noqa: F401  the invitations of auditors
from accounts.facts import Fact
from accounts.forms import FindForm, RevealForm
from accounts.models import User
from accounts.reasons import RevealReason
from law import clock
from personal_data.scope import processing
from retention.selectors import next_destruction, stays

# Tokens, sealed secrets and rights: nothing of theirs is for the desk to see or to change.
for foreign in (EmailAddress, Authenticator, Group):
    admin.site.unregister(foreign)

STATES: Final = {
    "open": pgettext_lazy("account", "open"),
    "blocked": pgettext_lazy("account", "blocked"),
    "closed": pgettext_lazy("account", "closed"),
}


class StateFilter(admin.SimpleListFilter):
    title = pgettext_lazy("column", "state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, str(words)) for state, words in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> "QuerySet[User]":
        match self.value():
            case "open":
                return queryset.filter(is_active=True, subject__blocked_at=None)
            case "blocked":
                return queryset.filter(is_active=True, subject__blocked_at__isnull=False)
            case "closed":
                return queryset.filter(is_active=False)
        return queryset


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Read-only. Staff neither see nor change addresses, names and passwords; people do that themselves."""

    list_display = ("reference", "role", "state", "date_joined")
    list_filter = (StateFilter, "role")
    list_select_related = ("subject",)
    ordering = ("-date_joined",)
    change_list_template = "accounts/admin/users.html"
    change_form_template = "accounts/admin/user.html"
    fields = ("reference", "role", "state", "language", "date_joined")
    readonly_fields = fields

    @admin.display(description=pgettext_lazy("column", "person"))
    def reference(self, user: User) -> str:
        return str(user.subject_id)

    @admin.display(description=pgettext_lazy("column", "state"))
    def state(self, user: User) -> str:
        if not user.is_active:
            return str(STATES["closed"])
        return str(STATES["blocked" if user.subject.blocked_at else "open"])

    # --- who may what ----------------------------------------------------------------------------------------------

    # --- pages -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("find/", self.admin_site.admin_view(self.find), name="accounts_user_find"),
            path("<uuid:user_id>/reveal/", self.admin_site.admin_view(self.reveal), name="accounts_user_reveal"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = User.objects.filter(pk=object_id).first() if _is_uuid(object_id) else None
        shown: dict[str, Any] = {}
        if user:
            shown = {
                "masks": selectors.masks(user.subject_id),
                "next_destruction": next_destruction(user.subject_id),
                "stays": stays(user.subject_id, clock.now(), all_of_them=True),
                "reveal_form": RevealForm(),
                "consent_url": _consent_url(user),
                "reveal_url": reverse("admin:accounts_user_reveal", args=[user.pk]),
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    def find(self, request: SignedInRequest) -> HttpResponse:
        """By the exact address and by POST: an address in an address bar would be kept in a history and in a log."""
        form = FindForm(request.POST or None)
        if form.is_valid():
            subject_id = selectors.find_subject_by_email(form.cleaned_data["address"])
            user = User.objects.filter(subject_id=subject_id).first() if subject_id else None
            if user:
                with processing("rights", actor=request.user.actor) as act:
                    act.record(Fact.FOUND_BY_ADDRESS.value, subject=user.subject_id)
                return redirect("admin:accounts_user_change", user.pk)
            messages.info(request, _("Nobody has this address."))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "title": _("Find a person"),
        }
        return TemplateResponse(request, "accounts/admin/find.html", context)

    def reveal(self, request: SignedInRequest, user_id: UUID) -> HttpResponse:
        user = get_object_or_404(User, pk=user_id)
        form = RevealForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "account": user,
            "form": form,
            "title": _("Open masked values"),
        }
        if not form.is_valid():
            return TemplateResponse(request, "accounts/admin/reveal.html", context)
        return self._revealed(request, user, form, context)

    def _revealed(
        self, request: SignedInRequest, user: User, form: RevealForm, context: dict[str, Any]
    ) -> HttpResponse:
        is_service_user = user.role in services.SERVICE_ROLES
        purpose = RevealReason(form.cleaned_data["reason"]).purpose if is_service_user else "staff"
        with processing(purpose, actor=request.user.actor, reason=form.for_log()):
            values = selectors.reveal(user, purpose)
            response = TemplateResponse(request, "accounts/admin/reveal.html", {**context, "values": values})
            add_never_cache_headers(response)
            return response.render()


def _consent_url(user: User) -> str:
    """Only of service users: staff give no consents here."""
    is_service_user = user.role in services.SERVICE_ROLES
    return reverse("admin:consent_paperconsent_enter", args=[user.subject_id]) if is_service_user else ""


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
