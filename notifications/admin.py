from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from access.read_only import ReadOnlyAdmin
from notifications.failures import FAILURES
from notifications.models import OutgoingMail


class FailureFilter(admin.SimpleListFilter):
    title = _("why not sent")
    parameter_name = "failure"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, words) for code, words in FAILURES.items() if code]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(failure=self.value()) if self.value() else queryset


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """What was sent to which reference: no address and no text. Read-only; a mail in doubt is for a person to judge."""

    list_display = ("reference", "template", "purpose", "state", "why", "created_at", "sent_at")
    list_filter = ("state", "template", FailureFilter)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = ("reference", "template", "purpose", "language", "state", "why", "attempts", "created_at", "sent_at")
    readonly_fields = fields

    @admin.display(description=pgettext_lazy("column", "person"))
    def reference(self, mail: OutgoingMail) -> str:
        return str(mail.subject_id)

    @admin.display(description=_("why not sent"), ordering="failure")
    def why(self, mail: OutgoingMail) -> str:
        return str(FAILURES.get(mail.failure, mail.failure))
