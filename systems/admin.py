"""Keys of other systems on the desk: administrators make and revoke them, privacy officers revoke them too."""

from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from access.roles import Role
from law import clock
from systems import services
from systems.forms import NewKeyForm, purposes
from systems.models import KeyState, SystemKey

if TYPE_CHECKING:
    from accounts.models import User

MAY_MAKE: Final = frozenset[str]({Role.ADMIN})
MAY_REVOKE: Final = frozenset[str]({Role.ADMIN, Role.OFFICER})


@admin.register(SystemKey)
class SystemKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "purposes_in_words", "expires_at", "asked")
    ordering = ("name", "-created_at")
    change_form_template = "systems/admin/key.html"
    fields = ("name", "state", "purposes_in_words", "per_minute", "created_at", "expires_at", "revoked_at", "asked")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("state"))
    def state(self, key: SystemKey) -> str:
        return str(key.state(clock.now()).label)

    @admin.display(description=gettext_lazy("purposes it may ask about"))
    def purposes_in_words(self, key: SystemKey) -> str:
        titles = dict(purposes())
        return "; ".join(titles.get(code, code) for code in key.purposes)

    @admin.display(description=gettext_lazy("asked in 90 days"))
    def asked(self, key: SystemKey) -> int:
        return int(key.minutes.aggregate(total=Sum("asked"))["total"] or 0)

    # --- who may what ----------------------------------------------------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _user(request).role in MAY_REVOKE

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _user(request).role in MAY_MAKE

    # --- pages -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("<uuid:key_id>/revoke/", revoke, name="systems_systemkey_revoke"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The key stands on the page that answers the form, and nowhere after it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewKeyForm(request.POST or None)
        made = self._make(request, form) if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "made": made,
            "title": _("The new key") if made else _("A key for another system"),
        }
        response = TemplateResponse(request, "systems/admin/add.html", context)
        add_never_cache_headers(response)
        return response

    def _make(self, request: HttpRequest, form: NewKeyForm) -> services.NewKey | None:
        try:
            return services.make_key(
                name=form.cleaned_data["name"],
                purposes=form.cleaned_data["purposes"],
                per_minute=form.cleaned_data["per_minute"],
                expires_at=form.expires_at(),
                actor=_user(request).actor,
                at=clock.now(),
            )
        except services.NameTaken:
            form.add_error("name", _("This system has a key. Revoke it first: one system, one key."))
        return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        key = self.get_object(request, object_id)
        can_revoke = key is not None and key.state(clock.now()) != KeyState.REVOKED
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "can_revoke": can_revoke})

    def revoke(self, request: HttpRequest, key_id: UUID) -> HttpResponse:
        if _user(request).role not in MAY_REVOKE:
            raise PermissionDenied
        try:
            services.revoke_key(key_id=key_id, actor=_user(request).actor, at=clock.now())
        except services.NotRevocable:
            messages.info(request, _("The key is revoked already."))
        else:
            messages.success(request, _("The key is revoked: it opens nothing from now on."))
        return redirect("admin:systems_systemkey_changelist")


def _user(request: HttpRequest) -> "User":
    """The desk lets nobody in who is not signed in."""
    return cast(SignedInRequest, request).user
