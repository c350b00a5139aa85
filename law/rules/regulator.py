"""Terms towards Roskomnadzor: incidents, its questions, notifications, transfers abroad."""

from datetime import date
from typing import Final

from django.utils.translation import gettext_lazy as _

from law.rules.requests import AMENDED_2011, AMENDED_2022, UNTIL_2022
from law.rules.shape import Addressee, Confidence, DeadlineRule, Extension, Unit

TRANSFERS_2023: Final = date(2023, 3, 1)  # 266-FZ, second part
INCIDENT_DETECTED: Final = _("the incident is detected, by anybody")
REGULATOR_ASKS: Final = _("Roskomnadzor's question is received")
FIVE_MORE_DAYS: Final = Extension(
    amount=5, condition=_("a notice with the reasons is sent to Roskomnadzor before the first term ends")
)

RULES: Final = (
    DeadlineRule(
        id="D10",
        name="INCIDENT_24H",
        title=_("First notice of an incident"),
        trigger=INCIDENT_DETECTED,
        amount=24,
        unit=Unit.HOURS,
        addressee=Addressee.REGULATOR,
        produces=_("the incident, its likely causes and harm, the measures taken, a contact"),
        article="152-FZ 21.3.1(1); RKN Order 187",
        effective_from=AMENDED_2022,
    ),
    DeadlineRule(
        id="D11",
        name="INCIDENT_72H",
        title=_("Second notice of an incident"),
        trigger=INCIDENT_DETECTED,
        amount=72,
        unit=Unit.HOURS,
        addressee=Addressee.REGULATOR,
        produces=_("the result of the inquiry, and who caused the incident, if anybody"),
        article="152-FZ 21.3.1(2); RKN Order 187",
        effective_from=AMENDED_2022,
        note=_("Counted from the same moment as the first notice, not from that notice."),
    ),
    DeadlineRule(
        id="D21",
        name="RKN_REQUEST",
        title=_("Answer Roskomnadzor"),
        trigger=REGULATOR_ASKS,
        amount=30,
        unit=Unit.CALENDAR_DAYS,
        addressee=Addressee.REGULATOR,
        produces=_("the information asked for"),
        article="152-FZ 20.4",
        effective_from=AMENDED_2011,
        effective_to=UNTIL_2022,
    ),
    DeadlineRule(
        id="D21",
        name="RKN_REQUEST",
        title=_("Answer Roskomnadzor"),
        trigger=REGULATOR_ASKS,
        amount=10,
        unit=Unit.WORKING_DAYS,
        extension=FIVE_MORE_DAYS,
        addressee=Addressee.REGULATOR,
        produces=_("the information asked for"),
        article="152-FZ 20.4",
        effective_from=AMENDED_2022,
    ),
    DeadlineRule(
        id="D22",
        name="RKN_NOTICE",
        title=_("Notify Roskomnadzor of the processing"),
        trigger=_("processing begins"),
        unit=Unit.BEFORE,
        addressee=Addressee.REGULATOR,
        produces=_("the notification of RKN Order 180"),
        article="152-FZ 22.1, 22.4",
        effective_from=AMENDED_2022,
        note=_("Roskomnadzor enters the operator in its register within 30 calendar days."),
    ),
    DeadlineRule(
        id="D23",
        name="RKN_CHANGE",
        title=_("Notify Roskomnadzor of a change"),
        trigger=_("a fact named in the notification changes"),
        amount=15,
        unit=Unit.DAY_OF_NEXT_MONTH,
        addressee=Addressee.REGULATOR,
        produces=_("the notification of the change"),
        article="152-FZ 22.7",
        effective_from=AMENDED_2022,
    ),
    DeadlineRule(
        id="D24",
        name="RKN_END",
        title=_("Notify Roskomnadzor of the end of processing"),
        trigger=_("processing ends"),
        amount=10,
        unit=Unit.WORKING_DAYS,
        addressee=Addressee.REGULATOR,
        produces=_("the notification of the end"),
        article="152-FZ 22.7",
        effective_from=AMENDED_2022,
    ),
    DeadlineRule(
        id="D25",
        name="XBORDER_NOTICE",
        title=_("Notify Roskomnadzor of a transfer abroad"),
        trigger=_("the transfer begins"),
        unit=Unit.BEFORE,
        addressee=Addressee.REGULATOR,
        produces=_("a notification of its own, apart from the general one"),
        article="152-FZ 12.3–12.11",
        effective_from=TRANSFERS_2023,
        confidence=Confidence.LIKELY,
        note=_(
            "Roskomnadzor considers it for up to 10 working days; "
            "to a country outside of its list nothing goes before that."
        ),
    ),
    DeadlineRule(
        id="D26",
        name="XBORDER_INFO",
        title=_("Tell Roskomnadzor about recipients abroad"),
        trigger=REGULATOR_ASKS,
        amount=10,
        unit=Unit.WORKING_DAYS,
        extension=FIVE_MORE_DAYS,
        addressee=Addressee.REGULATOR,
        produces=_("what is known about the recipients abroad"),
        article="152-FZ 12.6",
        effective_from=TRANSFERS_2023,
        confidence=Confidence.LIKELY,
    ),
)
