"""The desk looks at clocks, runs and records; nothing is changed here."""

from datetime import date, datetime
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from law import clock as law_clock
from law.deadlines import operator_zone
from retention import desk, rules
from retention.admin_parts import AnonymousCountAdmin, PartOrderAdmin, RuleVersionAdmin, link_to_person
from retention.models import Clock, Destruction, Hold, MassRun, Run, reference

__all__ = ["AnonymousCountAdmin", "PartOrderAdmin", "RuleVersionAdmin"]


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("late", _("late")), ("due", _("due")), ("running", _("running")), ("cancelled", _("cancelled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Clock]) -> QuerySet[Clock]:
        now = law_clock.now()
        match self.value():
            case "late":
                return queryset.filter(cancelled_at=None, late_at__lte=now)
            case "due":
                return queryset.filter(cancelled_at=None, due_at__lte=now)
            case "running":
                return queryset.filter(cancelled_at=None)
            case "cancelled":
                return queryset.exclude(cancelled_at=None)
        return queryset


class RuleFilter(admin.SimpleListFilter):
    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(rule.code, rules.words(rule.title.model_dump())) for rule in rules.rules_for_people()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(rule=self.value()) if self.value() else queryset


@admin.register(Clock)
class ClockAdmin(ReadOnlyAdmin):
    """What is due next stands first."""

    list_display = ("person", "rule_title", "purpose", "started_at", "destroy_on", "state")
    list_filter = (StateFilter, RuleFilter)
    date_hierarchy = "due_at"
    ordering = ("due_at", "id")
    list_per_page = 50
    search_fields = ("=subject__id",)
    search_help_text = _("The person’s whole reference")
    fields = (
        "subject_reference", "rule_title", "norm", "purpose", "purpose_titles", "action", "state", "started_at",
        "block_at", "blocked_at", "destroy_on", "late_at", "carried_at", "cancelled_at", "failed_at",
    )  # fmt: skip

    @admin.display(description=_("person"), ordering="subject_id")
    def person(self, clock: Clock) -> str:
        return reference(clock.subject_id)

    @admin.display(description=_("person"))
    def subject_reference(self, clock: Clock) -> SafeString:
        return link_to_person(clock.subject_id, str(clock.subject_id))

    @admin.display(description=_("rule"), ordering="rule")
    def rule_title(self, clock: Clock) -> str:
        return rules.words(rules.texts_of(clock.rule)[0])

    @admin.display(description=_("by which norm"))
    def norm(self, clock: Clock) -> str:
        return rules.words(rules.texts_of(clock.rule)[1])

    @admin.display(description=_("needed for"))
    def purpose_titles(self, clock: Clock) -> str:
        return "; ".join(rules.purpose_title(code) for code in clock.purposes) or "—"

    @admin.display(description=_("day of destruction"), ordering="due_at")
    def destroy_on(self, clock: Clock) -> date:
        return clock.destroy_on

    @admin.display(description=_("state"))
    def state(self, clock: Clock) -> SafeString:
        tone, words = _state(clock, law_clock.now())
        return format_html('<span class="tag tag-{}">{}</span>', tone, words)


def _state(clock: Clock, now: datetime) -> tuple[str, str]:
    """Tone and words; whoever sees no colour reads the words."""
    if not clock.is_running():
        return "info", gettext("carried out") if clock.carried_at and not clock.cancelled_at else gettext("cancelled")
    if clock.is_late(now):
        return "bad", gettext("late")
    days = (clock.destroy_on - timezone.localtime(now, operator_zone()).date()).days
    return ("info", gettext("in %(days)s d.") % {"days": days}) if days > 0 else ("warn", gettext("due"))


@admin.register(Destruction)
class DestructionAdmin(ReadOnlyAdmin):
    list_display = ("number", "person", "destroyed_at", "reason_text", "category_titles", "final_at")
    list_filter = (RuleFilter,)
    date_hierarchy = "destroyed_at"
    ordering = ("-year", "-running")
    list_per_page = 50
    search_fields = ("=subject",)
    search_help_text = _("The person’s whole reference")
    fields = (
        "number", "subject", "destroyed_at", "reason_text", "norm_text", "started_at", "due_at", "late_at",
        "category_titles", "counts", "system", "method", "key_epoch", "final_at", "run",
    )  # fmt: skip

    @admin.display(description=_("number"), ordering="running")
    def number(self, record: Destruction) -> str:
        return record.number

    @admin.display(description=_("person"), ordering="subject")
    def person(self, record: Destruction) -> str:
        return reference(record.subject)

    @admin.display(description=_("reason"), ordering="rule")
    def reason_text(self, record: Destruction) -> str:
        return rules.words(record.reason)

    @admin.display(description=_("by which norm"))
    def norm_text(self, record: Destruction) -> str:
        return rules.words(record.norm)

    @admin.display(description=_("categories"))
    def category_titles(self, record: Destruction) -> str:
        return "; ".join(rules.category_titles(record.categories))


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("id", "started_at", "finished_at", "progress", "found", "destroyed", "failed")
    ordering = ("-started_at",)
    fields = ("started_at", "finished_at", "progress", "found", "destroyed", "failed", "operator")
    change_form_template = "admin/retention/run.html"

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(desk.act)
        return [path("<int:run_id>/act.<slug:form>", act, name="retention_run_act"), *super().get_urls()]

    @admin.display(description=_("progress"))
    def progress(self, run: Run) -> str:
        return f"{100 * (run.destroyed + run.failed) // run.found} %"


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """What keeps data that would go. Privacy officers place and release; another of them confirms."""

    list_display = ("person", "ground", "until", "hold_state", "placed_at")
    list_filter = ("ground",)
    ordering = ("-placed_at",)
    list_per_page = 50
    search_fields = ("=subject__id",)
    search_help_text = _("The person’s whole reference")

    def get_urls(self) -> list[URLPattern]:
        guard, name = self.admin_site.admin_view, "retention_hold"
        return [
            path("place/", guard(desk.place), name=f"{name}_place"),
            path("<int:hold_id>/confirm/", guard(desk.confirm), name=f"{name}_confirm"),
            path("<int:hold_id>/release/", guard(desk.release), name=f"{name}_release"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "may_place": desk.may_decide(request)})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        hold = self.get_object(request, object_id)
        if hold is None:
            raise Http404
        return desk.show_hold(cast(SignedInRequest, request), hold)

    @admin.display(description=_("person"), ordering="subject_id")
    def person(self, hold: Hold) -> str:
        return reference(hold.subject_id)

    @admin.display(description=_("state"))
    def hold_state(self, hold: Hold) -> SafeString:
        tone, words = desk.state_of_hold(hold, law_clock.now())
        return format_html('<span class="tag tag-{}">{}</span>', tone, words)


@admin.register(MassRun)
class MassRunAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "found", "living", "first_at", "second_at")
    ordering = ("-asked_at",)

    def get_urls(self) -> list[URLPattern]:
        agree = self.admin_site.admin_view(desk.agree)
        return [path("<int:run_id>/agree/", agree, name="retention_massrun_agree"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        asked = self.get_object(request, object_id)
        if asked is None:
            raise Http404
        return desk.show_mass_run(cast(SignedInRequest, request), asked)
