"""The first words of an answer or a refusal, in the language in which the person asked. Staff write on from there."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

import profiles
from subject_requests import contested
from subject_requests.kinds import RequestKind
from subject_requests.models import Request
from subject_requests.norms import NORMS


def answer_to(filed: Request) -> str:
    """A paragraph for each thing that was asked."""
    with translation.override(filed.language):
        said = [_ANSWERS[kind](filed) for kind in filed.asked]
        return "\n\n".join([*said, *_dropped(filed)])


def refusal_of(filed: Request, norm: str) -> str:
    """By the norm, with room for the reasons, and the ways to complain (articles 17 and 20, part 2)."""
    with translation.override(filed.language):
        known = NORMS.get(norm)
        ground = f"{known.article}: {known.reason}" if known else ""
        opening = _("We have considered your request %(number)s and cannot grant it.") % {"number": filed.number}
        reasons = _("The ground: %(ground)s.") % {"ground": ground} if ground else ""
        return "\n\n".join(part for part in (opening, reasons, how_to_complain()) if part)


def notice_of_extension(filed: Request) -> str:
    with translation.override(filed.language):
        return _(
            "We need up to five working days more to answer your request %(number)s "
            "(Personal Data Law, article 14, part 3). The reason:"
        ) % {"number": filed.number}


def how_to_complain() -> str:
    return _(
        "If you do not agree, you may complain to Roskomnadzor (https://rkn.gov.ru/treatments/) or go to court, "
        "and claim your losses and compensation for moral harm (Personal Data Law, article 17)."
    )


def _access(filed: Request) -> str:
    return _(
        "We process your personal data. On your own page you see all of it: each value, why and on what basis we "
        "process it, from whom it came, until when it is kept and who may see it.\n\n"
        "%(page)s\n\n"
        "You can take the same away as a file: %(download)s"
    ) % {"page": f"{settings.BASE_URL}/me/", "download": f"{settings.BASE_URL}/me/download/"}


def _clarification(filed: Request) -> str:
    return _("We have corrected your data as you asked, and tell those who received it from us.")


def _blocking(filed: Request) -> str:
    return _(
        "Your data was blocked when we received your request and stays so while we check it. Only what the check needs "
        "goes on."
    )


def _unblocking(filed: Request) -> str:
    return _("The block of your data is lifted; everything works as before.")


def _destruction(filed: Request) -> str:
    clock = filed.clocks.filter(rule="D13").first()
    return _(
        "We have blocked your data and will destroy it by %(day)s at the latest. The proof of destruction is kept for "
        "three years and holds no data of yours."
    ) % {"day": date_format(clock.due_on if clock else filed.due_on, "j E Y")}


def _dropped(filed: Request) -> list[str]:
    """The person reads what was taken off their request, and may say that it was meant."""
    kinds = [RequestKind(code) for code in filed.dropped_kinds.values_list("kind", flat=True)]
    dropped = [str(kind.label) for kind in dict.fromkeys(kinds) if not filed.asks(kind)]
    if not dropped:
        return []
    return [
        _("We take it that your message does not ask for: %(kinds)s. If it does, write to us, and we do that too.")
        % {"kinds": "; ".join(dropped)}
    ]


def _unneeded(filed: Request) -> str:
    chosen = contested.of(filed)
    if chosen and not chosen.everything:
        return _(
            "You have shown that a part of your data was obtained unlawfully or is not needed for its purpose: "
            "%(parts)s. We destroy it, and tell those who received it from us; the rest stays as it was. The receipt "
            "stands on the page of your request."
        ) % {"parts": "; ".join(contested.words_of(chosen))}
    clock = filed.clocks.filter(rule="D05").first()
    return _(
        "You have shown that your data was obtained unlawfully or is not needed for its purpose. We have blocked it, "
        "destroy it by %(day)s at the latest, and tell those who received it from us."
    ) % {"day": date_format(clock.due_on if clock else filed.due_on, "j E Y")}


def _stop_dissemination(filed: Request) -> str:
    return _(
        "We make your data public no more: your consents to that ended the moment we received your demand, and whoever "
        "received the data from us that way is told to stop."
    )


def _withdrawal(filed: Request) -> str:
    if filed.consents:
        titles = [
            purpose.title.in_language(filed.language)
            for code, purpose in profiles.current().purposes.items()
            if code in filed.consents
        ]
        return _(
            "These consents of yours are withdrawn, and what we did on them has stopped: %(consents)s. What was held "
            "for them alone is destroyed within 30 days of the receipt of your request."
        ) % {"consents": "; ".join(titles)}
    return _(
        "Your consents are withdrawn and what we did on them has stopped. What was held for them alone is destroyed "
        "within 30 days of the receipt of your request; what we need for the contract with you or by law stays."
    )


def _stop_processing(filed: Request) -> str:
    return _(
        "We have stopped all processing that rests on your consent, advertising included. What the contract with you "
        "or the law demands goes on (Personal Data Law, article 21, part 5.1)."
    )


def _stop_ads(filed: Request) -> str:
    return _("We send you no more advertising: it stopped the moment we received your request.")


def _auto_decision(filed: Request) -> str:
    return _("A person has looked at the decision you object to. The result:")


def _complaint(filed: Request) -> str:
    name = profiles.current().operator.short_name.in_language(filed.language)
    return _("%(operator)s has looked into your complaint. What we found and what we have done:") % {"operator": name}


_ANSWERS: Final[Mapping[RequestKind, Callable[[Request], str]]] = MappingProxyType(
    {
        RequestKind.ACCESS: _access,
        RequestKind.CLARIFICATION: _clarification,
        RequestKind.BLOCKING: _blocking,
        RequestKind.UNBLOCKING: _unblocking,
        RequestKind.DESTRUCTION: _destruction,
        RequestKind.UNNEEDED: _unneeded,
        RequestKind.WITHDRAWAL: _withdrawal,
        RequestKind.STOP_PROCESSING: _stop_processing,
        RequestKind.STOP_ADS: _stop_ads,
        RequestKind.STOP_DISSEMINATION: _stop_dissemination,
        RequestKind.AUTO_DECISION: _auto_decision,
        RequestKind.COMPLAINT: _complaint,
    }
)
