"""The desk: the queue by due date, and one request with masked words until staff say why they open them."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from access.requests import SignedInRequest
from law import clock
from law.calendar import ProductionCalendar
from looks.templatetags.looks import localdate
from subject_requests import desk
from subject_requests.answers import desk as answers_desk
from subject_requests.desk import short
from subject_requests.forms import FindForm
from subject_requests.kinds import CLOSED_STATES, State
from subject_requests.models import OPEN_FIRST, Request, RequestQuerySet
from subject_requests.selectors import DueState, due_state, workload


class StateFilter(admin.SimpleListFilter):
    """Without a choice the queue shows what is open."""

    title = pgettext_lazy("request", "state")
    parameter_name = "shown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", pgettext_lazy("request", "overdue")),
            ("mine", pgettext_lazy("request", "taken by me")),
            ("new", pgettext_lazy("request", "taken by nobody")),
            ("closed", pgettext_lazy("request", "closed")),
            ("all", pgettext_lazy("request", "all")),
        ]

    def choices(self, changelist: Any) -> Any:
        """Django's own first choice is called "All"; ours is what is open."""
        for choice in super().choices(changelist):
            yield {**choice, "display": pgettext_lazy("request", "open")} if choice["query_string"] == "?" else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Request]:
        requests = cast(RequestQuerySet, queryset)
        match self.value():
            case "overdue":
                return requests.overdue(clock.now())
            case "mine":
                return requests.open().filter(taken_by=request.user.pk)
            case "new":
                return requests.open().filter(state=State.NEW)
            case "closed":
                return requests.filter(state__in=CLOSED_STATES)
            case "all":
                return requests
            case _:
                return requests.open()


class Queue(ChangeList):
    """The page of rows, each told how it stands to its term; the calendar is read once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        calendar, at = ProductionCalendar.current(), clock.now()
        self.result_list = list(self.result_list)
        for row in self.result_list:
            row.due_state = due_state(row, at=at, calendar=calendar)
            row.is_mine = row.taken_by == request.user.pk


@admin.register(Request)
class RequestAdmin(admin.ModelAdmin[Request]):
    """Rows are read-only: what changes a request is an act of services.py, behind a button."""

    list_display = ("which", "due", "asked", "state", "person", "received", "holder")
    list_filter = (StateFilter,)
    ordering = (OPEN_FIRST, "due_at", "number")
    list_per_page = 50
    actions = None
    change_list_template = "admin/subject_requests/request/change_list.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return desk.may_look(request)

    def has_view_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return desk.may_look(request)

    def has_change_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    def get_urls(self) -> list[URLPattern]:
        acts = {"open": desk.reveal, "take": desk.take, "answer": desk.answer, "refuse": desk.refuse}
        return [
            path("find/", self.admin_site.admin_view(desk.find), name="subject_requests_request_find"),
            *(
                path(
                    f"<uuid:request_id>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"subject_requests_request_{name}",
                )
                for name, view in acts.items()
            ),
            *answers_desk.urls(self.admin_site.admin_view),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        extra = {"title": _("Requests"), "workload": workload(at=clock.now()), "find_form": FindForm()}
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        filed = self.get_object(request, object_id)
        if filed is None:
            raise Http404
        return desk.show(cast(SignedInRequest, request), filed)

    @admin.display(description=pgettext_lazy("request", "number"), ordering="number")
    def which(self, row: Request) -> SafeString:
        return format_html('<span class="number">{}</span>', row.number)

    @admin.display(description=pgettext_lazy("request", "kind"))
    def asked(self, row: Request) -> str:
        return row.short_title

    @admin.display(description=pgettext_lazy("request", "due"))
    def due(self, row: Request) -> SafeString:
        """In words and colour: whoever sees no colour reads "overdue"."""
        state: DueState = row.due_state  # type: ignore[attr-defined]
        words = format_html("<strong>{}</strong>", state.words) if state.is_overdue else state.words
        return format_html('{} <span class="tag tag-{}">{}</span>', localdate(row.due_on), state.tone, words)

    @admin.display(description=pgettext_lazy("request", "person"))
    def person(self, row: Request) -> SafeString:
        return format_html('<span class="mono number" title="{}">{}</span>', row.subject_id, short(row.subject_id))

    @admin.display(description=pgettext_lazy("request", "received"), ordering="received_at")
    def received(self, row: Request) -> SafeString | str:
        return localdate(row.received_at)

    @admin.display(description=pgettext_lazy("request", "taken by"))
    def holder(self, row: Request) -> str | SafeString:
        if row.is_mine:  # type: ignore[attr-defined]
            return pgettext("request", "you")
        return format_html('<span class="mono number">{}</span>', short(row.taken_by)) if row.taken_by else "—"
