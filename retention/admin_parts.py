"""The desk looks at orders for a part, at the versions of the rules, and at anonymous counts."""

from typing import Any, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from retention import changing, desk, desk_parts, rules
from retention.models import AnonymousCount, PartOrder, RuleVersion, reference


@admin.register(PartOrder)
class PartOrderAdmin(ReadOnlyAdmin):
    list_display = ("person", "norm", "what", "found", "ordered_at", "order_state")
    list_display_links = None  # the person has a link of their own
    list_filter = ("norm",)
    ordering = ("-ordered_at",)
    list_per_page = 50
    search_fields = ("=subject__id",)
    search_help_text = _("The person’s whole reference")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("person/<uuid:subject_id>/", guard(desk_parts.person), name="retention_person"),
            path("person/<uuid:subject_id>/order/", guard(desk_parts.order), name="retention_person_order"),
            path("person/<uuid:subject_id>/end/", guard(desk_parts.end), name="retention_person_end"),
            path("person/<uuid:subject_id>/take-back/", guard(desk_parts.take_back), name="retention_person_take_back"),
            path("<uuid:order_id>/agree/", guard(desk_parts.agree), name="retention_partorder_agree"),
            path("<uuid:order_id>/take-back/", guard(desk_parts.take_order_back), name="retention_partorder_take_back"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        if order is None:
            raise Http404
        return desk_parts.show_person(request, order.subject)

    @admin.display(description=_("person"), ordering="subject_id")
    def person(self, order: PartOrder) -> SafeString:
        return link_to_person(order.subject_id, reference(order.subject_id))

    @admin.display(description=_("what of it"))
    def what(self, order: PartOrder) -> str:
        return order.place or "; ".join(rules.category_titles(order.categories))

    @admin.display(description=_("state"))
    def order_state(self, order: PartOrder) -> SafeString:
        return format_html('<span class="tag tag-{}">{}</span>', "warn" if order.is_waiting else "info", order.state)


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin):
    list_display = ("number", "previewed_at", "confirmed_at", "in_force_at")
    ordering = ("-number",)
    change_list_template = "admin/retention/ruleversion/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("preview/", guard(desk_parts.preview), name="retention_ruleversion_preview"),
            path("<int:number>/confirm/", guard(desk_parts.confirm), name="retention_ruleversion_confirm"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        more = {"may_look": desk.may_decide(request), "waits": changing.is_waiting()}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        if version is None:
            raise Http404
        return desk_parts.show_version(cast(SignedInRequest, request), version)


@admin.register(AnonymousCount)
class AnonymousCountAdmin(ReadOnlyAdmin):
    list_display = ("left_in", "arrived_in", "subject_kind", "rule_title", "people", "method")
    list_filter = ("method",)
    ordering = ("-left_in",)

    @admin.display(description=_("rule"), ordering="rule")
    def rule_title(self, count: AnonymousCount) -> str:
        return rules.words(rules.texts_of(count.rule)[0])


def link_to_person(subject_id: object, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(desk_parts.PERSON, args=[subject_id]), words)
