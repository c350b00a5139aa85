"""The desk looks at backups, drills and the epochs of the keys; nothing is changed here."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.read_only import ReadOnlyAdmin
from backups.models import Backup, Drill
from personal_data.models import KeyEpoch, Subject


@admin.register(Backup)
class BackupAdmin(ReadOnlyAdmin):
    list_display = ("name", "made_at", "shown_size", "shown_seconds", "people", "epoch", "kept")
    ordering = ("-made_at",)
    list_per_page = 50
    fields = (
        "name", "made_at", "shown_seconds", "shown_size", "people", "epoch", "folder", "vault_removed_at", "removed_at",
    )  # fmt: skip

    @admin.display(description=_("size"), ordering="size")
    def shown_size(self, backup: Backup) -> str:
        return filesizeformat(backup.size)

    @admin.display(description=_("seconds it took"), ordering="seconds")
    def shown_seconds(self, backup: Backup) -> str:
        return f"{backup.seconds:.1f}"

    @admin.display(description=_("kept"))
    def kept(self, backup: Backup) -> SafeString:
        if backup.removed_at:
            return _tag("info", gettext("removed"))
        if backup.vault_removed_at:
            return _tag("warn", gettext("data alone"))
        return _tag("good", gettext("data and keys"))


@admin.register(Drill)
class DrillAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "backup", "result", "shown_seconds", "people", "replayed", "opened")
    ordering = ("-started_at",)
    list_per_page = 50
    fields = (
        "started_at", "backup", "result", "shown_seconds", "people", "rows", "replayed", "opened", "trouble",
    )  # fmt: skip

    @admin.display(description=_("result"), ordering="is_sound")
    def result(self, drill: Drill) -> SafeString:
        if drill.is_sound:
            return _tag("good", gettext("restored"))
        return _tag("bad", gettext("could not be restored"))

    @admin.display(description=_("seconds it took"), ordering="seconds")
    def shown_seconds(self, drill: Drill) -> str:
        return f"{drill.seconds:.1f}"


@admin.register(KeyEpoch)
class KeyEpochAdmin(ReadOnlyAdmin):
    list_display = ("number", "opened_at", "retired_at", "destroyed_at", "depend")
    ordering = ("-number",)
    fields = ("number", "opened_at", "retired_at", "destroyed_at", "depend")

    @admin.display(description=_("people who depend on it"))
    def depend(self, epoch: KeyEpoch) -> int:
        return 0 if epoch.retired_at else Subject.objects.filter(destroyed_at=None, epoch=epoch).count()


def _tag(tone: str, words: str) -> SafeString:
    return format_html('<span class="tag tag-{}">{}</span>', tone, words)
