"""The desk: the queue by due date, and one request with masked words until staff say why they open them."""

from collections.abc import Callable
from typing import Any, Final, cast
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from law import clock
from law.calendar import ProductionCalendar
from looks.templatetags.looks import localdate
from subject_requests import staff
from subject_requests.answers import desk as answers_desk
from subject_requests.board import Bucket, in_buckets
from subject_requests.desk import acts, entering, figures, guards, page, people, search
from subject_requests.forms import FindForm
from subject_requests.intake import desk as intake
from subject_requests.intake.mail_admin import IncomingMailAdmin
from subject_requests.kinds import CLOSED_STATES, RequestKind, State
from subject_requests.models import OPEN_FIRST, Request, RequestQuerySet
from subject_requests.selectors import DueState, due_state, workload

__all__ = ["IncomingMailAdmin", "RequestAdmin"]


class KindFilter(admin.SimpleListFilter):
    """A request may be of several kinds."""

    title = pgettext_lazy("request", "kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.value, kind.short) for kind in RequestKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kinds__contains=[self.value()]) if self.value() in RequestKind.values else queryset


class StateFilter(admin.SimpleListFilter):
    """Without a choice the queue shows what is open."""

    title = pgettext_lazy("request", "state")
    parameter_name = "shown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", pgettext_lazy("request", "overdue")),
            ("mine", pgettext_lazy("request", "taken by me")),
            ("new", pgettext_lazy("request", "taken by nobody")),
            ("week", pgettext_lazy("request", "due within a week")),
            ("waiting", pgettext_lazy("request", "waiting for the person")),
            ("second", pgettext_lazy("request", "wait for a second person")),
            ("unknown", pgettext_lazy("request", "not established who asks")),
            ("closed", pgettext_lazy("request", "closed")),
            ("all", pgettext_lazy("request", "all")),
        ]

    def choices(self, changelist: Any) -> Any:
        """Django's own first choice is called "All"; ours is what is open."""
        for choice in super().choices(changelist):
            yield {**choice, "display": pgettext_lazy("request", "open")} if choice["query_string"] == "?" else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Request]:
        requests = cast(RequestQuerySet, queryset)
        chosen = _SHOWN.get(self.value() or "", _established)
        return chosen(requests, cast(SignedInRequest, request).user.pk)


def _established(requests: RequestQuerySet, user_id: UUID) -> RequestQuerySet:
    return requests.open().established()


def _mine(requests: RequestQuerySet, user_id: UUID) -> RequestQuerySet:
    """Also of whoever the user stands in for today."""
    return requests.open().filter(taken_by__in=[user_id, *staff.stands_in_for(user_id, at=clock.now())])


def _week(requests: RequestQuerySet, user_id: UUID) -> RequestQuerySet:
    due: RequestQuerySet = in_buckets(requests.open(), clock.now()).filter(bucket__in=[Bucket.TODAY, Bucket.WEEK])
    return due


_SHOWN: Final[dict[str, Callable[[RequestQuerySet, UUID], RequestQuerySet]]] = {
    "overdue": lambda requests, user_id: requests.overdue(clock.now()),
    "mine": _mine,
    "new": lambda requests, user_id: requests.open().established().filter(state=State.NEW),
    "week": _week,
    "waiting": lambda requests, user_id: requests.open().filter(state=State.WAITING),
    "second": lambda requests, user_id: requests.open().filter(state=State.PROPOSED),
    "unknown": lambda requests, user_id: requests.open().not_established(),
    "closed": lambda requests, user_id: requests.filter(state__in=CLOSED_STATES),
    "all": lambda requests, user_id: requests,
}


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
class RequestAdmin(ReadOnlyAdmin):
    """Rows are read-only: what changes a request is an act of services.py, behind a button."""

    list_display = ("which", "due", "asked", "state", "person", "received", "holder")
    list_filter = (StateFilter, KindFilter, "channel")
    ordering = (OPEN_FIRST, "due_at", "number")
    list_per_page = 50
    change_list_template = "admin/subject_requests/request/change_list.html"

    def has_view_permission(self, request: HttpRequest, obj: Request | None = None) -> bool:
        return guards.may_look(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Request]:
        return super().get_queryset(request).prefetch_related("clocks")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    def get_urls(self) -> list[URLPattern]:
        own = {
            "find/": ("find", search.find),
            "enter/": ("enter", entering.enter),
            "people/": ("people", people.people),
            "people/absences/<int:absence_id>/cancel/": ("cancel_absence", people.cancel_absence),
            "calendar/": ("calendar", people.make_calendar),
            "figures/": ("figures", figures.show),
            "figures/export/": ("figures_export", figures.export),
            "<uuid:request_id>/open/": ("open", page.reveal),
            "<uuid:request_id>/file/<uuid:attachment_id>/": ("file", intake.file),
            "<uuid:request_id>/hand-over/": ("hand_over", people.hand_over),
            "<uuid:request_id>/proof/<uuid:correction_id>/": ("see_proof", page.see_proof),
            "<uuid:request_id>/told/<int:notice_id>/": ("note_told", page.note_told),
        }
        return [
            *(self._address(route, name, view) for route, (name, view) in own.items()),
            *(self._address(f"<uuid:request_id>/{code}/", code, page.act, code=code) for code in acts.ACTS),
            *answers_desk.urls(self.admin_site.admin_view),
            *super().get_urls(),
        ]

    def _address(self, route: str, name: str, view: Any, **more: str) -> URLPattern:
        checked: Any = self.admin_site.admin_view(view)
        address: URLPattern = path(route, checked, more, name=f"subject_requests_request_{name}")
        return address

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        extra = {
            "title": _("Requests"),
            "workload": workload(at=clock.now()),
            "find_form": FindForm(),
            "may_act": guards.may_answer(request),
        }
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        filed = self.get_object(request, object_id)
        if filed is None:
            raise Http404
        return page.show(cast(SignedInRequest, request), filed)

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
        return format_html(
            '<span class="mono number" title="{}">{}</span>', row.subject_id, staff.short(row.subject_id)
        )

    @admin.display(description=pgettext_lazy("request", "received"), ordering="received_at")
    def received(self, row: Request) -> SafeString | str:
        return localdate(row.received_at)

    @admin.display(description=pgettext_lazy("request", "taken by"))
    def holder(self, row: Request) -> str | SafeString:
        if row.is_mine:  # type: ignore[attr-defined]
            return pgettext("request", "you")
        return format_html('<span class="mono number">{}</span>', staff.short(row.taken_by)) if row.taken_by else "—"
