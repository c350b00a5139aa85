"""The desk's list of drafts: of the policy and of the consents' texts, and who stands where with each."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from access.read_only import ReadOnlyAdmin
from access.requests import SignedInRequest
from consent import desk
from consent.drafts import Draft

TONES = {"written": "info", "submitted": "warn", "published": "good", "dropped": ""}


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Rows are read-only: what changes a draft is an act of drafting.py, behind a button."""

    list_display = ("title", "number", "shown_state", "effective_on", "writer")
    list_filter = ("state",)
    ordering = (F("closed_at").desc(nulls_first=True), "-changed_at")
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        return desk.may_look(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return desk.may_write(request)

    def get_urls(self) -> list[URLPattern]:
        acts = {"save": desk.save, "publish": desk.publish, "return": desk.give_back, "drop": desk.drop}
        return [
            *(
                path(f"<uuid:draft_id>/{name}/", self.admin_site.admin_view(view), name=f"consent_draft_{name}")
                for name, view in acts.items()
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return desk.begin(cast(SignedInRequest, request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        draft = self.get_object(request, object_id)
        if draft is None:
            raise Http404
        return desk.show(cast(SignedInRequest, request), draft)

    @admin.display(description=pgettext_lazy("draft", "text"), ordering="document")
    def title(self, draft: Draft) -> str:
        return desk.title_of(draft.document)

    @admin.display(description=pgettext_lazy("draft", "state"), ordering="state")
    def shown_state(self, draft: Draft) -> SafeString:
        return format_html('<span class="tag tag-{}">{}</span>', TONES[draft.state], draft.get_state_display())

    @admin.display(description=_("written by"), ordering="author")
    def writer(self, draft: Draft) -> SafeString | str:
        return format_html('<span class="mono number">{}</span>', str(draft.author)[:8])
