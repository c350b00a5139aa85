"""The desk's lists: consents that wait for a second person, and the terms that run after a withdrawal."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from consent import paper_desk
from consent.drafts_admin import DraftAdmin
from consent.models import PaperConsent, Term
from consent.selectors import language_of
from consent.suppression_admin import SuppressionAdmin
from consent.terms import MET_BY_STAFF
from law import clock
from law.rules import RULES
from law.rules.shape import cited
from looks.templatetags.looks import localdate
from profiles import current

__all__ = ["DraftAdmin", "PaperConsentAdmin", "SuppressionAdmin", "TermAdmin"]


class ConsentAdmin(ReadOnlyAdmin):
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return paper_desk.may_look(request)

    @admin.display(description=pgettext_lazy("column", "person"))
    def person(self, row: Any) -> SafeString:
        return format_html('<span class="mono number" title="{}">{}</span>', row.subject_id, str(row.subject_id)[:8])


def title_of(purpose: str) -> str:
    known = current().purposes.get(purpose)
    return known.title.in_language(language_of(get_language())) if known else purpose


@admin.register(PaperConsent)
class PaperConsentAdmin(ConsentAdmin):
    """Rows are read-only: what changes them is an act of paper_services, behind a button."""

    list_display = ("which", "way", "given_by", "state", "person", "received")
    list_filter = ("state", "way", "given_by")
    ordering = (Case(When(state="waiting", then=Value(0)), default=Value(1)), "-received_at")

    def get_urls(self) -> list[URLPattern]:
        acts = {"open": paper_desk.reveal, "confirm": paper_desk.confirm, "refuse": paper_desk.refuse}
        guard, name = self.admin_site.admin_view, "consent_paperconsent"
        return [
            path("enter/<uuid:subject_id>/", guard(paper_desk.enter), name=f"{name}_enter"),
            path("<uuid:paper_id>/scan/<slug:which>/", guard(paper_desk.scan), name=f"{name}_scan"),
            *(path(f"<uuid:paper_id>/{act}/", guard(view), name=f"{name}_{act}") for act, view in acts.items()),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        paper = self.get_object(request, object_id)
        if paper is None:
            raise Http404
        return paper_desk.show(cast(SignedInRequest, request), paper)

    @admin.display(description=_("purpose"), ordering="purpose")
    def which(self, row: PaperConsent) -> str:
        return title_of(row.purpose)

    @admin.display(description=pgettext_lazy("paper consent", "received"), ordering="received_at")
    def received(self, row: PaperConsent) -> SafeString | str:
        return localdate(row.received_at)


class RunningFilter(admin.SimpleListFilter):
    title = pgettext_lazy("term", "state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("running", pgettext("term", "runs")), ("met", pgettext("term", "met"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Term]) -> QuerySet[Term]:
        match self.value():
            case "running":
                return queryset.filter(met_at=None, subject__destroyed_at=None)
            case "met":
                return queryset.exclude(met_at=None)
        return queryset


@admin.register(Term)
class TermAdmin(ConsentAdmin):
    """What the law gives until when; what staff have to do themselves has a button."""

    list_display = ("what", "purpose", "due", "state", "person")
    list_filter = (RunningFilter, "rule")
    list_select_related = ("entry", "subject")
    list_display_links = None
    ordering = (Case(When(met_at=None, then=Value(0)), default=Value(1)), "due_at")
    change_list_template = "admin/consent/terms.html"
    fields = ("what", "purpose", "due", "state", "person", "started_at", "counted_days", "met_by")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        meet = self.admin_site.admin_view(paper_desk.meet)
        return [path("<int:term_id>/meet/", meet, name="consent_term_meet"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        by_hand = Term.objects.filter(met_at=None, rule__in=MET_BY_STAFF, subject__destroyed_at=None)
        waiting = [
            (
                term,
                RULES[term.rule].title,
                title_of(term.entry.purpose),
                reverse("admin:consent_term_meet", args=[term.pk]),
            )
            for term in by_hand.select_related("entry")[:50]
        ]
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    @admin.display(description=_("term of the law"), ordering="rule")
    def what(self, row: Term) -> str:
        rule = RULES[row.rule]
        return f"{rule.title} ({cited(rule.article, language_of(get_language()))}, {rule.id})"

    @admin.display(description=_("purpose"))
    def purpose(self, row: Term) -> str:
        return title_of(row.entry.purpose)

    @admin.display(description=pgettext_lazy("term", "due"), ordering="due_at")
    def due(self, row: Term) -> SafeString | str:
        return localdate(row.due_on)

    @admin.display(description=pgettext_lazy("term", "state"))
    def state(self, row: Term) -> SafeString | str:
        if row.met_at:
            return row.get_how_display()
        if row.subject.destroyed_at:
            return pgettext("term", "the data is destroyed")
        is_late = clock.now() > row.due_at
        words = pgettext("term", "overdue") if is_late else pgettext("term", "runs")
        return format_html('<span class="tag tag-{}">{}</span>', "bad" if is_late else "warn", words)
