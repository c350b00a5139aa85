"""The mails that came, by reference: no address and no word. Those of machines can be made requests."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from access.read_only import ReadOnlyAdmin
from subject_requests.desk import guards
from subject_requests.forms import RevealForm
from subject_requests.intake import desk
from subject_requests.intake.automatic import Verdict
from subject_requests.intake.forms import KindsForm
from subject_requests.intake.models import IncomingMail

VERDICTS = {
    Verdict.PERSON.value: pgettext_lazy("mail that came", "from a person"),
    Verdict.QUIET.value: pgettext_lazy("mail that came", "a request that is not answered by itself"),
    Verdict.MACHINE.value: pgettext_lazy("mail that came", "from a machine"),
}


class VerdictFilter(admin.SimpleListFilter):
    title = pgettext_lazy("mail that came", "what it is")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(VERDICTS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(seen__verdict=self.value()) if self.value() else queryset


@admin.register(IncomingMail)
class IncomingMailAdmin(ReadOnlyAdmin):
    list_display = ("came", "verdict", "which", "copies", "answered", "cut_short")
    list_filter = (VerdictFilter,)
    ordering = ("-received_at",)
    list_select_related = ("seen", "request")
    list_per_page = 50

    @admin.display(description=pgettext_lazy("request", "received"), ordering="received_at")
    def came(self, mail: IncomingMail) -> Any:
        return mail.received_at

    @admin.display(description=pgettext_lazy("mail that came", "cut short"), boolean=True)
    def cut_short(self, mail: IncomingMail) -> bool:
        return mail.is_cut

    def has_view_permission(self, request: HttpRequest, obj: IncomingMail | None = None) -> bool:
        return guards.may_look(request)

    def get_urls(self) -> list[URLPattern]:
        own = {"original": desk.original, "make-request": desk.make_request}
        return [
            *(
                path(
                    f"<uuid:mail_id>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"subject_requests_incomingmail_{name.replace('-', '_')}",
                )
                for name, view in own.items()
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        came = self.get_object(request, object_id)
        extra = {
            "title": _("Mail that came"),
            "came": came,
            "verdict": VERDICTS.get(came.seen.verdict) if came else "",
            "reveal_form": RevealForm(),
            "kinds_form": KindsForm() if came and not came.request_id and guards.may_answer(request) else None,
        }
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    change_form_template = "admin/subject_requests/incomingmail/one.html"

    @admin.display(description=pgettext_lazy("mail that came", "what it is"))
    def verdict(self, mail: IncomingMail) -> Any:
        return VERDICTS[mail.seen.verdict]

    @admin.display(description=pgettext_lazy("request", "request"))
    def which(self, mail: IncomingMail) -> str:
        return mail.request.number if mail.request else "—"

    @admin.display(description=pgettext_lazy("mail that came", "copies"))
    def copies(self, mail: IncomingMail) -> int:
        return mail.seen.copies

    @admin.display(description=pgettext_lazy("mail that came", "acknowledged"), boolean=True)
    def answered(self, mail: IncomingMail) -> bool:
        return mail.acknowledged_at is not None
