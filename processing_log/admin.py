"""The desk sees how old the newest checkpoint is, and who has seen it. Nothing is changed here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from access.read_only import ReadOnlyAdmin
from law import clock
from processing_log.models import Checkpoint, Cosignature


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = ("size", "signed_at", "age", "witnessed")
    fields = ("size", "signed_at", "age", "witnessed", "note")
    readonly_fields = fields
    ordering = ("-size",)
    show_full_result_count = False

    @admin.display(description=_("age"))
    def age(self, checkpoint: Checkpoint) -> str:
        minutes = int((clock.now() - checkpoint.signed_at).total_seconds() // 60)
        if minutes < 120:
            return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
        return ngettext("%(number)s hour", "%(number)s hours", minutes // 60) % {"number": minutes // 60}

    @admin.display(description=_("cosigned by witnesses"))
    def witnessed(self, checkpoint: Checkpoint) -> int:
        return Cosignature.objects.filter(size=checkpoint.size).count()
