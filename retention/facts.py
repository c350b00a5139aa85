"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    CLOCK_STARTED = "clock_started", _("The term until destruction started")
    CLOCK_CANCELLED = "clock_cancelled", _("The term until destruction was cancelled")
    KEPT_ON_ANOTHER_GROUND = (
        "kept_on_another_ground",
        _("Data stays: another ground than the consent allows keeping it"),
    )
    SUBJECT_DESTROYED = "subject_destroyed", _("The person’s data was destroyed")
    END_REPORTED = "end_reported", _("Somebody reported why the data has to go")
    PART_DESTROYED = "part_destroyed", _("A part of the person’s data was destroyed")
    PART_DESTROYED_AGAIN = (
        "part_destroyed_again",
        _("A part of the person’s data came back with a backup and was destroyed again"),
    )
    PART_ORDERED = "part_destruction_ordered", _("The destruction of a part of the data was ordered")
    PART_ORDER_CANCELLED = "part_order_cancelled", _("An order to destroy a part of the data was taken back")
    SUBJECT_ANONYMISED = "subject_anonymised", _("Of the person’s data an anonymous count was kept")
    TERM_BLOCKED = "blocked_by_rule", _("The data was blocked: its term is over, and it cannot be destroyed yet")
    RULES_PREVIEWED = "retention_rules_previewed", _("A change of the retention rules was looked at")
    RULES_CONFIRMED = "retention_rules_confirmed", _("A second person confirmed the change of the retention rules")
    RULES_CHANGED = "retention_rules_changed", _("Changed retention rules came into force")
    TERM_RECOUNTED = "term_recounted", _("The term until destruction was counted anew by a changed rule")
    HOLD_PLACED = "hold_placed", _("A hold stopped the destruction")
    HOLD_CONFIRMED = "hold_confirmed", _("A second person confirmed the hold")
    HOLD_RELEASED = "hold_released", _("The hold was released")
    WARNED = "warned_of_destruction", _("The person was warned of the coming destruction")
    TOLD_OF_ORDER = "told_of_order", _("The person was told that a part of the data will be destroyed by an order")
    TOLD_ORDER_IS_OFF = "told_order_is_off", _("The person was told that nothing is destroyed for the order any more")
    MASS_RUN_AGREED = "mass_run_agreed", _("A large run of destruction was agreed to")
    ACT_TAKEN = "destruction_act_taken", _("An act of destruction was taken out")
    PROOF_DESTROYED = "destruction_proof_destroyed", _("Proof of destruction was destroyed after its three years")
    SUBJECT_DESTROYED_AGAIN = (
        "subject_destroyed_again",
        _("The person’s data came back with a backup and was destroyed again"),
    )
