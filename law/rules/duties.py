"""Terms that run without anybody asking: unlawful processing, reached purposes, evidence, regular control."""

from datetime import date
from typing import Final

from django.utils.translation import gettext_lazy as _

from law.rules.requests import ACT_IN_FORCE, AMENDED_2011
from law.rules.shape import Addressee, Confidence, DeadlineRule, Kind, Unit

UNLAWFUL_FOUND: Final = _("unlawful processing is detected")

RULES: Final = (
    DeadlineRule(
        id="D08",
        name="STOP_UNLAWFUL",
        title=_("Stop unlawful processing"),
        trigger=UNLAWFUL_FOUND,
        amount=3,
        unit=Unit.WORKING_DAYS,
        addressee=Addressee.OPERATOR,
        produces=_("processing stopped, also at those who process on the operator's instruction"),
        article="152-FZ 21.3",
        effective_from=AMENDED_2011,
    ),
    DeadlineRule(
        id="D09",
        name="DESTROY_UNLAWFUL",
        title=_("Destroy data that cannot be processed lawfully"),
        trigger=UNLAWFUL_FOUND,
        amount=10,
        unit=Unit.WORKING_DAYS,
        addressee=Addressee.SUBJECT,
        produces=_("destruction and a notice to the person, and to Roskomnadzor if it asked"),
        article="152-FZ 21.3",
        effective_from=AMENDED_2011,
    ),
    DeadlineRule(
        id="D12",
        name="PURPOSE_REACHED",
        title=_("Destroy after the purpose is reached"),
        trigger=_("the purpose is reached"),
        amount=30,
        unit=Unit.CALENDAR_DAYS,
        addressee=Addressee.OPERATOR,
        produces=_("processing stopped, destruction with proof"),
        article="152-FZ 21.4",
        effective_from=AMENDED_2011,
        note=_("A contract with the person may set another term."),
    ),
    DeadlineRule(
        id="D15",
        name="FALLBACK_BLOCK",
        title=_("Destroy what could not be destroyed in time"),
        trigger=_("the term of D09, D12, D13 or D14 starts and cannot be met for technical reasons"),
        amount=6,
        unit=Unit.MONTHS,
        addressee=Addressee.OPERATOR,
        produces=_("blocked data with the reason, destruction with proof later"),
        article="152-FZ 21.6",
        effective_from=AMENDED_2011,
        open_question=_("The law does not say where the six months start; they are counted from the first event."),
    ),
    DeadlineRule(
        id="D27",
        name="DESTRUCTION_PROOF_KEEP",
        title=_("Keep the proof of destruction"),
        trigger=_("the data is destroyed"),
        amount=36,
        unit=Unit.MONTHS,
        kind=Kind.KEEP,
        addressee=Addressee.OPERATOR,
        produces=_("the act of destruction and the extract of the log"),
        article="RKN Order 179, 8",
        effective_from=date(2023, 3, 1),
        effective_to=date(2029, 2, 28),
    ),
    DeadlineRule(
        id="D28",
        name="SECURITY_CONTROL",
        title=_("Check the measures of protection"),
        trigger=_("the last check"),
        amount=36,
        unit=Unit.MONTHS,
        addressee=Addressee.OPERATOR,
        produces=_("a record of the check"),
        article="Decree 1119, 17; FSTEC Order 21, 6",
        effective_from=date(2012, 11, 15),
    ),
    DeadlineRule(
        id="D29",
        name="SPECIAL_CATEGORY_STOP",
        title=_("Stop processing special categories"),
        trigger=_("the reason for processing them is gone"),
        unit=Unit.IMMEDIATE,
        addressee=Addressee.OPERATOR,
        produces=_("processing stopped"),
        article="152-FZ 10.4",
        effective_from=ACT_IN_FORCE,
        confidence=Confidence.LIKELY,
    ),
)
