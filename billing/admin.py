"""Staff open subscriptions and move their last day; both are acts of services.py."""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from access.requests import SignedInRequest
from access.roles import Role
from billing import services
from billing.days import today
from billing.forms import NewSubscriptionForm, SubscriptionForm
from billing.models import Subscription
from law import clock
from personal_data.errors import Blocked, Destroyed
from personal_data.scope import processing

if TYPE_CHECKING:
    from accounts.models import User

#: Administrators look after the machine, not after customers.
MAY_CHANGE: Final = frozenset[str]({Role.STAFF, Role.OFFICER})


@admin.register(Subscription)
class SubscriptionAdmin(admin.ModelAdmin[Subscription]):
    list_display = ("person", "starts_on", "ends_on", "state")
    date_hierarchy = "ends_on"
    ordering = ("ends_on",)
    list_per_page = 50
    actions = None
    search_fields = ("=subject__id",)
    search_help_text = _("The person’s whole reference")
    readonly_fields = ("reference", "state", "ended_at")

    def get_fields(self, request: HttpRequest, obj: Subscription | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("subject_reference", "starts_on", "ends_on", "at_once")
        return ("reference", "state", "starts_on", "ends_on", "at_once", "ended_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Subscription | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "starts_on") if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Subscription | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Subscription]]:
        kwargs["form"] = SubscriptionForm if obj else NewSubscriptionForm
        return super().get_form(request, obj, change=change, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The admin opens a transaction around a form; the declaration must stand around that."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with processing(services.PURPOSE, actor=_user(request).actor):
                return super().changeform_view(request, object_id, form_url, extra_context)
        except (Blocked, Destroyed, services.HasOneAlready, services.NoSubscription):
            self.message_user(
                request, _("Nothing was changed: the person is leaving, or somebody was quicker."), "error"
            )
            return redirect("admin:billing_subscription_changelist")

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        """The act, instead of a plain save."""
        actor, at = _user(request).actor, clock.now()
        if change:
            services.set_subscription_end(subject_id=obj.subject_id, ends_on=obj.ends_on, actor=actor, at=at)
            return
        opened = services.open_subscription(
            subject_id=form.cleaned_data["subject_reference"],
            starts_on=obj.starts_on,
            ends_on=obj.ends_on,
            actor=actor,
            at=at,
        )
        obj.pk, obj.subject_id = opened.pk, opened.subject_id

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The processing log has it, by the service."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The processing log has it, by the service."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Subscription | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _user(request).role in MAY_CHANGE

    def has_change_permission(self, request: HttpRequest, obj: Subscription | None = None) -> bool:
        return _user(request).role in MAY_CHANGE

    def has_delete_permission(self, request: HttpRequest, obj: Subscription | None = None) -> bool:
        return False

    @admin.display(description=_("person"), ordering="subject_id")
    def person(self, subscription: Subscription) -> str:
        return str(subscription.subject_id)[:8]

    @admin.display(description=_("person"))
    def reference(self, subscription: Subscription) -> str:
        return str(subscription.subject_id)

    @admin.display(description=_("state"))
    def state(self, subscription: Subscription) -> str:
        return str(subscription.state(today(clock.now())).label)


def _user(request: HttpRequest) -> "User":
    """The desk lets nobody in who is not signed in."""
    return cast(SignedInRequest, request).user
