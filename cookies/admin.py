"""The desk finds a choice by the number that its owner quotes, and can change nothing."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.read_only import ReadOnlyAdmin
from cookies.models import CookieChoice, Shown
from cookies.registry import registry


@admin.register(CookieChoice)
class CookieChoiceAdmin(ReadOnlyAdmin):
    list_display = ("consent_id", "at", "method", "accepted", "refused", "ends_at")
    list_filter = ("method", "language")
    search_fields = ("consent_id",)
    ordering = ("-at", "-id")
    fields = ("consent_id", "at", "method", "language", "accepted", "refused", "about", "shown", "ends_at")
    readonly_fields = ("about", "shown")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Where there is nothing to choose, there is nothing to look for."""
        return bool(registry().optional)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The whole number or nothing."""
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(consent_id=UUID(search_term.strip())), False
        except ValueError:
            return queryset.none(), False

    @admin.display(description=_("What it was about"))
    def about(self, choice: CookieChoice) -> SafeString:
        return _in_full(choice.registry)

    @admin.display(description=_("The form, word for word"))
    def shown(self, choice: CookieChoice) -> SafeString | str:
        if choice.screen:
            return _in_full(choice.screen)
        if choice.method == CookieChoice.Method.GPC:
            return gettext("Nothing was shown: the browser decided.")
        return gettext("The form was an older one: it is not known.")


def _in_full(shown: Shown) -> SafeString:
    laid_out = json.dumps(json.loads(shown.content), ensure_ascii=False, indent=1)
    return format_html("<pre>{}</pre><code>SHA-256 {}</code>", laid_out, shown.pk)
