"""The list at the desk: what is on it, without addresses; an address out of a letter is checked and put on it here."""

from typing import Any, Final, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from access.roles import DESK_ROLES, Role
from consent import suppression
from consent.suppressed import Suppression
from consent.suppression_forms import AddressForm, scopes
from law import clock

#: Those who read people's letters. An administrator sees the rows, and has no business with an address.
MAY_ADD: Final = frozenset[str]({Role.STAFF, Role.OFFICER})
LIST: Final = "admin:consent_suppression_changelist"


class ScopeFilter(admin.SimpleListFilter):
    title = pgettext_lazy("suppression", "scope")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return scopes()

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(scope=self.value()) if self.value() else queryset


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ("entered_on", "kind", "of_what", "reason", "channel")
    list_filter = ("kind", ScopeFilter, "reason", "channel")
    list_display_links = None
    date_hierarchy = "entered_on"
    ordering = ("-entered_on", "id")
    list_per_page = 50
    fields = ("entered_on", "kind", "of_what", "reason", "channel")
    readonly_fields = fields

    @method_decorator(never_cache)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One page for both: is this address on the list, and put it there. By POST, never in an address bar."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = cast(SignedInRequest, request).user
        form = AddressForm(request.POST or None)
        if not form.is_valid():
            return self._page(request, form)
        address = form.cleaned_data["address"]
        if "check" in request.POST:
            return self._page(request, form, standings=suppression.standing_of(address, actor=user.actor))
        is_new = suppression.suppress(
            suppression.digest_of(address),
            scope=form.cleaned_data["scope"],
            reason=Suppression.Reason.OBJECTION,
            channel=Suppression.Channel.DESK,
            actor=user.actor,
            at=clock.now(),
        )
        if is_new:
            messages.success(request, _("The address is on the list. The address itself was not kept."))
        else:
            messages.info(request, _("The address was on the list already."))
        return redirect(LIST)

    def _page(
        self, request: HttpRequest, form: AddressForm, *, standings: list[suppression.Standing] | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check an address, or put it on the list"),
            "opts": self.model._meta,
            "form": form,
            "standings": standings,
        }
        return TemplateResponse(request, "admin/consent/suppression/address.html", context)

    @admin.display(description=pgettext_lazy("suppression", "scope"), ordering="scope")
    def of_what(self, row: Suppression) -> str:
        return str(dict(scopes()).get(row.scope, row.scope))

    def has_view_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return getattr(request.user, "role", None) in DESK_ROLES

    def has_add_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "role", None) in MAY_ADD
